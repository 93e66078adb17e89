-- name: enqueue
insert into app.generation_queue (
    org_id, id, batch_id, batch_row, priority, lane, score, reconsider_at, deadline)
select app.current_org(), n.id, %(batch_id)s, n.batch_row, n.priority, n.lane, n.score,
       n.reconsider_at, n.deadline
from unnest(%(ids)s::text[], %(batch_rows)s::integer[], %(priorities)s::text[],
            %(lanes)s::smallint[], %(scores)s::integer[], %(reconsider_ats)s::timestamptz[],
            %(deadlines)s::timestamptz[])
    as n (id, batch_row, priority, lane, score, reconsider_at, deadline)

-- name: get
select q.*, b.name as batch_name from app.generation_queue q
left join app.generation_batches b on b.org_id = q.org_id and b.id = q.batch_id
where q.id = %(id)s

-- name: rank
update app.generation_queue
set priority = %(priority)s, lane = %(lane)s, score = %(score)s, reconsider_at = %(reconsider_at)s,
    priority_given = coalesce(%(given)s, priority_given)
where id = %(id)s and status = 'pending'

-- name: amend
-- A priority that the request names now counts, and not one that was given before.
update app.generation_queue
set deadline = %(deadline)s,
    priority_given = case when %(priority_changed)s then null else priority_given end
where id = %(id)s

-- name: to_rank
select * from app.pages_to_rank(%(most)s)

-- name: admit
select app.admit_pages(%(at_once)s, %(aged_after)s, %(aged_share)s) as admitted

-- name: take_turns
select * from app.take_page_turns(
    %(present)s, %(at_once)s, %(patience)s, %(aged_after)s, %(aged_share)s, %(seen_within)s,
    %(unbegun_after)s)

-- name: joined
-- A run was started by hand for it: it need not be admitted any more.
update app.generation_queue set admitted_at = coalesce(admitted_at, now())
where id = %(id)s and status = 'pending'

-- name: attempt
update app.generation_queue set attempts = attempts + 1 where id = %(id)s returning attempts

-- name: counts
-- Lanes stand for priorities: the index on them alone answers for what waits.
select coalesce(sum(w.pages), 0)::integer as pending,
       coalesce(sum(w.pages) filter (where w.lane = 1), 0)::integer as high,
       coalesce(sum(w.pages) filter (where w.lane = 2), 0)::integer as normal,
       coalesce(sum(w.pages) filter (where w.lane = 3), 0)::integer as low,
       (select count(*)::integer from app.generation_queue p
        where p.turn_at is not null and p.status = 'processing') as processing
from (select lane, count(*) as pages from app.generation_queue
      where status = 'pending' group by lane) w

-- name: recent_seconds
-- How long the latest pages took, from their turn to their end.
select extract(epoch from completed_at - started_at)::float as seconds from app.generation_queue
where completed_at is not null and status = 'completed' and started_at is not null
order by completed_at desc limit %(most)s

-- name: state
select paused_at, starts from app.page_queues where org_id = app.current_org()

-- name: pause
insert into app.page_queues (org_id, paused_at) values (app.current_org(), now())
on conflict (org_id) do update set paused_at = coalesce(page_queues.paused_at, now())

-- name: unpause
update app.page_queues set paused_at = null where org_id = app.current_org()

-- name: jobs
-- The queue and what came out of it, the newest first.
select q.id from app.generation_queue q
where (%(status)s::text is null or q.status = %(status)s)
  and (%(priority)s::text is null or q.priority = %(priority)s)
  and (not %(to_approve)s or (q.status = 'completed' and app.is_to_approve(q.id)))
  and (%(before_at)s::timestamptz is null
       or (q.created_at, q.id) < (%(before_at)s::timestamptz, %(before_id)s::text))
order by q.created_at desc, q.id desc limit %(most)s

-- name: jobs_of_batch
-- The pages of a batch, as they stand in its file.
select q.id from app.generation_queue q
where q.batch_id = %(batch_id)s and q.batch_row > %(after)s
  and (%(status)s::text is null or q.status = %(status)s)
  and (%(priority)s::text is null or q.priority = %(priority)s)
  and (not %(to_approve)s or (q.status = 'completed' and app.is_to_approve(q.id)))
order by q.batch_row limit %(most)s

-- name: job_details
-- What a list tells of these, in their order. Each is looked up by its id, whatever the planner
-- believes of tables that have just grown by a batch.
select j.*
from unnest(%(ids)s::text[]) with ordinality as wanted (id, place)
cross join lateral (
    select q.*, u.title, u.error, u.stage, u.steps_done, u.steps_total,
           p.request ->> 'page_type' as page_type, p.request ->> 'target_url' as target_url,
           p.request ->> 'language' as language,
           coalesce((select sum(cost_usd) from app.usage c where c.unit_id = q.id), 0) as cost_usd,
           q.status = 'completed' and app.is_to_approve(q.id) as waits_for_approval
    from app.generation_queue q
    join app.units u on u.org_id = q.org_id and u.id = q.id
    join app.pages p on p.org_id = q.org_id and p.id = q.id
    where q.id = wanted.id offset 0) j
order by wanted.place

