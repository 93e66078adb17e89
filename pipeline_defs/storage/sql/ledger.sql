-- name: done_of_unit
-- Everything already paid for and finished, to be looked up in memory during a run.
select partition, step, input_hash, result from app.ledger
where unit_id = %(unit_id)s and status = 'done'

-- name: find
select tries, answers, complaint, result, started_at::text from app.ledger
where unit_id = %(unit_id)s and partition = %(partition)s and step = %(step)s
  and input_hash = %(input_hash)s

-- name: start
insert into app.ledger (org_id, unit_id, partition, step, input_hash, status, fence, run_id)
select app.current_org(), r.unit_id, r.partition, r.step, r.input_hash, 'started', r.fence, r.run_id
from jsonb_to_recordset(%(rows)s) as r (
    unit_id text, partition text, step text, input_hash text, fence bigint, run_id text)
on conflict (org_id, unit_id, partition, step, input_hash) do update
set tries = app.ledger.tries + 1, fence = excluded.fence, run_id = excluded.run_id
where app.ledger.status = 'started'
returning unit_id, partition, step, input_hash, tries, answers, complaint, started_at::text

-- name: answered
-- The provider has answered, and not with what was asked for: the next try is a new request.
update app.ledger set answers = answers + 1, complaint = %(complaint)s
where unit_id = %(unit_id)s and partition = %(partition)s and step = %(step)s
  and input_hash = %(input_hash)s

-- name: finish
insert into app.ledger (
    org_id, unit_id, partition, step, input_hash, status, fence, run_id, result, finished_at)
select app.current_org(), r.unit_id, r.partition, r.step, r.input_hash, 'done', r.fence, r.run_id,
       r.result, now()
from jsonb_to_recordset(%(rows)s) as r (
    unit_id text, partition text, step text, input_hash text, fence bigint, run_id text,
    result jsonb)
on conflict (org_id, unit_id, partition, step, input_hash) do update
set status = 'done', result = excluded.result, fence = excluded.fence, finished_at = now()
where app.ledger.status = 'started'

-- name: generation
select coalesce(
    (select generation from app.generations where asset = %(asset)s and partition = %(partition)s), 0)
    as generation

-- name: generations_of_unit
select asset, partition, generation from app.generations where unit_id = %(unit_id)s

-- name: raise_generation
insert into app.generations (org_id, unit_id, asset, partition, generation)
values (app.current_org(), %(unit_id)s, %(asset)s, %(partition)s, 1)
on conflict (org_id, asset, partition) do update set generation = app.generations.generation + 1
returning generation

-- name: forget
-- Steps whose result names a lost file: asked for again, under the same idempotency key.
delete from app.ledger
where unit_id = %(unit_id)s and partition = %(partition)s and step = any(%(steps)s)
  and result::text like '%%"sha256"%%'

-- name: forget_losses
-- A person looks after the unit now: the count of healed losses begins anew.
delete from app.ledger where unit_id = %(unit_id)s and step like 'lost:%%'
