-- name: find_api_key
select * from app.find_api_key(%(key_id)s)

-- name: get
select org_id, name, content_defaults from app.organizations
where org_id = app.current_org()

-- name: key_operates
select app.key_operates(%(key_id)s) as operates
