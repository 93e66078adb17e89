-- Articles: what was asked for, the sections in order, the assembled editions, the publications.

create table app.articles (
    org_id text not null,
    id text not null,
    topic text not null,
    language text not null default 'en',
    sections_wanted integer not null check (sections_wanted between 1 and 30),
    outline_given jsonb, -- sections the user named, else null and the outline is planned
    publish text not null default 'none' check (publish in ('none', 'draft', 'publish')),
    title text,
    description text,
    primary key (org_id, id),
    foreign key (org_id, id) references app.units on delete cascade
);

create table app.article_sections (
    org_id text not null,
    article_id text not null,
    section_order integer not null check (section_order between 1 and 30),
    title text not null,
    focus text not null default '',
    key_points jsonb not null default '[]',
    status text not null default 'pending',
    research jsonb, -- the payload with its sources
    markdown text,
    html text,
    summary text,
    citations jsonb not null default '[]', -- source id, url, title and the supporting span
    word_count integer,
    served_by text,
    error_details jsonb,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    primary key (org_id, article_id, section_order),
    foreign key (org_id, article_id) references app.articles on delete cascade
);
create trigger section_transition before insert or update of status on app.article_sections
for each row execute function app.check_transition('article_sections');

create table app.article_editions (
    org_id text not null,
    article_id text not null,
    data_version text not null,
    title text not null,
    markdown text not null,
    html text not null,
    bibliography jsonb not null,
    word_count integer not null,
    created_at timestamptz not null default now(),
    primary key (org_id, article_id, data_version),
    foreign key (org_id, article_id) references app.articles on delete cascade
);

create table app.article_publications (
    org_id text not null,
    article_id text not null,
    slug text not null,
    edition_version text not null,
    external_id text not null,
    link text not null,
    requested text not null, -- the status asked for; the site may have answered with another
    status text not null,
    published_at timestamptz not null default now(),
    primary key (org_id, article_id),
    foreign key (org_id, article_id) references app.articles on delete cascade
);

do $$
declare
    name text;
begin
    foreach name in array array[
        'articles', 'article_sections', 'article_editions', 'article_publications'
    ] loop
        call app.isolate(name);
        execute format('grant select, insert, update, delete on app.%I to pipeline_app', name);
    end loop;
end $$;
