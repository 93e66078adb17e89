-- name: of_unit
select * from app.publications where unit_id = %(unit_id)s

-- name: put
insert into app.publications (
    org_id, unit_id, slug, version, external_id, link, requested, status)
values (app.current_org(), %(unit_id)s, %(slug)s, %(version)s, %(external_id)s, %(link)s,
        %(requested)s, %(status)s)
on conflict (org_id, unit_id) do update
set slug = excluded.slug, version = excluded.version, external_id = excluded.external_id,
    link = excluded.link, requested = excluded.requested, status = excluded.status,
    published_at = now()
