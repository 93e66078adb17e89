drop table app.waits;
drop function app.next_event, app.open_inbox;
drop index app.inbox_due;
alter table app.inbox
    drop column flow_key, drop column flow_place, drop column flow_since, drop column due_at,
    drop column taken_at;
drop sequence app.inbox_places;
drop index app.inbox_by_type;
create index inbox_open on app.inbox (received_at) where status = 'received';

create function app.open_inbox(most integer)
returns table (org_id text, source text, event_id text, event_type text, attempts integer)
language sql stable security definer set search_path = '' as $$
    select i.org_id, i.source, i.event_id, i.event_type, i.attempts from app.inbox i
    where i.status = 'received' order by i.received_at limit most
$$;
grant create on schema app to pipeline_system;
revoke all on function app.open_inbox(integer) from public;
grant execute on function app.open_inbox(integer) to pipeline_app;
alter function app.open_inbox(integer) owner to pipeline_system;
revoke create on schema app from pipeline_system;
