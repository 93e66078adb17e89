-- name: progress_of_units
-- What happened since `seqs` to the units `ids`, for all readers of one organization at once.
select p.unit_id, p.seq, p.event
from unnest(%(ids)s::text[], %(seqs)s::bigint[]) as followed (unit_id, seq)
join app.progress_events p on p.unit_id = followed.unit_id and p.seq > followed.seq
order by p.unit_id, p.seq limit %(most)s

-- name: revision_is_readable
select has_table_privilege('public.schema_revision', 'select') as readable
where to_regclass('public.schema_revision') is not null

-- name: revision
select version_num from public.schema_revision

-- name: transitions
select machine, from_state, to_state from app.transitions

-- name: ready
select 1 as ready
