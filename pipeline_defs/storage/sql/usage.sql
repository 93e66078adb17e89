-- name: add
-- What a call used; the same call under the same idempotency key counts once.
insert into app.usage (
    org_id, unit_id, partition, step, capability, provider, model, input_tokens, output_tokens,
    quantity, quantity_unit, cost_usd, cost_source, idempotency_key)
values (app.current_org(), %(unit_id)s, %(partition)s, %(step)s, %(capability)s, %(provider)s,
        %(model)s, %(input_tokens)s, %(output_tokens)s, %(quantity)s, %(quantity_unit)s,
        %(cost_usd)s, %(cost_source)s, %(idempotency_key)s)
on conflict (org_id, idempotency_key, capability, model) do nothing

-- name: of_unit
select partition, step, capability, provider, model, sum(input_tokens)::bigint as input_tokens,
       sum(output_tokens)::bigint as output_tokens, sum(quantity) as quantity, quantity_unit,
       count(*) as calls, sum(cost_usd) as cost_usd
from app.usage where unit_id = %(unit_id)s
group by partition, step, capability, provider, model, quantity_unit order by partition, step

-- name: by_day
select date_trunc('day', g.used_at)::date as day, u.kind, g.capability, g.provider, g.model,
       count(*) as calls, sum(g.cost_usd) as cost_usd
from app.usage g join app.units u on u.org_id = g.org_id and u.id = g.unit_id
where g.used_at >= now() - make_interval(days => %(days)s)
group by 1, 2, 3, 4, 5 order by 1 desc, 2, 3

-- name: this_month
select coalesce(sum(cost_usd), 0) as spent,
       (select monthly_budget_usd from app.organizations where org_id = app.current_org()) as budget
from app.usage where used_at >= date_trunc('month', now())
