-- Pages: what shops know of their products and of searches, the pages made from it, and the queue
-- in which they wait. A unit of kind `pages` has one row in `pages` and one in `generation_queue`.

create table app.products (
    org_id text not null references app.organizations,
    sku text not null,
    product jsonb not null,
    brand text not null, -- lower case, as categories are
    categories text[] not null,
    url text,
    words tsvector not null, -- of name and categories
    position integer not null, -- in the feed: what the shop puts first comes first
    version text not null,
    imported_at timestamptz not null default now(),
    primary key (org_id, sku)
);
create index products_of_brand on app.products (org_id, brand);
create index products_by_url on app.products (org_id, url);
create index products_by_category on app.products using gin (categories);
create index products_by_words on app.products using gin (words);

create table app.keyword_figures (
    org_id text not null references app.organizations,
    language text not null,
    keyword text not null, -- lower case
    figures jsonb not null,
    imported_at timestamptz not null default now(),
    primary key (org_id, language, keyword)
);

-- Counts are kept by the trigger below, so that a batch of ten thousand is read in one row.
create table app.generation_batches (
    org_id text not null references app.organizations,
    id text not null unique check (id ~ '^[a-z0-9_-]{1,64}$'),
    name text not null default '',
    status text not null default 'processing',
    total integer not null,
    pending integer not null default 0,
    processing integer not null default 0,
    completed integer not null default 0,
    failed integer not null default 0,
    cancelled integer not null default 0,
    created_by text not null,
    created_at timestamptz not null default now(),
    completed_at timestamptz,
    primary key (org_id, id)
);
create trigger batch_transition before insert or update of status on app.generation_batches
for each row execute function app.check_transition('generation_batches');

create table app.pages (
    org_id text not null,
    id text not null,
    request jsonb not null,
    context jsonb,
    components jsonb,
    document jsonb,
    quality jsonb,
    primary key (org_id, id),
    foreign key (org_id, id) references app.units on delete cascade
);

create table app.page_stages (
    org_id text not null,
    page_id text not null,
    stage text not null,
    status text not null check (status in ('pending', 'running', 'completed', 'skipped', 'failed')),
    started_at timestamptz not null default now(),
    seconds double precision,
    detail jsonb,
    error jsonb,
    primary key (org_id, page_id, stage),
    foreign key (org_id, page_id) references app.pages on delete cascade
);

-- A page waits here until it has a turn; `admitted_at`: it was handed to Dagster; `present_at`: a
-- run waits with it for its turn; `turn_at`: it is one of those that may be in work at once.
create table app.generation_queue (
    org_id text not null,
    id text not null,
    batch_id text,
    batch_row integer,
    status text not null default 'pending',
    priority text not null check (priority in ('HIGH', 'NORMAL', 'LOW')),
    priority_given text check (priority_given in ('HIGH', 'NORMAL', 'LOW')), -- after it was queued
    lane smallint not null, -- the priority as a number that sorts
    score integer not null,
    reconsider_at timestamptz, -- when a deadline that comes nearer changes the score
    deadline timestamptz,
    created_at timestamptz not null default now(),
    queued_at timestamptz not null default now(),
    admitted_at timestamptz,
    present_at timestamptz,
    turn_at timestamptz,
    started_at timestamptz,
    completed_at timestamptz,
    attempts integer not null default 0,
    primary key (org_id, id),
    foreign key (org_id, id) references app.units on delete cascade,
    foreign key (org_id, batch_id) references app.generation_batches on delete cascade
);
create index queue_order on app.generation_queue (org_id, lane, score desc, queued_at, id)
    where status = 'pending';
create index queue_age on app.generation_queue (org_id, queued_at, id) where status = 'pending';
create index queue_turns on app.generation_queue (org_id) where turn_at is not null;
create index queue_reconsidered on app.generation_queue (reconsider_at)
    where status = 'pending' and reconsider_at is not null;
create index queue_of_batch on app.generation_queue (org_id, batch_id, batch_row);
create index queue_finished on app.generation_queue (org_id, completed_at desc)
    where completed_at is not null;
create index queue_listed on app.generation_queue (org_id, created_at desc, id desc);
create index queue_by_id on app.generation_queue (id);
create trigger job_transition before insert or update of status on app.generation_queue
for each row execute function app.check_transition('generation_queue');

-- An organization's queue as a whole. `starts` counts turns: every so many is for the oldest.
create table app.page_queues (
    org_id text primary key references app.organizations,
    paused_at timestamptz,
    starts bigint not null default 0
);

-- Near-duplicate search: the bands of each page's MinHash signature.
create table app.page_signatures (
    org_id text not null,
    page_id text not null,
    band smallint not null,
    hash bigint not null,
    primary key (org_id, page_id, band),
    foreign key (org_id, page_id) references app.pages on delete cascade
);
create index signatures_by_band on app.page_signatures (org_id, band, hash);

-- Processes that work on runs, by their heartbeat.
create table app.workers (
    name text primary key,
    seen_at timestamptz not null default now()
);

do $$
declare
    name text;
