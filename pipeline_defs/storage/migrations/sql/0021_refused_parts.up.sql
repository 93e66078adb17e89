-- A unit of which a part was refused for good keeps the rest of it whole: what is stale or corrupt of
-- it is made again by itself, and what was refused is left to a person.
alter table app.wanting add column refused boolean not null default false; -- failed or skipped for good

grant create on schema app to pipeline_system;
set local role pipeline_system;
-- Units of which something is wanting that may be made by itself, those that wait longest first: all
-- that was not refused of completed ones and of those that failed for a reason that passes; of those
-- that are incomplete for good what is stale or corrupt.
-- `tries`: so often a unit was backfilled without becoming whole, then a person has to look at it.
create or replace function app.units_to_backfill(standings text[], tries integer, most integer)
returns table (org_id text, id text, kind text)
language sql stable security definer set search_path = '' as $$
    select u.org_id, u.id, u.kind from app.units u
    where u.status in ('completed', 'incomplete', 'failed') and u.backfills < tries
      and exists (
          select from app.wanting w
          where w.org_id = u.org_id and w.unit_id = u.id and w.standing = any (standings)
            and not w.refused
            and (u.status = 'completed' or (u.error ->> 'retryable')::boolean
                 or u.status = 'incomplete' and w.standing in ('stale', 'corrupt')))
    order by u.finished_at limit most
$$;
-- What failed until now is looked at once more, whether it was refused.
update app.units u set inspected_at = null
where exists (select from app.wanting w
              where w.org_id = u.org_id and w.unit_id = u.id and w.standing = 'failed');
reset role;
revoke create on schema app from pipeline_system;
