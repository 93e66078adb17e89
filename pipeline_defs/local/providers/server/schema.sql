-- State of the local provider server that outlives a restart: bills, answers already given, posts.

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
    status integer not null
);

create table if not exists answers (
    n integer primary key autoincrement,
    scope text not null,
    key text not null,
    fingerprint text not null,
    status integer not null,
    body text not null,
    model text not null,
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
