-- name: to_leave
select * from app.units_to_leave(%(kinds)s, %(days)s, %(final_states)s, %(most)s)

-- name: leaving
-- Decided before Dagster is touched: whoever needs the unit from now on registers all of it again.
update app.units u set dagster_presence = 'leaving'
where u.id = %(id)s and u.dagster_presence in ('present', 'leaving')
  and app.is_at_rest(u, %(final_states)s)

-- name: lock_leaving
select u.id from app.units u
where u.id = %(id)s and u.dagster_presence = 'leaving' and app.is_at_rest(u, %(final_states)s)
for update

-- name: left
update app.units set dagster_presence = 'left' where id = %(id)s

-- name: to_forget
select * from app.units_to_forget(%(days)s, %(most)s)

-- name: lock_left
select id from app.units where id = %(id)s and dagster_presence = 'left' for update

-- name: forgotten
update app.units set dagster_presence = 'forgotten' where id = %(id)s

-- name: lock_absent
select id from app.units where id = %(id)s and dagster_presence <> 'present' for update

-- name: returned
-- Touched now: it stays for as long as one that has just finished.
update app.units set dagster_presence = 'present', updated_at = now() where id = %(id)s

-- name: tell_again
update app.asset_versions set reported_at = null where unit_id = %(unit_id)s

-- name: empty_inbox
select app.empty_inbox(%(days)s, %(most)s) as purged