begin
    foreach name in array array[
        'products', 'keyword_figures', 'generation_batches', 'pages', 'page_stages',
        'generation_queue', 'page_queues', 'page_signatures'
    ] loop
        call app.isolate(name);
        execute format('grant select, insert, update, delete on app.%I to pipeline_app', name);
    end loop;
    foreach name in array array['generation_queue', 'page_queues', 'generation_batches'] loop
        execute format(
            'create policy system_access on app.%I to pipeline_system using (true) with check (true)',
            name);
        execute format('grant select, insert, update on app.%I to pipeline_system', name);
    end loop;
end $$;
grant select, insert, update, delete on app.workers to pipeline_app;

-- The state of a page is told once, in `units`; its job follows.
create function app.job_of_page() returns trigger language plpgsql as $$
declare
    job text := case new.status when 'queued' then 'pending' when 'generating' then 'processing'
                else new.status end;
begin
    update app.generation_queue q
    set status = job,
        queued_at = case when new.status = 'queued' then now() else q.queued_at end,
        started_at = case new.status when 'generating' then now() when 'queued' then null
                     else q.started_at end,
        completed_at = case when new.status in ('completed', 'failed', 'cancelled') then now() end,
        attempts = case when new.status = 'queued' then 0 else q.attempts end,
        admitted_at = case when new.status = 'generating' then q.admitted_at end,
        present_at = case when new.status = 'generating' then q.present_at end,
        turn_at = case when new.status = 'generating' then coalesce(q.turn_at, now()) end
    where q.org_id = new.org_id and q.id = new.id and q.status <> job;
    if new.status in ('completed', 'failed', 'cancelled') then
        perform pg_notify('pipeline_dispatch', ''); -- a turn is free
    end if;
    return null;
end $$;
create trigger job_follows after update of status on app.units
for each row when (new.kind = 'pages' and old.status is distinct from new.status)
execute function app.job_of_page();

create function app.count_batches() returns trigger language plpgsql as $$
begin
    update app.generation_batches b
    set pending = b.pending + c.pending, processing = b.processing + c.processing,
        completed = b.completed + c.completed, failed = b.failed + c.failed,
        cancelled = b.cancelled + c.cancelled
    from (
        select n.org_id, n.batch_id,
               sum((n.status = 'pending')::int - (o.status = 'pending')::int) as pending,
               sum((n.status = 'processing')::int - (o.status = 'processing')::int) as processing,
               sum((n.status = 'completed')::int - (o.status = 'completed')::int) as completed,
               sum((n.status = 'failed')::int - (o.status = 'failed')::int) as failed,
               sum((n.status = 'cancelled')::int - (o.status = 'cancelled')::int) as cancelled
        from after n join before o on o.org_id = n.org_id and o.id = n.id
        where n.batch_id is not null and n.status is distinct from o.status
        group by 1, 2) c
    where b.org_id = c.org_id and b.id = c.batch_id;
    update app.generation_batches b
    set status = case when b.pending + b.processing > 0 then 'processing'
                      when b.completed = b.total then 'completed'
                      when b.cancelled > 0 and b.failed = 0 then 'cancelled'
                      else 'incomplete' end,
        completed_at = case when b.pending + b.processing = 0 then now() end
    where (b.org_id, b.id) in (
        select n.org_id, n.batch_id from after n join before o on o.org_id = n.org_id and o.id = n.id
        where n.batch_id is not null and n.status is distinct from o.status);
    return null;
end $$;
create trigger batches_counted after update on app.generation_queue
referencing old table as before new table as after
for each statement execute function app.count_batches();

-- What is to have the next turns, best first, over all organizations: whoever has least in work is
-- next; within an organization the lane, then the score, then the age decides, but one of every
-- `aged_share` turns is for the page that waits longest, if that is longer than `aged_after`.
create function app.page_order(most integer, aged_after double precision, aged_share integer)
returns table (org_id text, id text, place bigint)
language sql stable security definer set search_path = '' as $$
    with waiting as (
        select o.org_id, coalesce(s.starts, 0) as starts,
               (select count(*) from app.generation_queue t
                where t.org_id = o.org_id and t.turn_at is not null) as in_work
        from app.organizations o left join app.page_queues s on s.org_id = o.org_id
        where s.paused_at is null and exists (
            select 1 from app.generation_queue q
            where q.org_id = o.org_id and q.status = 'pending' and q.turn_at is null)),
    placed as (
        select w.org_id, w.in_work, r.id, min(r.lane) as lane, min(r.queued_at) as queued_at,
               min(r.place) as place
        from waiting w cross join lateral (
            select b.id, b.lane, b.queued_at,
                   (row_number() over (order by b.lane, b.score desc, b.queued_at, b.id))::numeric
                       as place
            from (select q.id, q.lane, q.score, q.queued_at from app.generation_queue q
                  where q.org_id = w.org_id and q.status = 'pending' and q.turn_at is null
                  order by q.lane, q.score desc, q.queued_at, q.id limit most) b
            union all
            select a.id, a.lane, a.queued_at,
                   aged_share - 1 - w.starts % aged_share + 0.5
                       + aged_share * (row_number() over (order by a.queued_at, a.id) - 1)
            from (select q.id, q.lane, q.queued_at from app.generation_queue q
                  where q.org_id = w.org_id and q.status = 'pending' and q.turn_at is null
                    and q.queued_at < now() - make_interval(secs => aged_after)
                  order by q.queued_at, q.id limit most / aged_share + 1) a) r
        group by w.org_id, w.in_work, r.id),
    shared as (
        select p.*, p.in_work + row_number() over (partition by p.org_id order by p.place, p.id)
                   as share
        from placed p)
    select s.org_id, s.id, row_number() over (order by s.share, s.lane, s.queued_at, s.id) as place
    from shared s order by place limit most
