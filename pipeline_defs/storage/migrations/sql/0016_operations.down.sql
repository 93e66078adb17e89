alter table app.api_keys add column operates boolean not null default false;
create function app.key_operates(wanted text) returns boolean
language sql stable security definer set search_path = '' as $$
    select coalesce(
        (select k.operates from app.api_keys k where k.key_id = wanted and k.revoked_at is null), false)
$$;
grant create on schema app to pipeline_system;
revoke all on function app.key_operates(text) from public;
grant execute on function app.key_operates(text) to pipeline_app;
alter function app.key_operates(text) owner to pipeline_system;
revoke create on schema app from pipeline_system;
