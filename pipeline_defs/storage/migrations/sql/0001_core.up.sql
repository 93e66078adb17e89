-- The core every line stands on: organizations, units, claims, ledger, usage, progress, inbox, audit.
-- Three roles: pipeline_owner owns and migrates; pipeline_app (gateway, workers) owns nothing and is
-- subject to row-level security; pipeline_system (no login) owns the few functions that must look
-- across organizations: finding a key's organization, claiming a unit, choosing what to dispatch.

create schema app;
grant usage on schema app to pipeline_app, pipeline_system;

create function app.current_org() returns text language sql stable
return nullif(current_setting('app.org', true), '');

create table app.organizations (
    org_id text primary key check (org_id ~ '^[a-z0-9_-]{1,64}$'),
    name text not null,
    content_defaults jsonb not null default '{}',
    monthly_budget_usd numeric(12, 4),
    created_at timestamptz not null default now()
);

create table app.api_keys (
    org_id text not null references app.organizations,
    key_id text not null unique check (key_id ~ '^[0-9a-f]{8}$'),
    secret_hash bytea not null,
    name text not null,
    created_at timestamptz not null default now(),
    revoked_at timestamptz,
    primary key (org_id, key_id)
);

-- States and the moves between them come from the domain code, which fills this table at start.
create table app.transitions (
    machine text not null,
    from_state text not null, -- '' is creation
    to_state text not null,
    primary key (machine, from_state, to_state)
);

create function app.check_transition() returns trigger language plpgsql as $$
declare
    machine_name text := coalesce(to_jsonb(new) ->> 'kind', tg_argv[0]);
    before_state text := case when tg_op = 'INSERT' then '' else old.status end;
begin
    if tg_op = 'UPDATE' and old.status = new.status then
        return new;
    end if;
    if not exists (
        select 1 from app.transitions
        where machine = machine_name and from_state = before_state and to_state = new.status
    ) then
        raise exception 'illegal transition of %: % -> %', machine_name, before_state, new.status
            using errcode = 'check_violation', constraint = 'legal_transition';
    end if;
    return new;
end $$;

-- One row per unit of work of any line: its state, its claim, its place in the dispatch.
create table app.units (
    org_id text not null references app.organizations,
    id text not null unique check (id ~ '^[a-z0-9_-]{1,64}$'),
    kind text not null,
    status text not null,
    title text not null default '',
    stage text not null default 'queued',
    steps_done integer not null default 0,
    steps_total integer not null default 1,
    error jsonb,
    created_by text not null,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    started_at timestamptz,
    finished_at timestamptz,
    cancel_requested_at timestamptz,
    progress_seq bigint not null default 0,
    -- claim: who works on it now; the fence grows with every claim and guards every commit
    fence bigint not null default 0,
    claim_holder text,
    claim_run_id text,
    claim_expires_at timestamptz,
    -- dispatch: when it is due for a run, and which one was asked for last
    dispatch_due_at timestamptz default now(),
    dispatch_attempts integer not null default 0,
    dispatch_token text, -- tag of the run that was asked for last
    primary key (org_id, id)
);
create index units_due on app.units (dispatch_due_at) where dispatch_due_at is not null;
create index units_listed on app.units (org_id, kind, created_at desc, id desc);
create trigger unit_transition before insert or update of status on app.units
for each row execute function app.check_transition('units');

-- A paid or slow step, recorded in the same transaction as its result.
create table app.ledger (
    org_id text not null,
    unit_id text not null,
    partition text not null,
    step text not null,
    input_hash text not null,
    status text not null check (status in ('started', 'done')),
    tries integer not null default 1,
    complaint text not null default '', -- why the last answer was not usable; part of the next request
    answers integer not null default 0, -- refused or unusable ones; each asks for a new idempotency key
    fence bigint not null,
    run_id text,
    result jsonb,
    started_at timestamptz not null default now(),
    finished_at timestamptz,
    primary key (org_id, unit_id, partition, step, input_hash),
    foreign key (org_id, unit_id) references app.units on delete cascade
);

-- Raised by "again on purpose"; part of the input hash, so the same inputs are made anew.
create table app.generations (
    org_id text not null,
    unit_id text not null,
    asset text not null,
    partition text not null,
    generation integer not null default 0,
    primary key (org_id, asset, partition),
    foreign key (org_id, unit_id) references app.units on delete cascade
);

