-- name: inbox_overdue
select * from app.inbox_overdue(%(seconds)s, %(most)s)

-- name: bury
-- Not processed for too long: kept as dead. Whoever processes it at this moment has it locked.
update app.inbox set status = 'dead', reason = %(reason)s, due_at = null
where source = %(source)s and event_id = %(event_id)s and status = 'received'
  and coalesce(due_at, received_at) < now() - make_interval(secs => %(seconds)s)

-- name: units_forgotten
select * from app.units_forgotten(%(grace)s, %(most)s)

-- name: units_overslept
select * from app.units_overslept(%(beyond)s, %(most)s)

-- name: readmit
-- Due now, unless somebody has taken it meanwhile. What was tried in vain still counts.
update app.units set dispatch_due_at = now()
where id = %(id)s and status in ('queued', 'generating')
  and (claim_expires_at is null or claim_expires_at < now())
  and (dispatch_due_at is null or dispatch_due_at > now() + make_interval(secs => %(beyond)s))

-- name: units_overdue
select app.units_overdue(%(seconds)s) as units

-- name: units_hung
select * from app.units_hung(%(kinds)s, %(held)s, %(silent)s, %(most)s)

-- name: dispatches_wanted
select token from app.dispatches_wanted(%(tokens)s)

-- name: units_unreported
select * from app.units_unreported(%(grace)s, %(most)s)

-- name: partitions_needed
select * from app.partitions_needed(%(within)s, %(most)s)

-- name: calls_unheard
select * from app.calls_unheard(
    %(unanswered)s, %(silent)s, %(unrecorded)s, %(within)s, %(most)s)

-- name: clips_unfetched
select app.clips_unfetched(%(seconds)s, %(within)s) as clips

-- name: blobs_referred
select sha256 from app.blobs_referred(%(hashes)s)

-- name: store
-- The report of a pass; the same run tried again replaces its own.
insert into app.reconciliations (run_id, scope, began_at, findings, faults, blobs_after)
values (%(run_id)s, %(scope)s, %(began_at)s, %(findings)s, %(faults)s, %(blobs_after)s)
on conflict (run_id) do update
set ended_at = now(), findings = excluded.findings, faults = excluded.faults,
    blobs_after = excluded.blobs_after

-- name: forget_old
delete from app.reconciliations where ended_at < now() - make_interval(days => %(days)s)

-- name: blobs_after
-- Where the last sweep of the store has stopped.
select blobs_after from app.reconciliations where scope = 'full' order by ended_at desc limit 1

-- name: newest
select run_id, scope, began_at, ended_at, findings, faults from app.reconciliations
where %(run_id)s::text is null or run_id = %(run_id)s
order by ended_at desc limit %(most)s
