create function app.backfill_candidates(most integer) returns table (org_id text, id text)
language sql stable security definer set search_path = '' as $$
    select u.org_id, u.id from app.units u
    where u.status in ('failed', 'incomplete') and (u.error ->> 'retryable')::boolean
    order by u.finished_at limit most
$$;
grant create on schema app to pipeline_system;
revoke all on function app.backfill_candidates(integer) from public;
grant execute on function app.backfill_candidates(integer) to pipeline_app;
alter function app.backfill_candidates(integer) owner to pipeline_system;
revoke create on schema app from pipeline_system;

drop function app.automatically_wanting(integer, integer);
drop function app.units_to_backfill(text[], integer, integer);
drop function app.units_to_inspect(text, text, integer);
drop table app.wanting;
drop index app.asset_versions_paid;
alter table app.units drop column inspected_at, drop column inspected_with, drop column backfills;
