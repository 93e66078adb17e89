-- name: find_api_key
select * from app.find_api_key(%(key_id)s)

-- name: get
select org_id, name, content_defaults from app.organizations
where org_id = app.current_org()

-- name: is_operator
-- Whether the caller may see what concerns all organizations.
select app.sees_everybody() as is_operator
