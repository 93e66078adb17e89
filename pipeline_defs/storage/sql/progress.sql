-- name: append
-- Numbered per unit without gaps: the counter is taken and the event stored in one statement.
with counted as (
    update app.units set progress_seq = progress_seq + 1
    where id = %(unit_id)s returning org_id, id, progress_seq
)
insert into app.progress_events (org_id, unit_id, seq, event)
select org_id, id, progress_seq, %(event)s from counted returning seq

-- name: after
select seq, event, created_at from app.progress_events
where unit_id = %(unit_id)s and seq > %(seq)s order by seq limit %(most)s

-- name: bounds
select coalesce(min(p.seq), 0) as first_seq,
       (select progress_seq from app.units where id = %(unit_id)s) as last_seq
from app.progress_events p where p.unit_id = %(unit_id)s

-- name: purge
select app.purge_progress(%(days)s, %(most)s) as purged
