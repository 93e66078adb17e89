-- name: create
-- A new unit in its initial state, due for dispatch at once.
insert into app.units (org_id, id, kind, status, title, steps_total, created_by)
values (app.current_org(), %(id)s, %(kind)s, %(status)s, %(title)s, %(steps_total)s, %(created_by)s)

-- name: get
select u.*, coalesce((select sum(cost_usd) from app.usage where unit_id = u.id), 0) as cost_usd
from app.units u where u.id = %(id)s

-- name: lock
select * from app.units where id = %(id)s for update

-- name: list
-- Newest first; `before` is the (created_at, id) of the last row of the page before.
select u.*, coalesce((select sum(cost_usd) from app.usage where unit_id = u.id), 0) as cost_usd
from app.units u
where (%(kind)s::text is null or u.kind = %(kind)s)
  and (%(status)s::text is null or u.status = %(status)s)
  and (%(before_at)s::timestamptz is null
       or (u.created_at, u.id) < (%(before_at)s::timestamptz, %(before_id)s::text))
order by u.created_at desc, u.id desc
limit %(most)s

-- name: set_status
-- To a state in which something is still to come.
update app.units
set status = %(status)s, stage = coalesce(%(stage)s, stage), error = null, updated_at = now(),
    started_at = case when %(status)s = 'generating' then coalesce(started_at, now()) else started_at end,
    finished_at = null
where id = %(id)s

-- name: set_progress
update app.units
set stage = %(stage)s, steps_done = %(steps_done)s, steps_total = %(steps_total)s, updated_at = now()
where id = %(id)s

-- name: set_title
update app.units set title = %(title)s, updated_at = now() where id = %(id)s

-- name: touch
-- A part of it was changed by a person.
update app.units set edits = edits + 1, updated_at = now() where id = %(id)s

-- name: make_due
-- Work for the dispatcher, now or after a delay, as a fresh series of attempts.
update app.units
set dispatch_due_at = now() + make_interval(secs => %(delay)s), dispatch_attempts = 0,
    dispatch_token = null, updated_at = now()
where id = %(id)s

-- name: due_now
-- Looked at by the dispatcher at once; a run that was asked for already is still known by its token.
update app.units
set dispatch_due_at = least(dispatch_due_at, now()), updated_at = now()
where id = %(id)s and dispatch_due_at is not null

-- name: due_at_latest
-- Looked at by the dispatcher after `delay` at the latest, also when a run was started by hand.
update app.units
set dispatch_due_at = coalesce(dispatch_due_at, now() + make_interval(secs => %(delay)s))
where id = %(id)s

-- name: not_due
update app.units set dispatch_due_at = null where id = %(id)s

-- name: postpone
update app.units set dispatch_due_at = now() + make_interval(secs => %(delay)s)
where id = any(%(ids)s)

-- name: dispatched
-- A run was asked for: look again after `delay` in case nobody claims a unit.
update app.units
set dispatch_attempts = dispatch_attempts + 1, dispatch_token = %(token)s,
    dispatch_due_at = now() + make_interval(secs => %(delay)s)
where id = any(%(ids)s)

-- name: not_launched
-- Dagster did not answer: this does not count as an attempt. The token stays, as the run may exist.
update app.units
set dispatch_attempts = greatest(0, dispatch_attempts - 1),
    dispatch_due_at = now() + make_interval(secs => %(delay)s)
where id = any(%(ids)s)

-- name: request_cancel
update app.units set cancel_requested_at = coalesce(cancel_requested_at, now()), updated_at = now()
where id = %(id)s

-- name: clear_cancel
update app.units set cancel_requested_at = null where id = %(id)s

-- name: is_claimed
select claim_expires_at is not null and claim_expires_at >= now() as claimed, claim_run_id
from app.units where id = %(id)s

-- name: fenced
-- The guard of every commit: a unit that is missing was taken over by another worker. Locked in the
-- order of their ids, so that two who want the same never wait for each other.
select u.id, u.fence, u.edits, u.cancel_requested_at is not null as cancel_requested
from unnest(%(ids)s::text[], %(fences)s::bigint[]) as held (id, fence)
join app.units u on u.id = held.id and u.fence = held.fence
order by u.id for update of u

-- name: release_claim
update app.units
set claim_holder = null, claim_run_id = null, claim_expires_at = null
where id = %(id)s and fence = %(fence)s

-- name: finish
-- A settled unit is not due and belongs to nobody: a frozen worker that wakes up finds its fence
-- outdated.
update app.units
set status = %(status)s, stage = %(status)s, error = %(error)s, updated_at = now(),
    finished_at = now(), dispatch_due_at = null, cancel_requested_at = null, fence = fence + 1,
    claim_holder = null, claim_run_id = null, claim_expires_at = null
where id = %(id)s

-- name: claim
select * from app.claim_unit(%(id)s, %(holder)s, %(run_id)s, %(ancestors)s, %(lease)s)

-- name: claim_of
select * from app.claim_of(%(id)s)

-- name: organization_of
select app.organization_of(%(id)s) as org_id

-- name: extend_claims
select * from app.extend_claims(%(ids)s, %(fences)s, %(lease)s)

-- name: claim_dispatch
select * from app.claim_dispatch(%(most)s, %(lease)s)

-- name: notify_dispatch
select pg_notify('pipeline_dispatch', '')

-- name: queue_counts
select kind, status, count(*) as units from app.units group by kind, status

-- name: queue_counts_everywhere
select kind, status, sum(units)::bigint as units from app.queue_counts() group by kind, status

