-- name: lock
select pg_advisory_xact_lock(hashtext('page_signatures'), hashtext(app.current_org()))

-- name: put
-- A new text has other bands: each takes the place of the one before.
insert into app.page_signatures (org_id, page_id, band, hash)
select app.current_org(), %(page_id)s, b.band, b.hash
from unnest(%(bands)s::smallint[], %(hashes)s::bigint[]) as b (band, hash)
on conflict (org_id, page_id, band) do update set hash = excluded.hash

-- name: candidates
-- Other pages that share a band, those that share most first, with the text they show.
select n.page_id, n.shared, p.document ->> 'text' as text
from (
    select s.page_id, count(*) as shared
    from unnest(%(bands)s::smallint[], %(hashes)s::bigint[]) as b (band, hash)
    join app.page_signatures s on s.org_id = app.current_org()
        and s.band = b.band and s.hash = b.hash
    where s.page_id <> %(page_id)s
    group by s.page_id order by shared desc, s.page_id limit %(most)s
) n join app.pages p on p.org_id = app.current_org() and p.id = n.page_id
where p.document ->> 'text' is not null
order by n.shared desc, n.page_id

-- name: remove
delete from app.page_signatures where page_id = %(page_id)s