-- name: create_batch
insert into app.generation_batches (org_id, id, name, total, pending, created_by)
values (app.current_org(), %(id)s, %(title)s, %(total)s, %(total)s, %(created_by)s)

-- name: request_batch_cancel
update app.generation_batches set cancel_requested_at = coalesce(cancel_requested_at, now())
where id = %(id)s

-- name: batch
select * from app.generation_batches where id = %(id)s

-- name: batches
select * from app.generation_batches
where (%(before_at)s::timestamptz is null
       or (created_at, id) < (%(before_at)s::timestamptz, %(before_id)s::text))
order by created_at desc, id desc limit %(most)s

-- name: batch_pages
select id, batch_row from app.generation_queue where batch_id = %(batch_id)s order by batch_row

-- name: batch_recent_seconds
select extract(epoch from completed_at - started_at)::float as seconds from app.generation_queue
where batch_id = %(batch_id)s and status = 'completed' and started_at is not null
order by completed_at desc limit %(most)s

-- name: batch_cost
select coalesce(sum(c.cost_usd), 0) as cost_usd from app.usage c
join app.generation_queue q on q.org_id = c.org_id and q.id = c.unit_id
where q.batch_id = %(batch_id)s

-- name: waiting_of_batch
-- Those that nobody works on, so many at once; nobody can begin with them until the end. As a list
-- of ids: a join of two tables that have just grown is planned as if they were empty, and reads all
-- units for each page.
select u.id from app.units u
where u.id = any(array(
        select q.id from app.generation_queue q
        where q.batch_id = %(batch_id)s and q.status = 'pending'))
  and u.status = 'queued' and (u.claim_expires_at is null or u.claim_expires_at < now())
limit %(most)s for update of u

-- name: cancel_jobs
-- Before their units: the batch is counted once for all of them, and not for each.
update app.generation_queue
set status = 'cancelled', completed_at = now(), admitted_at = null, present_at = null, turn_at = null
where id = any(%(ids)s)

-- name: cancel_units
with gone as (
    update app.units u
    set status = 'cancelled', stage = 'cancelled', error = null, updated_at = now(),
        finished_at = now(), dispatch_due_at = null, progress_seq = u.progress_seq + 1,
        fence = u.fence + 1
    where u.id = any(%(ids)s) returning u.org_id, u.id, u.progress_seq)
insert into app.progress_events (org_id, unit_id, seq, event)
select org_id, id, progress_seq, %(event)s from gone

-- name: open_of_batch
select id from app.generation_queue
where batch_id = %(batch_id)s and status in ('pending', 'processing')

-- name: dead_letters
-- Pages that failed for good, newest first.
select q.id, q.batch_id, q.priority, q.attempts, q.completed_at, u.title, u.error,
       p.request ->> 'page_type' as page_type, p.request ->> 'target_url' as target_url
from app.generation_queue q
join app.units u on u.org_id = q.org_id and u.id = q.id
join app.pages p on p.org_id = q.org_id and p.id = q.id
where q.status = 'failed'
  and (%(ids)s::text[] is null or q.id = any(%(ids)s))
  and (%(batch_id)s::text is null or q.batch_id = %(batch_id)s)
  and (%(code)s::text is null or u.error ->> 'code' = %(code)s)
  and (%(retryable)s::boolean is null or (u.error ->> 'retryable')::boolean = %(retryable)s)
  and (%(since)s::timestamptz is null or q.completed_at >= %(since)s)
  and (%(before_at)s::timestamptz is null
       or (q.completed_at, q.id) < (%(before_at)s::timestamptz, %(before_id)s::text))
order by q.completed_at desc, q.id desc limit %(most)s

-- name: dead_letter_codes
-- Why pages failed for good, the most frequent reasons first.
select coalesce(u.error ->> 'code', 'UNKNOWN') as code, count(*)::integer as pages
from app.generation_queue q
join app.units u on u.org_id = q.org_id and u.id = q.id
where q.status = 'failed' and (%(batch_id)s::text is null or q.batch_id = %(batch_id)s)
group by 1 order by 2 desc, 1 limit %(most)s

-- name: resting
-- Those of the pages that rest, in their order.
select id from app.units
where id = any(%(ids)s) and kind = 'pages' and status in ('completed', 'failed', 'cancelled')
order by id for update

-- name: requeue_jobs
-- Before their units: see cancel_jobs.
update app.generation_queue
set status = 'pending', queued_at = now(), started_at = null, completed_at = null, attempts = 0
where id = any(%(ids)s)

-- name: requeue_units
with again as (
    update app.units u
    set status = 'queued', stage = 'queued', error = null, updated_at = now(), finished_at = null,
        cancel_requested_at = null, dispatch_due_at = null, progress_seq = u.progress_seq + 1
    where u.id = any(%(ids)s) returning u.org_id, u.id, u.progress_seq)
insert into app.progress_events (org_id, unit_id, seq, event)
select org_id, id, progress_seq, %(event)s from again

-- name: heartbeat
insert into app.workers (name) values (%(worker)s)
on conflict (name) do update set seen_at = now()

-- name: forget_workers
delete from app.workers where seen_at < now() - make_interval(secs => %(older_than)s)

-- name: live_workers
select count(*) as workers from app.workers
where seen_at > now() - make_interval(secs => %(within)s)
