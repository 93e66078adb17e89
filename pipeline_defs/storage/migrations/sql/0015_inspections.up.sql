-- What stands otherwise than it should of units at rest: found by looking at them after every change,
-- read by backfills and by Dagster's automation conditions.
alter table app.units
    add column inspected_at timestamptz, -- null: to be looked at
    add column inspected_with text, -- version of the code and models it was looked at with
    add column backfills integer not null default 0; -- since everything of it was as it should be

create index units_changed_since_inspection on app.units (kind, updated_at)
    where status in ('completed', 'incomplete', 'failed')
      and (inspected_at is null or updated_at > inspected_at);
create index units_inspected_with on app.units (kind, inspected_with)
    where status in ('completed', 'incomplete', 'failed');
create index asset_versions_paid on app.asset_versions (org_id, asset, made_at desc) where cost_usd > 0;

create table app.wanting (
    org_id text not null,
    unit_id text not null,
    asset text not null,
    partition text not null,
    standing text not null check (standing in ('stale', 'missing', 'failed', 'corrupt')),
    error jsonb, -- of a corrupt result: the file that was found broken
    found_at timestamptz not null default now(),
    primary key (org_id, asset, partition),
    foreign key (org_id, unit_id) references app.units on delete cascade
);
create index wanting_of_unit on app.wanting (org_id, unit_id);
call app.isolate('wanting');
create policy system_access on app.wanting to pipeline_system using (true) with check (true);
grant select, insert, update, delete on app.wanting to pipeline_app, pipeline_system;

-- Units at rest that were changed since they were looked at, or looked at with other code.
create function app.units_to_inspect(of_kind text, present_version text, most integer)
returns table (org_id text, id text)
language sql stable security definer set search_path = '' as $$
    (select u.org_id, u.id from app.units u
     where u.kind = of_kind and u.status in ('completed', 'incomplete', 'failed')
       and (u.inspected_at is null or u.updated_at > u.inspected_at)
     order by u.updated_at limit most)
    union
    (select u.org_id, u.id from app.units u
     where u.kind = of_kind and u.status in ('completed', 'incomplete', 'failed')
       and (u.inspected_with < present_version or u.inspected_with > present_version)
     limit most)
    limit most
$$;

-- Units of which something is wanting that may be made by itself, those that wait longest first.
-- `tries`: so often a unit was backfilled without becoming whole, then a person has to look at it.
create function app.units_to_backfill(standings text[], tries integer, most integer)
returns table (org_id text, id text, kind text)
language sql stable security definer set search_path = '' as $$
    select u.org_id, u.id, u.kind from app.units u
    where u.status in ('completed', 'incomplete', 'failed') and u.backfills < tries
      and exists (select from app.wanting w
                  where w.org_id = u.org_id and w.unit_id = u.id and w.standing = any (standings))
      and (u.status = 'completed' or (u.error ->> 'retryable')::boolean)
    order by u.finished_at limit most
$$;

-- What Dagster may ask for by itself: of units that are finished and were not given up, of
-- organizations that have not spent their month's budget.
create function app.automatically_wanting(tries integer, most integer)
returns table (asset text, partition text, standing text)
language sql stable security definer set search_path = '' as $$
    select w.asset, w.partition, w.standing from app.wanting w
    join app.units u on u.org_id = w.org_id and u.id = w.unit_id
    where w.standing in ('missing', 'stale') and u.status in ('completed', 'incomplete') and u.backfills < tries
      and not exists (
          select from app.budgets b
          where b.org_id = w.org_id and b.line in ('', u.kind) and b.hard_usd <= (
              select coalesce(sum(g.cost_usd), 0) from app.usage g
              where g.org_id = w.org_id and g.used_at >= app.month_begins()
                and (b.line = '' or g.kind = b.line)))
    order by w.found_at limit most
$$;

drop function app.backfill_candidates(integer);

grant create on schema app to pipeline_system;
do $$
declare
    signature regprocedure;
begin
    foreach signature in array array[
        'app.units_to_inspect(text, text, integer)',
        'app.units_to_backfill(text[], integer, integer)',
        'app.automatically_wanting(integer, integer)'
    ]::regprocedure[] loop
        execute format('revoke all on function %s from public', signature);
        execute format('grant execute on function %s to pipeline_app', signature);
        execute format('alter function %s owner to pipeline_system', signature);
    end loop;
end $$;
revoke create on schema app from pipeline_system;
