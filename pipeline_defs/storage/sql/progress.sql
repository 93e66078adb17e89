-- name: append
-- Numbered per unit in the order given, without gaps: the counters are taken and the events stored
-- in one statement. A percentage that is left open is the unit's, by its counters.
with told as (
    select t.unit_id, array_agg(t.event order by t.place) as events
    from unnest(%(unit_ids)s::text[], %(events)s::jsonb[])
        with ordinality as t (unit_id, event, place)
    group by t.unit_id
), counted as (
    update app.units u set progress_seq = u.progress_seq + cardinality(t.events)
    from told t where u.id = t.unit_id
    returning u.org_id, u.id, u.progress_seq - cardinality(t.events) as before, t.events,
              least(99, round(100 * u.steps_done::float8 / greatest(1, u.steps_total))) as percentage
)
insert into app.progress_events (org_id, unit_id, seq, event)
select c.org_id, c.id, c.before + e.number,
       case when e.event -> 'percentage' = 'null'
            then jsonb_set(e.event, '{percentage}', to_jsonb(c.percentage)) else e.event end
from counted c cross join unnest(c.events) with ordinality as e (event, number)
returning unit_id, seq, event -> 'percentage' as percentage

-- name: after
select seq, event, created_at from app.progress_events
where unit_id = %(unit_id)s and seq > %(seq)s order by seq limit %(most)s

-- name: bounds
select coalesce(min(p.seq), 0) as first_seq,
       (select progress_seq from app.units where id = %(unit_id)s) as last_seq
from app.progress_events p where p.unit_id = %(unit_id)s

-- name: purge
select app.purge_progress(%(days)s, %(most)s) as purged
