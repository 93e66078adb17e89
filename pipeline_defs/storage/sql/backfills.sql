-- name: add
-- A unit that a backfill has queued; the first one brings the backfill into being.
insert into app.backfills (
    org_id, id, actor, line, since, reasons, budget_usd, most, unit_ids, parts, cost_usd)
values (app.current_org(), %(id)s, %(actor)s, %(line)s, %(since)s, %(reasons)s, %(budget_usd)s,
        %(most)s, array[%(unit_id)s::text], %(parts)s, %(cost_usd)s::float8::numeric)
on conflict (org_id, id) do update
set unit_ids = app.backfills.unit_ids || excluded.unit_ids,
    parts = app.backfills.parts + excluded.parts,
    cost_usd = app.backfills.cost_usd + excluded.cost_usd

-- name: listed
-- Newest first, with what became of their units. Whole: completed, looked at since, and nothing of it
-- is wanting. In work is also what nobody has looked at since it ended.
with chosen as (
    select b.*, k.name as actor_name from app.backfills b
    left join app.api_keys k on k.org_id = b.org_id and 'key:' || k.key_id = b.actor
    where b.org_id = app.current_org()
      and (%(before_at)s::timestamptz is null
           or (b.started_at, b.id) < (%(before_at)s::timestamptz, %(before_id)s::text))
    order by b.started_at desc, b.id desc limit %(most)s)
select c.id, c.started_at, c.actor, c.actor_name, c.line, c.since, c.reasons, c.budget_usd,
       c.most as limit, c.parts, c.cost_usd, cardinality(c.unit_ids) as units,
       n.whole, n.in_work, cardinality(c.unit_ids) - n.whole - n.in_work as wanting
from chosen c
cross join lateral (
    select count(*) filter (where s.stands = 'whole') as whole,
           count(*) filter (where s.stands = 'in work') as in_work
    from (
        select case
            when u.status in ('queued', 'generating') then 'in work'
            when u.status = 'cancelled' then 'wanting'
            when u.inspected_at is null or u.updated_at > u.inspected_at then 'in work'
            when u.status = 'completed' and not exists (
                select from app.wanting w where w.org_id = u.org_id and w.unit_id = u.id) then 'whole'
            else 'wanting' end as stands
        from app.units u where u.org_id = c.org_id and u.id = any (c.unit_ids)) s) n
order by c.started_at desc, c.id desc
