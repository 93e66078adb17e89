grant create on schema app to pipeline_system;
set local role pipeline_system;
create or replace function app.units_to_backfill(standings text[], tries integer, most integer)
returns table (org_id text, id text, kind text)
language sql stable security definer set search_path = '' as $$
    select u.org_id, u.id, u.kind from app.units u
    where u.status in ('completed', 'incomplete', 'failed') and u.backfills < tries
      and exists (select from app.wanting w
                  where w.org_id = u.org_id and w.unit_id = u.id and w.standing = any (standings))
      and (u.status = 'completed' or (u.error ->> 'retryable')::boolean)
    order by u.finished_at limit most
$$;
reset role;
revoke create on schema app from pipeline_system;

alter table app.wanting drop column refused;
