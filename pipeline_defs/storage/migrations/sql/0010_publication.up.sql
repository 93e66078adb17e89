-- Publication of units of any line, and what people decide about pages before it.

alter table app.article_publications rename to publications;
alter table app.publications rename column article_id to unit_id;
alter table app.publications rename column edition_version to version;
alter table app.publications rename constraint article_publications_pkey to publications_pkey;
alter table app.publications drop constraint article_publications_org_id_article_id_fkey;
alter table app.publications
    add foreign key (org_id, unit_id) references app.units on delete cascade;

-- draft: what was assembled and not (yet) stored as finished; draft_quality: what the gate found in it.
alter table app.pages
    add column draft jsonb,
    add column draft_quality jsonb;

-- The last decision about a page. It holds for the document that was looked at, and for no other.
create table app.page_decisions (
    org_id text not null,
    page_id text not null,
    version text not null, -- of that document
    decision text not null check (decision in ('approved', 'rejected')),
    publish text check (publish in ('draft', 'publish')),
    reason text not null default '',
    decided_by text not null,
    decided_at timestamptz not null default now(),
    primary key (org_id, page_id),
    foreign key (org_id, page_id) references app.pages on delete cascade,
    check ((decision = 'approved') = (publish is not null))
);
-- A finished page that is to be published, and about whose present document nobody has decided.
create function app.waits_for_approval(job text, request jsonb, decided text, made text)
returns boolean language sql immutable as $$
    select job = 'completed' and coalesce(request #>> '{options,publish}', 'none') <> 'none'
        and decided is distinct from made
$$;

call app.isolate('page_decisions');
grant select, insert, update, delete on app.page_decisions to pipeline_app;
