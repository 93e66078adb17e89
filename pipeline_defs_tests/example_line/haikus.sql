-- name: create
insert into app.haikus (org_id, id) values (app.current_org(), %(id)s)

-- name: add_verses
insert into app.haiku_verses (org_id, haiku_id, verse_order, theme)
select app.current_org(), %(id)s, v.verse_order, v.theme
from unnest(%(themes)s::text[]) with ordinality as v (theme, verse_order)

-- name: get
select text from app.haikus where id = %(id)s

-- name: verses
select haiku_id, verse_order, theme, status, text from app.haiku_verses
where haiku_id = %(id)s order by verse_order

-- name: set_theme
update app.haiku_verses set theme = %(theme)s where haiku_id = %(id)s and verse_order = %(order)s

-- name: make_due
update app.haiku_verses set status = 'pending'
where haiku_id = %(id)s and verse_order = any(%(orders)s) and status <> 'pending'

-- name: set_verse
update app.haiku_verses set status = %(status)s, text = coalesce(%(text)s, text)
where haiku_id = %(id)s and verse_order = %(order)s

-- name: set_text
update app.haikus set text = %(text)s where id = %(id)s
