-- name: create
insert into app.articles (org_id, id, topic, language, sections_wanted, outline_given, publish)
values (app.current_org(), %(id)s, %(topic)s, %(language)s, %(sections_wanted)s,
        %(outline_given)s, %(publish)s)

-- name: get
select * from app.articles where id = %(id)s

-- name: set_outline
update app.articles set title = %(title)s, description = %(description)s where id = %(id)s

-- name: set_publish
update app.articles set publish = %(publish)s where id = %(id)s

-- name: add_section
insert into app.article_sections (org_id, article_id, section_order, title, focus, key_points)
values (app.current_org(), %(article_id)s, %(section_order)s, %(title)s, %(focus)s, %(key_points)s)
on conflict (org_id, article_id, section_order) do update
set title = excluded.title, focus = excluded.focus, key_points = excluded.key_points,
    updated_at = now()

-- name: drop_sections_beyond
delete from app.article_sections
where article_id = %(article_id)s and section_order > %(section_order)s

-- name: sections
select * from app.article_sections where article_id = %(article_id)s order by section_order

-- name: edit_section
update app.article_sections
set title = coalesce(%(title)s, title), focus = coalesce(%(focus)s, focus),
    key_points = coalesce(%(key_points)s, key_points), updated_at = now()
where article_id = %(article_id)s and section_order = %(section_order)s

-- name: set_section_status
update app.article_sections
set status = %(status)s, error_details = %(error)s, updated_at = now()
where article_id = %(article_id)s and section_order = %(section_order)s

-- name: store_research
update app.article_sections set research = %(research)s, updated_at = now()
where article_id = %(article_id)s and section_order = %(section_order)s

-- name: store_draft
update app.article_sections
set markdown = %(markdown)s, html = %(html)s, summary = %(summary)s, citations = %(citations)s,
    word_count = %(word_count)s, served_by = %(served_by)s, updated_at = now()
where article_id = %(article_id)s and section_order = %(section_order)s

-- name: add_edition
insert into app.article_editions (
    org_id, article_id, data_version, title, markdown, html, bibliography, word_count)
values (app.current_org(), %(article_id)s, %(data_version)s, %(title)s, %(markdown)s, %(html)s,
        %(bibliography)s, %(word_count)s)
on conflict (org_id, article_id, data_version) do update set created_at = now()

-- name: current_edition
select * from app.article_editions where article_id = %(article_id)s
order by created_at desc limit 1
