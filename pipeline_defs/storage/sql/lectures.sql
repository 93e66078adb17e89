-- name: create
insert into app.lectures (
    org_id, id, topic, seconds, language, voice, music_tracks, images_per_segment, script_given, title)
values (app.current_org(), %(id)s, %(topic)s, %(seconds)s, %(language)s, %(voice)s, %(music_tracks)s,
        %(images_per_segment)s, %(script_given)s, %(title)s)

-- name: get
select * from app.lectures where id = %(id)s

-- name: set_script
update app.lectures set title = %(title)s, description = %(description)s where id = %(id)s

-- name: put_segment
insert into app.lecture_segments (
    org_id, lecture_id, segment_order, heading, text, picture, own_text)
values (app.current_org(), %(lecture_id)s, %(segment_order)s, %(heading)s, %(text)s, %(picture)s,
        %(own_text)s)
on conflict (org_id, lecture_id, segment_order) do update
set heading = excluded.heading, text = excluded.text, picture = excluded.picture,
    own_text = excluded.own_text, updated_at = now()

-- name: segments
select segment_order, heading, text, picture, own_text from app.lecture_segments
where lecture_id = %(lecture_id)s order by segment_order

-- name: segment
select segment_order, heading, text, picture, own_text from app.lecture_segments
where lecture_id = %(lecture_id)s and segment_order = %(segment_order)s for share

-- name: edit_segment
update app.lecture_segments
set heading = coalesce(%(heading)s, heading), text = coalesce(%(text)s, text),
    picture = coalesce(%(picture)s, picture), own_text = own_text or %(own_text)s,
    updated_at = now()
where lecture_id = %(lecture_id)s and segment_order = %(segment_order)s

-- name: add_assets
-- Everything a lecture will have, as far as it is not there yet.
insert into app.lecture_assets (org_id, lecture_id, partition, asset)
select app.current_org(), %(lecture_id)s, p.partition, p.asset
from unnest(%(partitions)s::text[], %(assets)s::text[]) as p (partition, asset)
on conflict do nothing

-- name: assets
select partition, asset, status, result, error from app.lecture_assets
where lecture_id = %(lecture_id)s

-- name: set_asset_status
update app.lecture_assets a set status = r.status, error = r.error, updated_at = now()
from jsonb_to_recordset(%(rows)s) as r (
    lecture_id text, asset text, partition text, status text, error jsonb)
where a.lecture_id = r.lecture_id and a.partition = r.partition and a.asset = r.asset

-- name: reset_assets
-- Back to waiting, the named ones that are not at work.
update app.lecture_assets a set status = 'pending', error = null, updated_at = now()
from jsonb_to_recordset(%(rows)s) as r (lecture_id text, asset text, partition text)
where a.lecture_id = r.lecture_id and a.partition = r.partition and a.asset = r.asset
  and a.status <> 'pending'

-- name: reset_unfinished
-- Back to waiting: what was at work when its worker stopped.
update app.lecture_assets set status = 'pending', updated_at = now()
where lecture_id = %(lecture_id)s and status = 'working'

-- name: store_result
update app.lecture_assets a
set status = r.status, result = r.result, error = null, updated_at = now()
from jsonb_to_recordset(%(rows)s) as r (
    lecture_id text, asset text, partition text, status text, result jsonb)
where a.lecture_id = r.lecture_id and a.partition = r.partition and a.asset = r.asset

-- name: lose_result
-- Its file is missing or broken: to be made again.
update app.lecture_assets set status = 'pending', result = null, error = %(error)s, updated_at = now()
where lecture_id = %(lecture_id)s and partition = %(partition)s and asset = %(asset)s

-- name: count
-- Its script, film and music, if any, and the assets of each segment: of these so many are settled.
update app.units u
set stage = %(stage)s, steps_done = c.done, steps_total = greatest(c.wanted, c.total),
    updated_at = now()
from (
    select l.id, count(a.asset) as total,
           count(*) filter (where a.status in ('ready', 'failed', 'skipped')) as done,
           2 + (l.music_tracks > 0)::integer
               + %(per_segment)s * (l.seconds / %(segment_seconds)s) as wanted
    from app.lectures l
    left join app.lecture_assets a on a.org_id = l.org_id and a.lecture_id = l.id
    where l.id = %(lecture_id)s group by l.org_id, l.id
) c
where u.id = c.id

-- name: results_with
-- Results that name a file, by its hash; those of segments before those of the whole lecture.
select partition, asset, result from app.lecture_assets
where lecture_id = %(lecture_id)s and position(%(sha256)s in result::text) > 0
order by partition = lecture_id, partition, asset
