drop function app.empty_inbox;
drop policy system_access on app.waits;
revoke select on app.waits from pipeline_system;
drop index app.waits_heard;
drop index app.inbox_settled;

drop function app.purge_progress;
create function app.purge_progress(older_than_days integer) returns bigint
language sql volatile security definer set search_path = '' as $$
    with gone as (
        delete from app.progress_events p
        where p.created_at < now() - make_interval(days => older_than_days) returning 1)
    select count(*) from gone
$$;
grant create on schema app to pipeline_system;
revoke all on function app.purge_progress from public;
grant execute on function app.purge_progress to pipeline_app;
alter function app.purge_progress owner to pipeline_system;
revoke create on schema app from pipeline_system;
drop index app.progress_by_age;

drop function app.units_to_forget;
drop function app.units_to_leave;
drop policy system_access on app.page_decisions;
revoke select on app.page_decisions from pipeline_system;
drop function app.is_at_rest;
drop index app.units_leaving;
alter table app.units drop column dagster_presence;
