-- One operator: an organization, all of whose keys see what concerns everybody. And files are looked
-- at of units of every line.

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

grant create on schema app to pipeline_system;
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
