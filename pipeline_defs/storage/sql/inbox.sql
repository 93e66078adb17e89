-- name: store
insert into app.inbox (org_id, source, event_id, event_type, body, body_hash)
values (app.current_org(), %(source)s, %(event_id)s, %(event_type)s, %(body)s, %(body_hash)s)
on conflict (org_id, source, event_id) do nothing
returning event_id

-- name: get
select * from app.inbox where source = %(source)s and event_id = %(event_id)s

-- name: lock
select * from app.inbox where source = %(source)s and event_id = %(event_id)s for update

-- name: finish
update app.inbox set status = %(status)s, reason = %(reason)s, unit_id = %(unit_id)s
where source = %(source)s and event_id = %(event_id)s

-- name: count_attempt
update app.inbox set attempts = attempts + 1
where source = %(source)s and event_id = %(event_id)s returning attempts

-- name: open
select * from app.open_inbox(%(most)s)

-- name: next
select app.next_event() as seconds
