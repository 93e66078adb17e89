drop function app.extend_claims(text[], bigint[], double precision);
create function app.extend_claims(ids text[], fences bigint[], lease_seconds double precision)
returns table (id text, cancel_requested boolean)
language sql volatile security definer set search_path = '' as $$
    with held as (
        select u.org_id, u.id from unnest(ids, fences) as given (id, fence)
        join app.units u on u.id = given.id and u.fence = given.fence and u.claim_holder is not null
        order by u.id for update of u)
    update app.units u
    set claim_expires_at = now() + make_interval(secs => lease_seconds)
    from held
    where u.org_id = held.org_id and u.id = held.id
    returning u.id, u.cancel_requested_at is not null
$$;
revoke all on function app.extend_claims(text[], bigint[], double precision) from public;
grant execute on function app.extend_claims(text[], bigint[], double precision) to pipeline_app;
grant create on schema app to pipeline_system;
alter function app.extend_claims(text[], bigint[], double precision) owner to pipeline_system;
revoke create on schema app from pipeline_system;

alter table app.units drop column edits;