$$;

-- Hand the next pages to Dagster: as many as to have a few ready whenever a turn is free. They come
-- in groups, as each group is a run, but at once where one of them is about to have its turn.
create function app.admit_pages(
    at_once integer, aged_after double precision, aged_share integer) returns integer
language plpgsql volatile security definer set search_path = '' as $$
declare
    in_work integer;
    admitted text[];
begin
    if not pg_try_advisory_xact_lock(7046302) then
        return 0; -- another dispatcher is at it
    end if;
    select count(*) into in_work from app.generation_queue q where q.turn_at is not null;
    with next as (
        select o.org_id, o.id, o.place, q.admitted_at
        from app.page_order(2 * at_once, aged_after, aged_share) o
        join app.generation_queue q on q.org_id = o.org_id and q.id = o.id)
    select array_agg(n.id) into admitted from next n
    where n.admitted_at is null and exists (
        select 1 from next m having
            count(*) - count(m.admitted_at) >= at_once / 2.0
            or count(m.admitted_at) < at_once
            or bool_or(m.admitted_at is null and m.place <= greatest(1, at_once - in_work)));
    update app.generation_queue q set admitted_at = now() where q.id = any (admitted);
    update app.units u
    set dispatch_due_at = now(), dispatch_attempts = 0, dispatch_token = null
    where u.id = any (admitted);
    return coalesce(array_length(admitted, 1), 0);
end $$;

-- Turns for pages that runs wait with. `present` are those of the caller. A page that is next and
-- whose run has not come yet is waited for as long as `patience`. Answers which of the caller's have
-- a turn, and which will get none as they were cancelled.
create function app.take_page_turns(
    present text[], at_once integer, patience double precision, aged_after double precision,
    aged_share integer)
returns table (id text, go boolean)
language plpgsql volatile security definer set search_path = '' as $$
declare
    free integer;
    job record;
begin
    perform pg_advisory_xact_lock(7046303);
    update app.generation_queue q set present_at = clock_timestamp() where q.id = any (present);
    update app.generation_queue q set turn_at = null -- nobody has begun with it
    where q.turn_at < now() - interval '20 seconds' and q.status = 'pending'
      and q.present_at < now() - interval '5 seconds';
    select at_once - count(*) into free from app.generation_queue q where q.turn_at is not null;
    if free > 0 then
        for job in
            select q.org_id, q.id, q.present_at, greatest(q.queued_at, q.admitted_at) as since
            from app.page_order(4 * at_once, aged_after, aged_share) o
            join app.generation_queue q on q.org_id = o.org_id and q.id = o.id order by o.place
        loop
            exit when free <= 0;
            if job.present_at > clock_timestamp() - interval '2 seconds' then
                update app.generation_queue q set turn_at = now() where q.id = job.id;
                insert into app.page_queues as s (org_id, starts) values (job.org_id, 1)
                on conflict on constraint page_queues_pkey do update set starts = s.starts + 1;
                free := free - 1;
            elsif job.since > clock_timestamp() - make_interval(secs => patience) then
                free := free - 1;
            end if;
        end loop;
    end if;
    return query
        select q.id, q.turn_at is not null from app.generation_queue q
        where q.id = any (present) and (q.turn_at is not null or q.status <> 'pending');
end $$;

-- Pages whose deadline has come so near that they rank anew.
create function app.pages_to_rank(most integer) returns table (org_id text, id text)
language sql stable security definer set search_path = '' as $$
    select q.org_id, q.id from app.generation_queue q
    where q.status = 'pending' and q.reconsider_at <= now() order by q.reconsider_at limit most
$$;

-- The organization a unit belongs to, for a run that was started with the unit's key alone.
create function app.organization_of(wanted text) returns text
language sql stable security definer set search_path = '' as $$
    select u.org_id from app.units u where u.id = wanted
$$;

grant create on schema app to pipeline_system;
do $$
declare
    signature regprocedure;
begin
    foreach signature in array array[
        'app.page_order(integer, double precision, integer)',
        'app.admit_pages(integer, double precision, integer)',
        'app.take_page_turns(text[], integer, double precision, double precision, integer)',
        'app.pages_to_rank(integer)', 'app.organization_of(text)'
    ]::regprocedure[] loop
        execute format('revoke all on function %s from public', signature);
        execute format('grant execute on function %s to pipeline_app', signature);
        execute format('alter function %s owner to pipeline_system', signature);
    end loop;
end $$;
revoke create on schema app from pipeline_system;
