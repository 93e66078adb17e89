-- name: create
insert into app.campaigns (
    org_id, id, goal, language, consent, time_zone, quiet_start, quiet_end, do_not_call,
    calls_per_minute, budget_usd, retries, retry_after_minutes)
values (app.current_org(), %(id)s, %(goal)s, %(language)s, %(consent)s, %(time_zone)s,
        %(quiet_start)s, %(quiet_end)s, %(do_not_call)s, %(calls_per_minute)s, %(budget_usd)s,
        %(retries)s, %(retry_after_minutes)s)

-- name: add_hypothesis
insert into app.hypotheses (org_id, campaign_id, hypothesis_order, text, field)
values (app.current_org(), %(campaign_id)s, %(order)s, %(text)s, %(field)s)

-- name: add_question
insert into app.checklist_questions (org_id, campaign_id, question_order, question, hypothesis_order)
values (app.current_org(), %(campaign_id)s, %(order)s, %(question)s, %(hypothesis)s)

-- name: get
select c.*, coalesce(
    (select sum(cost_usd) from app.usage u where u.unit_id = c.id), 0) as spent_usd
from app.campaigns c where c.id = %(id)s

-- name: hypotheses
-- Each with the verdict that stands: the one with the highest number.
select h.*, v.verdict, v.number, v.passed_at from app.hypotheses h
left join lateral (
    select * from app.verdicts v
    where v.org_id = h.org_id and v.campaign_id = h.campaign_id
      and v.hypothesis_order = h.hypothesis_order
    order by v.number desc limit 1) v on true
where h.campaign_id = %(campaign_id)s order by h.hypothesis_order

-- name: questions
select * from app.checklist_questions where campaign_id = %(campaign_id)s order by question_order

-- name: claims
select * from app.claims where campaign_id = %(campaign_id)s order by call_order, claim_order

-- name: pass_verdict
-- The newest verdict stands; those before stay as history.
insert into app.verdicts (org_id, campaign_id, hypothesis_order, number, verdict)
select app.current_org(), %(campaign_id)s, %(order)s, coalesce(max(number), 0) + 1, %(verdict)s
from app.verdicts where campaign_id = %(campaign_id)s and hypothesis_order = %(order)s
returning number

-- name: mark_validated
update app.claims set validated_by = %(number)s
where campaign_id = %(campaign_id)s and hypothesis_order = %(order)s and stance <> 'neutral'

-- name: verdicts
-- All verdicts ever passed on one hypothesis, the newest first.
select number, verdict, passed_at from app.verdicts
where campaign_id = %(campaign_id)s and hypothesis_order = %(order)s
order by number desc limit %(most)s

-- name: verdict_history
-- Verdicts that were passed on the hypotheses before the one that stands, the newest first.
select hypothesis_order, number, verdict, passed_at from app.verdicts v
where campaign_id = %(campaign_id)s and number < (
    select max(number) from app.verdicts o
    where o.org_id = v.org_id and o.campaign_id = v.campaign_id
      and o.hypothesis_order = v.hypothesis_order)
order by hypothesis_order, number desc limit %(most)s

-- name: new_evidence
update app.hypotheses set evidence_at = now()
where campaign_id = %(campaign_id)s and hypothesis_order = any(%(orders)s)

-- name: pause
update app.campaigns set paused_at = coalesce(paused_at, now()) where id = %(id)s

-- name: unpause
update app.campaigns set paused_at = null where id = %(id)s

-- name: store_report
update app.campaigns set report = %(report)s where id = %(id)s

-- name: forget_report
-- To be written again.
update app.campaigns set report = null where id = %(id)s

-- name: change
-- Numbers not to be called are only ever added.
update app.campaigns
set calls_per_minute = coalesce(%(calls_per_minute)s, calls_per_minute),
    budget_usd = case when %(budget_given)s then %(budget_usd)s else budget_usd end,
    do_not_call = array(select distinct unnest(do_not_call || %(do_not_call)s::text[]))
where id = %(id)s
