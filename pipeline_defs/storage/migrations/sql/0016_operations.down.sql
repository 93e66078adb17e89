alter table app.api_keys add column operates boolean not null default false;
create function app.key_operates(wanted text) returns boolean
language sql stable security definer set search_path = '' as $$
    select coalesce(
        (select k.operates from app.api_keys k where k.key_id = wanted and k.revoked_at is null), false)
$$;

alter table app.lectures add column checked_at timestamptz not null default now();
update app.lectures l set checked_at = u.files_checked_at
from app.units u where u.org_id = l.org_id and u.id = l.id;
drop function app.units_to_check(text[], integer, integer);
drop index app.units_files_checked;
alter table app.units drop column files_checked_at;
create function app.lectures_to_check(older_than_hours integer, most integer)
returns table (org_id text, id text)
language sql stable security definer set search_path = '' as $$
    select c.org_id, c.id from app.lectures c
    join app.units u on u.org_id = c.org_id and u.id = c.id
    where c.checked_at < now() - make_interval(hours => older_than_hours)
      and u.status in ('completed', 'incomplete')
    order by c.checked_at limit most
$$;

drop index app.usage_by_day;
create index usage_by_day on app.usage (org_id, used_at) include (kind, cost_usd);

grant create on schema app to pipeline_system;
set local role pipeline_system;
create or replace function app.costs_by_organization(since date, until date)
returns table (organization text, calls bigint, cost_usd numeric)
language sql stable security definer set search_path = '' as $$
    select g.org_id, count(*), sum(g.cost_usd) from app.usage g
    where g.used_at >= since::timestamp at time zone 'UTC'
      and g.used_at < (until + 1)::timestamp at time zone 'UTC'
      and (g.org_id = app.current_org() or app.sees_everybody())
    group by 1 order by 3 desc, 1
$$;
reset role;
do $$
declare
    signature regprocedure;
begin
    foreach signature in array array[
        'app.key_operates(text)', 'app.lectures_to_check(integer, integer)'
    ]::regprocedure[] loop
        execute format('revoke all on function %s from public', signature);
        execute format('grant execute on function %s to pipeline_app', signature);
        execute format('alter function %s owner to pipeline_system', signature);
    end loop;
end $$;
revoke create on schema app from pipeline_system;
