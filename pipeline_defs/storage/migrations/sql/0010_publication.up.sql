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
-- Of a finished page: whether it is to be published and nobody has decided about its present document.
create function app.is_to_approve(page text) returns boolean
language sql stable set search_path = '' as $$
    select coalesce(p.request #>> '{options,publish}', 'none') <> 'none'
        and d.version is distinct from v.data_version
    from app.pages p
    left join app.page_decisions d on d.org_id = p.org_id and d.page_id = p.id
    left join app.asset_versions v
        on v.org_id = p.org_id and v.asset = 'page' and v.partition = p.id
    where p.id = page
$$;

call app.isolate('page_decisions');
grant select, insert, update, delete on app.page_decisions to pipeline_app;