-- The current result of every asset partition, with what it was made from.
create table app.asset_versions (
    org_id text not null,
    unit_id text not null,
    asset text not null,
    partition text not null,
    data_version text not null,
    code_version text not null,
    input_hash text not null, -- of all inputs, code and generation: equal means up to date
    input_versions jsonb not null default '{}',
    metadata jsonb not null default '{}',
    cost_usd numeric(14, 6) not null default 0,
    run_id text,
    made_at timestamptz not null default now(),
    reported_at timestamptz, -- null until Dagster has the event
    primary key (org_id, asset, partition),
    foreign key (org_id, unit_id) references app.units on delete cascade
);
create index asset_versions_of_unit on app.asset_versions (org_id, unit_id);

create table app.usage (
    org_id text not null,
    id bigint generated always as identity,
    unit_id text not null,
    partition text not null,
    step text not null,
    capability text not null,
    provider text not null,
    model text not null,
    input_tokens bigint not null default 0,
    output_tokens bigint not null default 0,
    quantity numeric(14, 4) not null default 0,
    quantity_unit text not null default '',
    cost_usd numeric(14, 6) not null,
    cost_source text not null check (cost_source in ('reported', 'computed')),
    idempotency_key text not null,
    used_at timestamptz not null default now(),
    primary key (org_id, id),
    unique (org_id, idempotency_key, capability, model),
    foreign key (org_id, unit_id) references app.units on delete cascade
);
create index usage_by_unit on app.usage (org_id, unit_id);
create index usage_by_day on app.usage (org_id, used_at);

create table app.progress_events (
    org_id text not null,
    unit_id text not null,
    seq bigint not null,
    event jsonb not null,
    created_at timestamptz not null default now(),
    primary key (org_id, unit_id, seq),
    foreign key (org_id, unit_id) references app.units on delete cascade
);

-- Everything that arrived and was answered 2xx, once per organization, source and event id.
create table app.inbox (
    org_id text not null references app.organizations,
    source text not null,
    event_id text not null,
    event_type text not null,
    body bytea not null,
    body_hash bytea not null,
    received_at timestamptz not null default now(),
    status text not null default 'received' check (status in ('received', 'done', 'ignored', 'dead')),
    reason text,
    unit_id text,
    attempts integer not null default 0,
    primary key (org_id, source, event_id)
);
create index inbox_open on app.inbox (received_at) where status = 'received';

create table app.audit_events (
    org_id text not null references app.organizations,
    id bigint generated always as identity,
    happened_at timestamptz not null default now(),
    actor text not null,
    action text not null,
    unit_id text,
    detail jsonb not null default '{}',
    primary key (org_id, id)
);
create index audit_by_unit on app.audit_events (org_id, unit_id);

-- Row-level security of a table with org_id: without an organization there are no rows.
create procedure app.isolate(name text) language plpgsql as $$
begin
    execute format('alter table app.%I enable row level security', name);
    execute format('alter table app.%I force row level security', name);
    execute format(
        'create policy organization_isolation on app.%I to pipeline_app '
        'using (org_id = app.current_org()) with check (org_id = app.current_org())', name);
end $$;

do $$
declare
    name text;
begin
    foreach name in array array[
        'organizations', 'api_keys', 'units', 'ledger', 'generations', 'asset_versions', 'usage',
        'progress_events', 'inbox', 'audit_events'
    ] loop
        call app.isolate(name);
        execute format(
            'create policy system_access on app.%I to pipeline_system using (true) with check (true)',
            name);
    end loop;
end $$;

grant select on app.organizations, app.api_keys, app.transitions to pipeline_app;
grant update (content_defaults) on app.organizations to pipeline_app;
grant select, insert, update, delete on
    app.units, app.ledger, app.generations, app.asset_versions, app.usage, app.progress_events, app.inbox
    to pipeline_app;
grant select, insert on app.audit_events to pipeline_app; -- append-only
grant select, insert, update, delete on all tables in schema app to pipeline_system;
grant usage on all sequences in schema app to pipeline_app, pipeline_system;

-- The organization a key belongs to. Says nothing about keys whose id is not known.
create function app.find_api_key(wanted text)
returns table (org_id text, key_id text, secret_hash bytea, name text)
language sql stable security definer set search_path = '' as $$
    select k.org_id, k.key_id, k.secret_hash, k.name
    from app.api_keys k where k.key_id = wanted and k.revoked_at is null
$$;

