-- name: create_units
-- Pages wait in their own queue: they are not due for dispatch until they are admitted.
insert into app.units (
    org_id, id, kind, status, title, steps_total, created_by, dispatch_due_at, progress_seq)
select app.current_org(), n.id, 'pages', 'queued', n.title, %(steps_total)s, %(created_by)s, null, 1
from unnest(%(ids)s::text[], %(titles)s::text[]) as n (id, title)

-- name: create
-- `requests` is one JSON array: texts full of quotation marks are slow to send as an array of texts.
insert into app.pages (org_id, id, request)
select app.current_org(), n.id, n.request
from rows from (unnest(%(ids)s::text[]), jsonb_array_elements(%(requests)s::jsonb))
    as n (id, request)

-- name: create_events
insert into app.progress_events (org_id, unit_id, seq, event)
select app.current_org(), id, 1, %(event)s from unnest(%(ids)s::text[]) as n (id)

-- name: get
select p.*, to_jsonb(d) - 'org_id' - 'page_id' as decision, o.requested as published_as
from app.pages p
left join app.page_decisions d on d.org_id = p.org_id and d.page_id = p.id
left join app.publications o on o.org_id = p.org_id and o.unit_id = p.id
where p.id = %(id)s

-- name: stages
select stage, status, seconds, detail, error, started_at from app.page_stages where page_id = %(id)s

-- name: count
update app.units
set stage = %(stage)s, steps_total = %(steps_total)s, updated_at = now(),
    steps_done = (
        select count(*) from app.page_stages
        where page_id = %(id)s and status in ('completed', 'skipped')
    )
where id = %(id)s

-- name: put_stage
insert into app.page_stages (org_id, page_id, stage, status, started_at, seconds, detail, error)
values (app.current_org(), %(id)s, %(stage)s, %(status)s, now(), %(seconds)s, %(detail)s, %(error)s)
on conflict (org_id, page_id, stage) do update
set status = excluded.status, seconds = excluded.seconds, detail = excluded.detail,
    error = excluded.error,
    started_at = case when excluded.status = 'running' then now() else page_stages.started_at end

-- name: forget_stages
delete from app.page_stages where page_id = %(id)s and stage = any(%(stages)s)

-- name: settle_stages
update app.page_stages set status = 'pending', seconds = null
where page_id = %(id)s and status = 'running'

-- name: put_context
update app.pages set context = %(context)s where id = %(id)s

-- name: put_components
update app.pages set components = %(components)s where id = %(id)s

-- name: put_draft
update app.pages set draft = %(document)s, draft_quality = %(quality)s where id = %(id)s

-- name: put_document
-- Finished: there is no draft any more.
update app.pages
set document = %(document)s, quality = %(quality)s, draft = null, draft_quality = null
where id = %(id)s

-- name: put_decision
insert into app.page_decisions (
    org_id, page_id, version, decision, publish, reason, decided_by)
values (app.current_org(), %(id)s, %(version)s, %(decision)s, %(publish)s, %(reason)s,
        %(decided_by)s)
on conflict (org_id, page_id) do update
set version = excluded.version, decision = excluded.decision, publish = excluded.publish,
    reason = excluded.reason, decided_by = excluded.decided_by, decided_at = now()

-- name: set_request
update app.pages set request = %(request)s where id = %(id)s

-- name: place
select p.site, p.language, p.request ->> 'target_url' as url, q.batch_id, q.batch_row
from app.pages p join app.generation_queue q on q.org_id = p.org_id and q.id = p.id
where p.id = %(id)s

-- name: links
-- Other pages of the same site and language to link to: those next to it in its batch come first,
-- then the newest ones, finished ones before those that may yet fail. Each is looked up by its id,
-- whatever the planner believes of the table. What a page is called last of all is its own title,
-- which is its address until something better is known.
with near as (
    select q.id, abs(q.batch_row - %(batch_row)s)::bigint as place
    from app.generation_queue q
    where q.batch_id = %(batch_id)s and q.batch_row between %(first_row)s and %(last_row)s
      and q.status not in ('failed', 'cancelled')),
newest as (
    select p.id, %(last_row)s + row_number() over (
        order by p.is_unfinished, p.created_at desc, p.id) as place
    from (select p.id, p.created_at, p.document is null as is_unfinished from app.pages p
          where p.site = %(site)s and p.language = %(language)s
          order by p.created_at desc, p.id limit 4 * %(most)s) p
    join app.generation_queue q on q.id = p.id
    where q.status not in ('failed', 'cancelled'))
select p.url, p.title, (array_agg(c.id order by c.place))[1] as id
from (select * from near union all select * from newest) c
cross join lateral (
    select p.site, p.language, p.request ->> 'target_url' as url,
           coalesce(
               p.request #>> '{metadata,topic}',
               case when p.request ->> 'page_type' = 'product' then coalesce(
                   p.request #>> '{metadata,product,name}',
                   (select d.product ->> 'name' from app.products d
                    where d.sku = p.request #>> '{metadata,skus,0}')) end,
               p.request #>> '{metadata,category}', p.request #>> '{metadata,brand}',
               p.request #>> '{keywords,0}',
               (select nullif(u.title, p.request ->> 'target_url') from app.units u
                where u.id = p.id)) as title
    from app.pages p where p.id = c.id offset 0) p
where c.id <> %(id)s and p.site = %(site)s and p.language = %(language)s and p.url <> %(url)s
  and p.title is not null
group by p.url, p.title
order by min(c.place), p.url
limit %(most)s

-- name: living
-- Which of these pages are there, or are on their way.
select p.id from app.pages p join app.generation_queue q on q.org_id = p.org_id and q.id = p.id
where p.id = any(%(ids)s) and (p.document is not null or q.status not in ('failed', 'cancelled'))

-- name: results
-- Pages of a batch that have a finished document, a part at a time; also those that are queued again.
select p.id, p.request, p.document, q.batch_row from app.generation_queue q
join app.pages p on p.org_id = q.org_id and p.id = q.id
where q.batch_id = %(batch_id)s and p.document is not null and q.batch_row > %(after)s
order by q.batch_row limit %(most)s

-- name: failures
-- Not those of which all `stages` are done: their document stands, it was publishing that failed.
select p.request, u.error from app.generation_queue q
join app.pages p on p.org_id = q.org_id and p.id = q.id
join app.units u on u.org_id = q.org_id and u.id = q.id
where q.batch_id = %(batch_id)s and q.status = 'failed'
  and (p.document is null
       or %(stages)s > (select count(*) from app.page_stages s
                        where s.org_id = p.org_id and s.page_id = p.id
                          and s.status in ('completed', 'skipped')))
order by q.batch_row
