-- name: append
-- Numbered per unit in the order given, without gaps: the counters are taken and the events stored
-- in one statement.
with told as (
    select t.unit_id, t.event, row_number() over (partition by t.unit_id order by t.place) as number
    from unnest(%(unit_ids)s::text[], %(events)s::jsonb[])
        with ordinality as t (unit_id, event, place)
), counted as (
    update app.units u set progress_seq = u.progress_seq + c.events
    from (select unit_id, count(*) as events from told group by unit_id) c
    where u.id = c.unit_id returning u.org_id, u.id, u.progress_seq - c.events as before
)
insert into app.progress_events (org_id, unit_id, seq, event)
select c.org_id, c.id, c.before + t.number, t.event from counted c join told t on t.unit_id = c.id
returning unit_id, seq

-- name: after
select seq, event, created_at from app.progress_events
where unit_id = %(unit_id)s and seq > %(seq)s order by seq limit %(most)s

-- name: bounds
select coalesce(min(p.seq), 0) as first_seq,
       (select progress_seq from app.units where id = %(unit_id)s) as last_seq
from app.progress_events p where p.unit_id = %(unit_id)s

-- name: purge
select app.purge_progress(%(days)s, %(most)s) as purged
