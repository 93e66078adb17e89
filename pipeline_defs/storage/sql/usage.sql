-- name: add
-- What a call used; the same call under the same idempotency key counts once.
insert into app.usage (
    org_id, unit_id, kind, asset, partition, step, capability, provider, model, input_tokens,
    output_tokens, quantity, quantity_unit, cost_usd, cost_source, idempotency_key)
select app.current_org(), r.unit_id, r.kind, r.asset, r.partition, r.step, r.capability, r.provider,
       r.model, r.input_tokens, r.output_tokens, r.quantity, r.quantity_unit, r.cost_usd,
       r.cost_source, r.idempotency_key
from jsonb_to_recordset(%(rows)s) as r (
    unit_id text, kind text, asset text, partition text, step text, capability text, provider text,
    model text, input_tokens bigint, output_tokens bigint, quantity numeric, quantity_unit text,
    cost_usd numeric, cost_source text, idempotency_key text)
on conflict (org_id, idempotency_key, capability, model) do nothing

-- name: of_unit
select partition, asset, step, capability, provider, model,
       sum(input_tokens)::bigint as input_tokens,
       sum(output_tokens)::bigint as output_tokens, sum(quantity) as quantity, quantity_unit,
       count(*) as calls, sum(cost_usd) as cost_usd
from app.usage where unit_id = %(unit_id)s
group by partition, asset, step, capability, provider, model, quantity_unit
order by partition, step

-- name: total_of_unit
select coalesce(sum(cost_usd), 0) as cost_usd from app.usage where unit_id = %(unit_id)s

-- name: grouped
-- Calls of whole days (UTC), summed by whatever is asked for; what is not, is null. The totals are
-- of all groups, also of those beyond `most`.
select case when %(by_day)s then (g.used_at at time zone 'UTC')::date end as day,
       case when %(by_line)s then g.kind end as line,
       case when %(by_unit)s then g.unit_id end as unit,
       case when %(by_asset)s then g.asset end as asset,
       case when %(by_provider)s then g.provider end as provider,
       case when %(by_model)s then g.model end as model,
       count(*) as calls, sum(g.input_tokens)::bigint as input_tokens,
       sum(g.output_tokens)::bigint as output_tokens, sum(g.cost_usd) as cost_usd,
       coalesce(sum(g.cost_usd) filter (where g.cost_source = 'reported'), 0) as reported_usd,
       (sum(count(*)) over ())::bigint as total_calls, sum(sum(g.cost_usd)) over () as total_usd
from app.usage g
where g.used_at >= %(since)s::date::timestamp at time zone 'UTC'
  and g.used_at < (%(until)s::date + 1)::timestamp at time zone 'UTC'
  and (%(line)s::text is null or g.kind = %(line)s)
  and (%(unit)s::text is null or g.unit_id = %(unit)s)
  and (%(asset)s::text is null or g.asset = %(asset)s)
  and (%(provider)s::text is null or g.provider = %(provider)s)
  and (%(model)s::text is null or g.model = %(model)s)
group by 1, 2, 3, 4, 5, 6
order by 1 desc nulls last, sum(g.cost_usd) desc, 2, 3, 4, 5, 6
limit %(most)s

-- name: by_day
select (used_at at time zone 'UTC')::date as day, sum(cost_usd) as cost_usd from app.usage
where used_at >= %(since)s::date::timestamp at time zone 'UTC'
  and (%(line)s = '' or kind = %(line)s)
group by 1

-- name: by_day_everywhere
-- What all organizations together spent on each day, where nobody asks for one of them.
select d.day::date as day, sum(c.cost_usd) as cost_usd
from generate_series(%(since)s::date::timestamp, %(until)s::date, interval '1 day') d (day)
cross join lateral app.costs_by_organization(d.day::date, d.day::date) c
group by 1

-- name: by_organization
select organization, calls, cost_usd from app.costs_by_organization(%(since)s, %(until)s)

-- name: of_day
select kind, spent_usd, finished, usd_per_unit from app.costs_of_day(%(day)s)
