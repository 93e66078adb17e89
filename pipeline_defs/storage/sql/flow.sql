-- name: lock
-- One decision at a time about the events of a key.
select pg_advisory_xact_lock(hashtextextended(
    jsonb_build_array(app.current_org(), %(event_type)s::text, %(key)s::text)::text, 0))

-- name: try_lock
select pg_try_advisory_xact_lock(hashtextextended(
    jsonb_build_array(app.current_org(), %(event_type)s::text, %(key)s::text)::text, 0)) as locked

-- name: enter
-- The next place under the key, in the order of arrival.
update app.inbox set flow_key = %(key)s, flow_place = nextval('app.inbox_places')
where source = %(source)s and event_id = %(event_id)s
returning flow_place

-- name: waiting
-- Events that wait under the key, first come first.
select source, event_id, body, due_at <= clock_timestamp() as is_due from app.inbox
where event_type = %(event_type)s and flow_key = %(key)s and status = 'received'
order by flow_place limit %(most)s for update

-- name: due
select source, event_id, body, flow_place from app.inbox
where source = %(source)s and event_id = %(event_id)s and status = 'received'
  and due_at <= clock_timestamp() for update

-- name: hold
update app.inbox set due_at = clock_timestamp() + make_interval(secs => %(delay)s)
where source = %(source)s and event_id = %(event_id)s

-- name: take
update app.inbox set taken_at = clock_timestamp(), due_at = null
where (source, event_id) in (select * from unnest(%(sources)s::text[], %(ids)s::text[]))

-- name: debounce
-- The quiet period begins again; the event stands for those before it.
with before as (
    select min(flow_since) as flow_since from app.inbox
    where event_type = %(event_type)s and flow_key = %(key)s and status = 'received'
      and (source, event_id) <> (%(source)s, %(event_id)s))
update app.inbox i
set flow_since = coalesce(b.flow_since, clock_timestamp()),
    due_at = least(clock_timestamp() + make_interval(secs => %(quiet)s),
                   coalesce(b.flow_since, clock_timestamp()) + make_interval(secs => %(at_most)s))
from before b where i.source = %(source)s and i.event_id = %(event_id)s

-- name: supersede
update app.inbox set status = 'ignored', reason = %(reason)s, due_at = null
where event_type = %(event_type)s and flow_key = %(key)s and status = 'received'
  and (source, event_id) <> (%(source)s, %(event_id)s)

-- name: ripen
-- The first of a full batch is due at once, and with it the batch.
with waiting as (
    select source, event_id, row_number() over (order by flow_place) as number from app.inbox
    where event_type = %(event_type)s and flow_key = %(key)s and status = 'received'
    order by flow_place limit %(size)s)
update app.inbox i set due_at = least(due_at, clock_timestamp()) from waiting w
where w.number = 1 and i.source = w.source and i.event_id = w.event_id
  and (select count(*) from waiting) >= %(size)s

-- name: turn
-- When it is an event's turn: after those that wait before it, and a period after the one that came
-- `limit` places earlier.
with before as (
    (select flow_place, true as waits, greatest(due_at, clock_timestamp()) as start from app.inbox
     where event_type = %(event_type)s and flow_key = %(key)s and status = 'received'
       and flow_place < %(place)s
     order by flow_place desc limit %(most)s)
    union all
    (select flow_place, false, taken_at from app.inbox
     where event_type = %(event_type)s and flow_key = %(key)s and taken_at is not null
       and flow_place < %(place)s
     order by flow_place desc limit %(most)s)),
turn as (
    select coalesce(bool_or(waits), false) as waits, greatest(clock_timestamp(), max(start),
        (select start from before order by waits desc, flow_place desc offset %(most)s::bigint - 1 limit 1)
            + make_interval(secs => %(period)s)) as begins
    from before)
select not waits and begins <= clock_timestamp() as has_come,
       greatest(0, extract(epoch from begins - clock_timestamp()))::double precision as delay
from turn
