-- How much of a unit Dagster holds. Results, lineage and pages stay in our tables in any case.
--   present    its partitions are registered
--   leaving    they are being removed: some may be gone
--   left       none is registered; its events are still in Dagster's log
--   forgotten  nothing of it is left there
-- Whatever it is but present, the unit's next dispatch registers all of it again.
alter table app.units add column dagster_presence text not null default 'present'
    check (dagster_presence in ('present', 'leaving', 'left', 'forgotten'));
create index units_leaving on app.units (dagster_presence, updated_at);

-- Finished, and nobody works on it, will work on it or has to decide about it.
create function app.is_at_rest(u app.units, final_states text[]) returns boolean
language sql stable set search_path = '' as $$
    select u.status = any (final_states) and u.dispatch_due_at is null
        and u.cancel_requested_at is null
        and (u.claim_expires_at is null or u.claim_expires_at < now())
        and not (u.kind = 'pages' and u.status = 'completed' and app.is_to_approve(u.id))
$$;
grant select on app.page_decisions to pipeline_system;
create policy system_access on app.page_decisions to pipeline_system using (true) with check (true);

-- Units untouched for so many days, by kind; those that were leaving when something broke come first.
create function app.units_to_leave(
    kinds text[], days double precision[], final_states text[], most integer)
returns table (org_id text, id text, kind text)
language sql stable security definer set search_path = '' as $$
    (select u.org_id, u.id, u.kind from app.units u
     where u.dagster_presence = 'leaving' and app.is_at_rest(u, final_states)
     order by u.updated_at limit most)
    union all
    (select u.org_id, u.id, u.kind
     from app.units u join unnest(kinds, days) as policy (kind, days) on policy.kind = u.kind
     where u.dagster_presence = 'present'
       and u.updated_at < now() - make_interval(secs => policy.days * 86400)
       and app.is_at_rest(u, final_states)
     order by u.updated_at limit most)
    limit most
$$;

-- Units that left and were untouched for so many days.
create function app.units_to_forget(days double precision, most integer)
returns table (org_id text, id text, kind text)
language sql stable security definer set search_path = '' as $$
    select u.org_id, u.id, u.kind from app.units u
    where u.dagster_presence = 'left' and u.updated_at < now() - make_interval(secs => days * 86400)
    order by u.updated_at limit most
$$;

create index progress_by_age on app.progress_events using brin (created_at);
drop function app.purge_progress(integer);
create function app.purge_progress(older_than_days double precision, most integer) returns bigint
language sql volatile security definer set search_path = '' as $$
    with gone as (
        delete from app.progress_events where ctid = any (array(
            select p.ctid from app.progress_events p
            where p.created_at < now() - make_interval(secs => older_than_days * 86400) limit most))
        returning 1)
    select count(*) from gone
$$;

-- Settled events and requests: their bodies go, but for those a unit waited for and may read. The row
-- stays, as the same id again is to have no second effect, for ever.
create index inbox_settled on app.inbox (received_at) where status <> 'received' and body <> '';
create index waits_heard on app.waits (org_id, source, event_id) where event_id is not null;
grant select on app.waits to pipeline_system;
create policy system_access on app.waits to pipeline_system using (true) with check (true);
create function app.empty_inbox(older_than_days double precision, most integer) returns bigint
language sql volatile security definer set search_path = '' as $$
    with emptied as (
        update app.inbox set body = '' where ctid = any (array(
            select i.ctid from app.inbox i
            where i.status <> 'received' and i.body <> ''
              and i.received_at < now() - make_interval(secs => older_than_days * 86400)
              and not exists (
                select from app.waits w
                where w.org_id = i.org_id and w.source = i.source and w.event_id = i.event_id)
            order by i.received_at limit most for update skip locked))
        returning 1)
    select count(*) from emptied
$$;

grant create on schema app to pipeline_system;
do $$
declare
    signature regprocedure;
begin
    foreach signature in array array[
        'app.units_to_leave(text[], double precision[], text[], integer)',
        'app.units_to_forget(double precision, integer)',
        'app.purge_progress(double precision, integer)',
        'app.empty_inbox(double precision, integer)'
    ]::regprocedure[] loop
        execute format('revoke all on function %s from public', signature);
        execute format('grant execute on function %s to pipeline_app', signature);
        execute format('alter function %s owner to pipeline_system', signature);
    end loop;
end $$;
revoke create on schema app from pipeline_system;
