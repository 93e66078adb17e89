-- Campaigns of phone interviews: whom to ask what, how each call went, what was said, what it says
-- of the hypotheses. Recordings live in the blob store.

create table app.campaigns (
    org_id text not null,
    id text not null,
    goal text not null,
    language text not null,
    consent text not null,
    time_zone text not null,
    quiet_start time, -- local to time_zone; null: calls at any time
    quiet_end time,
    do_not_call text[] not null,
    calls_per_minute integer not null check (calls_per_minute between 1 and 60),
    budget_usd numeric(12, 4),
    retries integer not null check (retries between 0 and 5),
    retry_after_minutes integer not null,
    paused_at timestamptz,
    report jsonb,
    primary key (org_id, id),
    foreign key (org_id, id) references app.units on delete cascade
);

create table app.hypotheses (
    org_id text not null,
    campaign_id text not null,
    hypothesis_order integer not null check (hypothesis_order between 1 and 20),
    text text not null,
    field text not null,
    evidence_at timestamptz, -- when a claim on it came or went last
    primary key (org_id, campaign_id, hypothesis_order),
    foreign key (org_id, campaign_id) references app.campaigns on delete cascade
);

-- Every verdict ever passed on a hypothesis; the one with the highest number stands.
create table app.verdicts (
    org_id text not null,
    campaign_id text not null,
    hypothesis_order integer not null,
    number integer not null,
    verdict jsonb not null,
    passed_at timestamptz not null default now(),
    primary key (org_id, campaign_id, hypothesis_order, number),
    foreign key (org_id, campaign_id, hypothesis_order) references app.hypotheses on delete cascade
);

create table app.checklist_questions (
    org_id text not null,
    campaign_id text not null,
    question_order integer not null check (question_order between 1 and 30),
    question text not null,
    hypothesis_order integer,
    primary key (org_id, campaign_id, question_order),
    foreign key (org_id, campaign_id) references app.campaigns on delete cascade
);

-- The interview with one contact and the current attempt to reach them. `intended_at` is written
-- before the provider is asked: with it and without a sid the answer was lost, and the provider's
-- list is asked instead of calling again.
create table app.calls (
    org_id text not null,
    campaign_id text not null,
    call_order integer not null check (call_order between 1 and 999),
    phone text not null check (phone ~ '^\+[1-9][0-9]{4,14}$'),
    name text not null default '',
    respondent text not null,
    attempt integer not null default 1 check (attempt >= 1),
    status text not null default 'queued',
    due_at timestamptz not null default now(),
    intended_at timestamptz,
    dialled_at timestamptz, -- the last time, over all attempts: counts for the rate
    sid text check (sid ~ '^CA[0-9a-f]{32}$'),
    sequence integer not null default -1, -- of the newest status event
    heard_at timestamptz,
    ended_at timestamptz,
    seconds integer,
    settled boolean not null default false,
    recording_state text not null default 'awaited'
        check (recording_state in ('awaited', 'ready', 'absent')),
    recording_sid text check (recording_sid ~ '^RE[0-9a-f]{32}$'),
    recording_channels integer,
    recording_seconds double precision,
    transcript jsonb,
    extraction jsonb,
    error jsonb,
    updated_at timestamptz not null default now(),
    primary key (org_id, campaign_id, call_order),
    unique (org_id, sid),
    unique (org_id, campaign_id, phone),
    foreign key (org_id, campaign_id) references app.campaigns on delete cascade
);
create trigger call_transition before insert or update of status on app.calls
for each row execute function app.check_transition('calls');

-- Attempts that ended without reaching the contact and were followed by another.
create table app.call_attempts (
    org_id text not null,
    campaign_id text not null,
    call_order integer not null,
    attempt integer not null,
    sid text,
    status text not null,
    ended_at timestamptz,
    seconds integer,
    primary key (org_id, campaign_id, call_order, attempt),
    foreign key (org_id, campaign_id, call_order) references app.calls on delete cascade
);
create index attempts_by_sid on app.call_attempts (org_id, sid);

create table app.utterances (
    org_id text not null,
    campaign_id text not null,
    call_order integer not null,
    utterance_order integer not null,
    speaker text not null check (speaker in ('AI', 'HUMAN', 'UNKNOWN')),
    channel integer not null,
    start_seconds double precision not null,
    end_seconds double precision not null,
    text text not null,
    words jsonb not null,
    primary key (org_id, campaign_id, call_order, utterance_order),
    foreign key (org_id, campaign_id, call_order) references app.calls on delete cascade
);

create table app.claims (
    org_id text not null,
    campaign_id text not null,
    call_order integer not null,
    claim_order integer not null,
    text text not null,
    quote text not null,
    start_seconds double precision not null,
    end_seconds double precision not null,
    channel integer not null,
    utterance_order integer not null,
    hypothesis_order integer not null,
    field integer,
    stance text not null check (stance in ('supports', 'opposes', 'neutral')),
    confidence double precision not null check (confidence between 0 and 1),
    asr_confidence double precision check (asr_confidence between 0 and 1),
    validated_by integer, -- number of the verdict that counted it
    primary key (org_id, campaign_id, call_order, claim_order),
    foreign key (org_id, campaign_id, call_order) references app.calls on delete cascade,
    foreign key (org_id, campaign_id, hypothesis_order) references app.hypotheses on delete cascade
);
create index claims_of_hypothesis on app.claims (org_id, campaign_id, hypothesis_order);

do $$
declare
    name text;
begin
    foreach name in array array[
        'campaigns', 'hypotheses', 'verdicts', 'checklist_questions', 'calls', 'call_attempts',
        'utterances', 'claims'
    ] loop
        call app.isolate(name);
        execute format('grant select, insert, update, delete on app.%I to pipeline_app', name);
    end loop;
end $$;
