-- name: find_api_key
select * from app.find_api_key(%(key_id)s)

-- name: get
select org_id, name, content_defaults, monthly_budget_usd from app.organizations
where org_id = app.current_org()

-- name: audit
insert into app.audit_events (org_id, actor, action, unit_id, detail)
values (app.current_org(), %(actor)s, %(action)s, %(unit_id)s, %(detail)s)

-- name: audit_of_unit
select happened_at, actor, action, detail from app.audit_events
where unit_id = %(unit_id)s order by id

-- name: key_operates
select app.key_operates(%(key_id)s) as operates
