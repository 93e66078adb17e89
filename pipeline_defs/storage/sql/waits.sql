-- name: begin
-- `generation`: of all that was made for the unit.
insert into app.waits (org_id, unit_id, name, generation, events, match, path, value, since, until)
select app.current_org(), %(unit_id)s, %(wait)s, coalesce(sum(g.generation), 0), %(events)s, %(match)s,
       %(path)s, %(value)s, clock_timestamp() - make_interval(secs => %(look_back)s),
       clock_timestamp() + make_interval(secs => %(timeout)s)
from app.generations g where g.unit_id = %(unit_id)s

-- name: get
-- An outdated wait is one of a unit of which something was made anew on purpose since.
select w.*, until <= clock_timestamp() as is_over,
       greatest(0, extract(epoch from until - clock_timestamp()))::double precision as seconds_left,
       status = 'waiting' and not looked_again and
           least(until, began_at + make_interval(secs => %(look_again)s)) <= clock_timestamp()
           as is_to_look_again,
       greatest(since, began_at - make_interval(secs => %(look_again)s)) as look_again_from,
       generation <> (select coalesce(sum(g.generation), 0) from app.generations g
                      where g.unit_id = w.unit_id) as is_outdated
from app.waits w where unit_id = %(unit_id)s and name = %(wait)s for update of w

-- name: forget
delete from app.waits where unit_id = %(unit_id)s and name = %(wait)s

-- name: arrived
-- Events of the types, from `since` to `until`, that came after the one named, in order of arrival.
select source, event_id, event_type, body, received_at from app.inbox
where event_type = any (%(events)s::text[]) and received_at between %(since)s and %(until)s
  and (received_at, source, event_id) > (%(after_at)s::timestamptz, %(after_source)s, %(after_id)s)
  and status in ('done', 'ignored') and (flow_key is null or taken_at is not null)
order by received_at, source, event_id limit %(most)s

-- name: looked_again
update app.waits set looked_again = true where unit_id = %(unit_id)s and name = %(wait)s

-- name: hear
update app.waits set status = 'heard', source = %(source)s, event_id = %(event_id)s
where unit_id = %(unit_id)s and name = %(wait)s and status = 'waiting'

-- name: time_out
update app.waits set status = 'timed_out'
where unit_id = %(unit_id)s and name = %(wait)s and status = 'waiting'

-- name: open_paths
-- Each path that somebody waits with, found in as many steps in the index as there are paths.
with recursive paths as (
    (select w.path from app.waits w where w.status = 'waiting' order by w.path limit 1)
    union all
    select (select w.path from app.waits w where w.status = 'waiting' and w.path > p.path
            order by w.path limit 1)
    from paths p where p.path is not null)
select path from paths where path is not null

-- name: open_for
-- Waits that an event may end, after the one named, by unit and name.
select w.unit_id, w.name, w.match from app.waits w
where w.status = 'waiting' and %(event_type)s::text = any (w.events) and w.until > clock_timestamp()
  and (w.path, w.value) in (select * from unnest(%(paths)s::text[], %(values)s::text[]))
  and (w.unit_id, w.name) > (%(after_unit)s, %(after_name)s)
order by w.unit_id, w.name limit %(most)s
