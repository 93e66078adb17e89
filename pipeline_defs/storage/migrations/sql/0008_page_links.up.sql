-- Pages of the same site and language, newest first, are found by an index: a page links to a few of
-- them, however many there are. Columns of their own, as row-level security lets no index be used on
-- what an operator makes of `request`.
alter table app.pages
    add column site text generated always as
        (substring(request ->> 'target_url' from '^https?://[^/?#]+')) stored,
    add column language text generated always as (request ->> 'language') stored,
    add column created_at timestamptz not null default now();
update app.pages p set created_at = u.created_at
from app.units u where u.org_id = p.org_id and u.id = p.id;
create index pages_of_site on app.pages (org_id, site, language, created_at desc, id);
