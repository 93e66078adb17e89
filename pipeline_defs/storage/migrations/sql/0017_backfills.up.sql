-- Backfills that queued something: who asked for what, and which units it queued. What became of them
-- is read from the units, so it is told here only once.
create table app.backfills (
    org_id text not null references app.organizations,
    id text not null,
    started_at timestamptz not null default now(),
    actor text not null,
    line text, -- null: of all lines
    since timestamptz, -- of units that finished then or later
    reasons text[] not null,
    budget_usd numeric, -- null: without a limit
    most integer not null,
    unit_ids text[] not null,
    parts integer not null,
    cost_usd numeric not null, -- at most, by what the same things cost before
    primary key (org_id, id)
);
create index backfills_newest on app.backfills (org_id, started_at desc, id desc);
call app.isolate('backfills');
grant select, insert, update on app.backfills to pipeline_app;
