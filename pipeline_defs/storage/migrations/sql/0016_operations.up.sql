-- One operator: an organization, all of whose keys see what concerns everybody. And files are looked
-- at of units of every line. Costs stay quick with millions of calls.

drop function app.key_operates(text);
alter table app.api_keys drop column operates;

alter table app.units add column files_checked_at timestamptz not null default now();
update app.units u set files_checked_at = l.checked_at
from app.lectures l where l.org_id = u.org_id and l.id = u.id;
drop function app.lectures_to_check(integer, integer);
alter table app.lectures drop column checked_at;
create index units_files_checked on app.units (files_checked_at)
    where status in ('completed', 'incomplete');

-- Finished units of these lines whose files nobody has looked at for so long, oldest first.
create function app.units_to_check(kinds text[], older_than_hours integer, most integer)
returns table (org_id text, id text, kind text)
language sql stable security definer set search_path = '' as $$
    select u.org_id, u.id, u.kind from app.units u
    where u.files_checked_at < now() - make_interval(hours => older_than_hours)
      and u.status in ('completed', 'incomplete') and u.kind = any (kinds)
    order by u.files_checked_at limit most
$$;

-- Sums by any dimension are read from the index alone.
drop index app.usage_by_day;
create index usage_by_day on app.usage (org_id, used_at)
    include (kind, unit_id, asset, provider, model, input_tokens, output_tokens, cost_usd,
             cost_source);

grant create on schema app to pipeline_system;
set local role pipeline_system;
-- Who asks is found out once, not for every row; for one organization its own index is read.
create or replace function app.costs_by_organization(since date, until date)
returns table (organization text, calls bigint, cost_usd numeric)
language sql stable security definer set search_path = '' as $$
    with of_days as (
        select g.org_id, g.cost_usd from app.usage g
        where not (select app.sees_everybody()) and g.org_id = app.current_org()
          and g.used_at >= since::timestamp at time zone 'UTC'
          and g.used_at < (until + 1)::timestamp at time zone 'UTC'
        union all
        select g.org_id, g.cost_usd from app.usage g
        where (select app.sees_everybody())
          and g.used_at >= since::timestamp at time zone 'UTC'
          and g.used_at < (until + 1)::timestamp at time zone 'UTC')
    select d.org_id, count(*), sum(d.cost_usd) from of_days d group by 1 order by 3 desc, 1
$$;
reset role;
do $$
declare
    signature regprocedure;
begin
    foreach signature in array array['app.units_to_check(text[], integer, integer)']::regprocedure[] loop
        execute format('revoke all on function %s from public', signature);
        execute format('grant execute on function %s to pipeline_app', signature);
        execute format('alter function %s owner to pipeline_system', signature);
    end loop;
end $$;
revoke create on schema app from pipeline_system;
