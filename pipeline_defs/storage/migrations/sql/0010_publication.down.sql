drop function app.is_to_approve;
drop table app.page_decisions;
alter table app.pages drop column draft, drop column draft_quality;

delete from app.publications p
where not exists (select 1 from app.articles a where a.org_id = p.org_id and a.id = p.unit_id);
alter table app.publications drop constraint publications_org_id_unit_id_fkey;
alter table app.publications rename constraint publications_pkey to article_publications_pkey;
alter table app.publications rename column version to edition_version;
alter table app.publications rename column unit_id to article_id;
alter table app.publications rename to article_publications;
alter table app.article_publications
    add foreign key (org_id, article_id) references app.articles on delete cascade;
