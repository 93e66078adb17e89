-- Flow control: events that wait before they take effect, and units that wait for an event.

-- flow_key: what the event counts under, of the rule for its type; flow_place: its place in the
-- order of arrival; flow_since: when the first event came that it stands for (debounce); due_at: when
-- it is to be looked at; taken_at: when it took effect.
alter table app.inbox
    add column flow_key text,
    add column flow_place bigint,
    add column flow_since timestamptz,
    add column due_at timestamptz,
    add column taken_at timestamptz;
create sequence app.inbox_places;
grant usage on sequence app.inbox_places to pipeline_app;

drop index app.inbox_open;
create index inbox_due on app.inbox (coalesce(due_at, received_at)) where status = 'received';
create index inbox_waiting on app.inbox (org_id, event_type, flow_key, flow_place)
where status = 'received' and flow_key is not null;
create index inbox_taken on app.inbox (org_id, event_type, flow_key, flow_place)
where taken_at is not null;
create index inbox_by_type on app.inbox (org_id, event_type, received_at, source, event_id);

-- Events that are to be looked at now.
drop function app.open_inbox(integer);
create function app.open_inbox(most integer)
returns table (org_id text, source text, event_id text, event_type text, flow_key text)
language sql stable security definer set search_path = '' as $$
    select i.org_id, i.source, i.event_id, i.event_type, i.flow_key from app.inbox i
    where i.status = 'received' and coalesce(i.due_at, i.received_at) <= now()
    order by coalesce(i.due_at, i.received_at) limit most
$$;

-- Seconds until the next event is to be looked at that is not yet.
create function app.next_event() returns double precision
language sql stable security definer set search_path = '' as $$
    select extract(epoch from min(coalesce(i.due_at, i.received_at)) - now()) from app.inbox i
    where i.status = 'received' and coalesce(i.due_at, i.received_at) > now()
$$;

-- What a unit waits for: the first event of one of these types that matches, or just the time. Kept
-- as the answer once it is known. path and value are the first pair of `match`, for finding it.
create table app.waits (
    org_id text not null,
    unit_id text not null,
    name text not null,
    generation bigint not null, -- of the unit's assets: a wait of an earlier one is forgotten
    events text[] not null,
    match jsonb not null,
    path text not null,
    value text not null,
    status text not null default 'waiting' check (status in ('waiting', 'heard', 'timed_out')),
    began_at timestamptz not null default clock_timestamp(),
    since timestamptz not null,
    until timestamptz not null,
    looked_again boolean not null default false,
    source text,
    event_id text,
    primary key (org_id, unit_id, name),
    foreign key (org_id, unit_id) references app.units on delete cascade,
    foreign key (org_id, source, event_id) references app.inbox,
    check ((status = 'heard') = (event_id is not null))
);
create index waits_open on app.waits (org_id, path, value, unit_id, name) where status = 'waiting';
call app.isolate('waits');
grant select, insert, update, delete on app.waits to pipeline_app;

grant create on schema app to pipeline_system;
do $$
declare
    signature regprocedure;
begin
    foreach signature in array array['app.open_inbox(integer)', 'app.next_event()']::regprocedure[]
    loop
        execute format('revoke all on function %s from public', signature);
        execute format('grant execute on function %s to pipeline_app', signature);
        execute format('alter function %s owner to pipeline_system', signature);
    end loop;
end $$;
revoke create on schema app from pipeline_system;
