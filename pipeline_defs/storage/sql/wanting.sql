-- name: to_inspect
select * from app.units_to_inspect(%(kind)s, %(version)s, %(most)s)

-- name: look_at_again
-- Units of a kind whose sources have changed: another product feed.
update app.units set inspected_at = null
where kind = %(kind)s and status in ('completed', 'incomplete', 'failed')

-- name: clear
-- What was found of a unit before; a corrupt file that was found since its last change still counts.
delete from app.wanting w using app.units u
where u.id = %(unit_id)s and w.unit_id = u.id
  and (w.standing <> 'corrupt' or w.found_at < u.updated_at)

-- name: put
insert into app.wanting (org_id, unit_id, asset, partition, standing, error, refused)
select app.current_org(), %(unit_id)s, f.asset, f.partition, f.standing, f.error,
       coalesce(f.refused, false)
from jsonb_to_recordset(%(found)s)
    as f (asset text, partition text, standing text, error jsonb, refused boolean)
on conflict (org_id, asset, partition) do update
set standing = excluded.standing, error = excluded.error, refused = excluded.refused,
    found_at = now()

-- name: inspected
-- A unit of which everything is as it should be, but for what was refused, may be backfilled as often
-- as a new one.
update app.units u
set inspected_at = now(), inspected_with = %(version)s,
    backfills = case when exists (select from app.wanting w
                                  where w.unit_id = u.id and not w.refused)
                     then backfills else 0 end
where u.id = %(unit_id)s

-- name: of_unit
select asset, partition, standing, error from app.wanting where unit_id = %(unit_id)s
order by partition, asset

-- name: units
-- Of the organization, those that wait longest first. `since`: finished then or later.
select u.id, u.kind, u.title, u.status, u.finished_at, u.backfills,
       jsonb_object_agg(f.standing, f.parts) as found
from app.units u
join lateral (
    select w.standing, count(*) as parts from app.wanting w
    where w.unit_id = u.id and w.standing = any (%(standings)s) group by 1) f on true
where u.status in ('completed', 'incomplete', 'failed')
  and (%(kind)s::text is null or u.kind = %(kind)s)
  and (%(since)s::timestamptz is null or u.finished_at >= %(since)s)
group by u.id, u.kind, u.title, u.status, u.finished_at, u.backfills
order by u.finished_at, u.id limit %(most)s

-- name: of_units
select unit_id, asset, partition, standing, error from app.wanting
where unit_id = any (%(unit_ids)s) order by unit_id, partition, asset

-- name: counts
-- Of the organization's units at rest: how many of each line want something, for what.
select u.kind, w.standing, count(distinct u.id) as units, count(*) as parts
from app.wanting w join app.units u on u.org_id = w.org_id and u.id = w.unit_id
where u.status in ('completed', 'incomplete', 'failed')
group by 1, 2

-- name: to_backfill
select * from app.units_to_backfill(%(standings)s, %(tries)s, %(most)s)

-- name: backfilled
update app.units set backfills = backfills + 1 where id = %(unit_id)s

-- name: automatically
select * from app.automatically_wanting(%(tries)s, %(most)s)

-- name: to_check
select * from app.units_to_check(%(kinds)s, %(hours)s, %(most)s)

-- name: checked
update app.units set files_checked_at = now() where id = %(unit_id)s
