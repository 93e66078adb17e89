create or replace function app.extend_claims(
    ids text[], fences bigint[], lease_seconds double precision)
returns table (id text, cancel_requested boolean)
language sql volatile security definer set search_path = '' as $$
    update app.units u
    set claim_expires_at = now() + make_interval(secs => lease_seconds)
    from unnest(ids, fences) as held (id, fence)
    where u.id = held.id and u.fence = held.fence and u.claim_holder is not null
    returning u.id, u.cancel_requested_at is not null
$$;
