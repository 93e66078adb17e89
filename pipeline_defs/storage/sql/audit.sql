-- name: add
insert into app.audit_events (org_id, actor, action, unit_id, detail)
values (app.current_org(), %(actor)s, %(action)s, %(unit_id)s, %(detail)s)

-- name: of_unit
select happened_at, actor, action, detail from app.audit_events
where unit_id = %(unit_id)s order by id

-- name: listed
-- Newest first. `action` is an action or the beginning of some, up to a point.
select e.id, e.happened_at, e.actor, k.name as actor_name, e.action, e.unit_id, u.kind, u.title,
       e.detail
from app.audit_events e
left join app.units u on u.org_id = e.org_id and u.id = e.unit_id
left join app.api_keys k on k.org_id = e.org_id and 'key:' || k.key_id = e.actor
where e.org_id = app.current_org()
  and (%(before)s::bigint is null or e.id < %(before)s)
  and (%(actor)s::text is null or e.actor = %(actor)s)
  and (%(action)s::text is null or e.action = %(action)s
       or starts_with(e.action, %(action)s || '.'))
  and (%(unit_id)s::text is null or e.unit_id = %(unit_id)s)
  and (%(since)s::date is null
       or e.happened_at >= %(since)s::date::timestamp at time zone 'UTC')
  and (%(until)s::date is null
       or e.happened_at < (%(until)s::date + 1)::timestamp at time zone 'UTC')
order by e.id desc limit %(most)s