-- Take a unit for work: a free or expired claim, or one held by a run of our own line of retries.
create function app.claim_unit(
    wanted text, holder text, run_id text, ancestors text[], lease_seconds double precision)
returns table (org_id text, kind text, status text, fence bigint)
language sql volatile security definer set search_path = '' as $$
    update app.units u
    set fence = u.fence + 1, claim_holder = holder, claim_run_id = run_id,
        claim_expires_at = now() + make_interval(secs => lease_seconds)
    where u.id = wanted
      and (u.claim_expires_at is null or u.claim_expires_at < now()
           or u.claim_run_id = any (ancestors))
    returning u.org_id, u.kind, u.status, u.fence
$$;

-- Who holds a unit, for the message to whoever was refused.
create function app.claim_of(wanted text)
returns table (claim_run_id text, claim_expires_at timestamptz)
language sql stable security definer set search_path = '' as $$
    select u.claim_run_id, u.claim_expires_at from app.units u where u.id = wanted
$$;

-- Heartbeat of all claims of a worker in one statement; what is missing from the answer is lost.
create function app.extend_claims(ids text[], fences bigint[], lease_seconds double precision)
returns table (id text, cancel_requested boolean)
language sql volatile security definer set search_path = '' as $$
    update app.units u
    set claim_expires_at = now() + make_interval(secs => lease_seconds)
    from unnest(ids, fences) as held (id, fence)
    where u.id = held.id and u.fence = held.fence and u.claim_holder is not null
    returning u.id, u.cancel_requested_at is not null
$$;

-- Units due for a run that nobody works on, taken for one dispatcher for a while.
create function app.claim_dispatch(most integer, lease_seconds double precision)
returns table (
    org_id text, id text, kind text, status text, dispatch_attempts integer, dispatch_token text)
language sql volatile security definer set search_path = '' as $$
    update app.units u
    set dispatch_due_at = now() + make_interval(secs => lease_seconds)
    where u.id in (
        select d.id from app.units d
        where d.dispatch_due_at <= now()
          and (d.claim_expires_at is null or d.claim_expires_at < now())
        order by d.dispatch_due_at limit most
        for update skip locked)
    returning u.org_id, u.id, u.kind, u.status, u.dispatch_attempts, u.dispatch_token
$$;

-- Units that failed for a reason that may have passed, for the nightly backfill.
create function app.backfill_candidates(most integer) returns table (org_id text, id text)
language sql stable security definer set search_path = '' as $$
    select u.org_id, u.id from app.units u
    where u.status in ('failed', 'incomplete') and (u.error ->> 'retryable')::boolean
    order by u.finished_at limit most
$$;

-- Events stored but not yet turned into work.
create function app.open_inbox(most integer)
returns table (org_id text, source text, event_id text, event_type text, attempts integer)
language sql stable security definer set search_path = '' as $$
    select i.org_id, i.source, i.event_id, i.event_type, i.attempts from app.inbox i
    where i.status = 'received' order by i.received_at limit most
$$;

-- Counts for the queue page and metrics: numbers only, of one organization or of all.
create function app.queue_counts()
returns table (org_id text, kind text, status text, units bigint)
language sql stable security definer set search_path = '' as $$
    select u.org_id, u.kind, u.status, count(*) from app.units u group by 1, 2, 3
$$;

-- Old progress leaves the archive; finished units keep their state and results.
create function app.purge_progress(older_than_days integer) returns bigint
language sql volatile security definer set search_path = '' as $$
    with gone as (
        delete from app.progress_events p
        where p.created_at < now() - make_interval(days => older_than_days) returning 1)
    select count(*) from gone
$$;

grant create on schema app to pipeline_system; -- the new owner of a function needs it for a moment
do $$
declare
    signature regprocedure;
begin
    foreach signature in array array[
        'app.find_api_key(text)', 'app.claim_unit(text, text, text, text[], double precision)',
        'app.claim_of(text)', 'app.extend_claims(text[], bigint[], double precision)',
        'app.claim_dispatch(integer, double precision)', 'app.open_inbox(integer)',
        'app.backfill_candidates(integer)',
        'app.queue_counts()', 'app.purge_progress(integer)'
    ]::regprocedure[] loop
        execute format('revoke all on function %s from public', signature);
        execute format('grant execute on function %s to pipeline_app', signature);
        execute format('alter function %s owner to pipeline_system', signature);
    end loop;
end $$;
revoke create on schema app from pipeline_system;
