-- State of the local provider server that outlives a restart: bills, answers already given, posts,
-- video jobs, telephone calls.

create table if not exists calls (
    n integer primary key autoincrement,
    at text not null,
    path text not null,
    capability text not null,
    model text not null,
    idempotency_key text not null,
    billed integer not null,
    replayed integer not null,
    cost_usd text not null,
    input_tokens integer not null,
    output_tokens integer not null,
    status integer not null,
    quantity real not null default 0,
    unit text not null default ''
);

create table if not exists answers (
    n integer primary key autoincrement,
    scope text not null,
    key text not null,
    fingerprint text not null,
    status integer not null,
    body text not null,
    model text not null,
    media_type text not null default 'application/json; charset=utf-8',
    file text not null default '',
    unique (scope, key)
);

create table if not exists posts (
    id integer primary key autoincrement,
    slug text not null,
    status text not null,
    title text not null,
    content text not null,
    excerpt text not null,
    meta text not null,
    created text not null,
    modified text not null
);

create index if not exists posts_by_slug on posts (slug);

create table if not exists video_jobs (
    id text primary key,
    model text not null,
    prompt text not null,
    seconds integer not null,
    seed integer not null,
    frame text not null,
    callback_url text not null,
    outcome text not null,
    status text not null default 'pending',
    error text not null default '',
    cost_usd text not null,
    content text not null default '',
    called_back integer not null default 0,
    created text not null
);

create index if not exists video_jobs_open on video_jobs (status);

create table if not exists telephone_calls (
    n integer primary key autoincrement,
    sid text not null unique,
    caller text not null,
    callee text not null,
    twiml text not null,
    status_callback text not null,
    recording_callback text not null,
    wishes text not null,
    status text not null,
    seconds integer not null,
    answered_by text not null,
    sip_code text not null,
    recording_sid text not null,
    recording text not null,
    recording_seconds real not null,
    recording_error text not null,
    sequence integer not null,
    told integer not null,
    created text not null,
    answered text not null,
    ended text not null
);

create index if not exists telephone_calls_by_callee on telephone_calls (callee, caller);
