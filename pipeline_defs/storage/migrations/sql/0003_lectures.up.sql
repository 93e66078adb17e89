-- Lectures: what was asked for, the segments in order, and how it stands with each of their assets.
-- Files live in the blob store; `result` holds references to them.

create table app.lectures (
    org_id text not null,
    id text not null,
    topic text not null,
    seconds integer not null check (seconds between 10 and 1800 and seconds % 10 = 0),
    language text not null,
    voice text not null,
    music_tracks integer not null check (music_tracks between 0 and 3),
    images_per_segment integer not null check (images_per_segment between 1 and 4),
    script_given jsonb, -- texts of the segments the user gave, else null and the script is written
    title text,
    description text,
    primary key (org_id, id),
    foreign key (org_id, id) references app.units on delete cascade
);

create table app.lecture_segments (
    org_id text not null,
    lecture_id text not null,
    segment_order integer not null check (segment_order between 1 and 180),
    heading text not null,
    text text not null,
    picture text not null default '', -- what is to be seen; empty: whatever shows what is said
    own_text boolean not null default false, -- a user's words: never rewritten to fit their time
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    primary key (org_id, lecture_id, segment_order),
    foreign key (org_id, lecture_id) references app.lectures on delete cascade
);

-- One asset of one partition: of a segment (`<lecture>/<nnn>`) or of the lecture as a whole.
create table app.lecture_assets (
    org_id text not null,
    lecture_id text not null,
    partition text not null,
    asset text not null,
    status text not null default 'pending',
    result jsonb, -- stays while a newer one is made
    error jsonb,
    updated_at timestamptz not null default now(),
    primary key (org_id, lecture_id, partition, asset),
    foreign key (org_id, lecture_id) references app.lectures on delete cascade
);
create trigger lecture_asset_transition before insert or update of status on app.lecture_assets
for each row execute function app.check_transition('lecture_assets');

do $$
declare
    name text;
begin
    foreach name in array array['lectures', 'lecture_segments', 'lecture_assets'] loop
        call app.isolate(name);
        execute format('grant select, insert, update, delete on app.%I to pipeline_app', name);
    end loop;
end $$;

-- Lectures whose files are to be looked at, the longest unseen first.
alter table app.lectures add column checked_at timestamptz not null default now();
create policy system_access on app.lectures to pipeline_system using (true) with check (true);
grant select on app.lectures to pipeline_system;

create function app.lectures_to_check(older_than_hours integer, most integer)
returns table (org_id text, id text)
language sql stable security definer set search_path = '' as $$
    select c.org_id, c.id from app.lectures c
    join app.units u on u.org_id = c.org_id and u.id = c.id
    where c.checked_at < now() - make_interval(hours => older_than_hours)
      and u.status in ('completed', 'incomplete')
    order by c.checked_at limit most
$$;
grant create on schema app to pipeline_system;
revoke all on function app.lectures_to_check(integer, integer) from public;
grant execute on function app.lectures_to_check(integer, integer) to pipeline_app;
alter function app.lectures_to_check(integer, integer) owner to pipeline_system;
revoke create on schema app from pipeline_system;
