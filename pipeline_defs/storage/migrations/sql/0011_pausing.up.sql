-- Pages of an organization that pauses its queue do not wait in runs: there they would hold slots that
-- all lines and organizations share. They go back to the queue and are admitted anew later.
-- `seen_within`: a run that waits with a page said so within so many seconds; `unbegun_after`: so
-- long a page keeps a turn that nobody begins with.
drop function app.take_page_turns;

create function app.take_page_turns(
    present text[], at_once integer, patience double precision, aged_after double precision,
    aged_share integer, seen_within double precision, unbegun_after double precision)
returns table (id text, go boolean)
language plpgsql volatile security definer set search_path = '' as $$
declare
    free integer;
    job record;
    sent_back text[];
begin
    perform pg_advisory_xact_lock(7046303);
    update app.generation_queue q set present_at = clock_timestamp() where q.id = any (present);
    select array_agg(b.id) into sent_back from (
        select u.id from app.generation_queue q
        join app.page_queues s on s.org_id = q.org_id and s.paused_at is not null
        join app.units u on u.org_id = q.org_id and u.id = q.id
        where q.id = any (present) and q.status = 'pending' and q.turn_at is null
        order by u.id for update of u) b;
    update app.units u set dispatch_due_at = null, dispatch_token = null
    where u.id = any (sent_back);
    update app.generation_queue q set admitted_at = null, present_at = null
    where q.id = any (sent_back);
    update app.generation_queue q set turn_at = null -- nobody has begun with it
    where q.turn_at < now() - make_interval(secs => unbegun_after) and q.status = 'pending'
      and q.present_at < now() - make_interval(secs => 2 * seen_within);
    select at_once - count(*) into free from app.generation_queue q where q.turn_at is not null;
    if free > 0 then
        for job in
            select q.org_id, q.id, q.present_at, greatest(q.queued_at, q.admitted_at) as since
            from app.page_order(4 * at_once, aged_after, aged_share) o
            join app.generation_queue q on q.org_id = o.org_id and q.id = o.id order by o.place
        loop
            exit when free <= 0;
            if job.present_at > clock_timestamp() - make_interval(secs => seen_within) then
                update app.generation_queue q set turn_at = now() where q.id = job.id;
                insert into app.page_queues as s (org_id, starts) values (job.org_id, 1)
                on conflict on constraint page_queues_pkey do update set starts = s.starts + 1;
                free := free - 1;
            elsif job.since > clock_timestamp() - make_interval(secs => patience) then
                free := free - 1;
            end if;
        end loop;
    end if;
    return query
        select q.id, q.turn_at is not null from app.generation_queue q
        where q.id = any (present)
          and (q.turn_at is not null or q.status <> 'pending' or q.id = any (sent_back));
end $$;

grant create on schema app to pipeline_system;
do $$
declare
    signature regprocedure := 'app.take_page_turns(text[], integer, double precision, double precision, integer, '
        'double precision, double precision)';
begin
    execute format('revoke all on function %s from public', signature);
    execute format('grant execute on function %s to pipeline_app', signature);
    execute format('alter function %s owner to pipeline_system', signature);
end $$;
revoke create on schema app from pipeline_system;

-- A batch is cancelled when somebody cancelled it, or all of its pages: not because of one of them.
alter table app.generation_batches add column cancel_requested_at timestamptz;

create or replace function app.count_batches() returns trigger language plpgsql as $$
begin
    update app.generation_batches b
    set pending = b.pending + c.pending, processing = b.processing + c.processing,
        completed = b.completed + c.completed, failed = b.failed + c.failed,
        cancelled = b.cancelled + c.cancelled
    from (
        select n.org_id, n.batch_id,
               sum((n.status = 'pending')::int - (o.status = 'pending')::int) as pending,
               sum((n.status = 'processing')::int - (o.status = 'processing')::int) as processing,
               sum((n.status = 'completed')::int - (o.status = 'completed')::int) as completed,
               sum((n.status = 'failed')::int - (o.status = 'failed')::int) as failed,
               sum((n.status = 'cancelled')::int - (o.status = 'cancelled')::int) as cancelled
        from after n join before o on o.org_id = n.org_id and o.id = n.id
        where n.batch_id is not null and n.status is distinct from o.status
        group by 1, 2) c
    where b.org_id = c.org_id and b.id = c.batch_id;
    update app.generation_batches b
    set status = case when b.pending + b.processing > 0 then 'processing'
                      when b.completed = b.total then 'completed'
                      when b.cancelled = b.total
                          or (b.cancelled > 0 and b.cancel_requested_at is not null) then 'cancelled'
                      else 'incomplete' end,
        completed_at = case when b.pending + b.processing = 0 then now() end
    where (b.org_id, b.id) in (
        select n.org_id, n.batch_id from after n join before o on o.org_id = n.org_id and o.id = n.id
        where n.batch_id is not null and n.status is distinct from o.status);
    return null;
end $$;
