-- name: add
insert into app.calls (org_id, campaign_id, call_order, phone, name, respondent, script)
values (app.current_org(), %(campaign_id)s, %(order)s, %(phone)s, %(contact)s, %(respondent)s,
        %(script)s)

-- name: of_campaign
select * from app.calls where campaign_id = %(campaign_id)s order by call_order

-- name: get
select * from app.calls where campaign_id = %(campaign_id)s and call_order = %(order)s

-- name: by_sid
-- Where a call of the provider belongs: to a call, as its current attempt or an earlier one.
select campaign_id, call_order, attempt, true as current from app.calls where sid = %(sid)s
union all
select campaign_id, call_order, attempt, false from app.call_attempts where sid = %(sid)s
limit 1

-- name: known_sids
-- Calls of the provider that are somebody's already, of these.
select sid from app.calls where sid = any(%(sids)s)
union
select sid from app.call_attempts where sid = any(%(sids)s)

-- name: attempts
-- Earlier ones; the current attempt stands in the call itself.
select attempt, status, ended_at, seconds from app.call_attempts
where campaign_id = %(campaign_id)s and call_order = %(order)s order by attempt

-- name: intend
-- Written before the provider is asked.
update app.calls set intended_at = now(), dialled_at = now(), error = null, updated_at = now()
where campaign_id = %(campaign_id)s and call_order = %(order)s and sid is null
  and status = 'queued'

-- name: not_placed
-- The provider surely has not placed it: it may be asked again.
update app.calls set intended_at = null, updated_at = now()
where campaign_id = %(campaign_id)s and call_order = %(order)s and sid is null

-- name: placed
update app.calls set sid = %(sid)s, heard_at = now(), updated_at = now()
where campaign_id = %(campaign_id)s and call_order = %(order)s and sid is null

-- name: set_status
update app.calls
set status = %(status)s, updated_at = now(),
    ended_at = case when %(ended)s then coalesce(ended_at, now()) else ended_at end
where campaign_id = %(campaign_id)s and call_order = %(order)s

-- name: heard
-- What the provider said of it, by whichever way; what it does not say now stays.
update app.calls
set heard_at = now(), updated_at = now(),
    sequence = greatest(sequence, coalesce(%(sequence)s, sequence)),
    seconds = coalesce(%(seconds)s, seconds),
    recording_state = coalesce(%(recording_state)s, recording_state),
    recording_sid = coalesce(%(recording_sid)s, recording_sid),
    recording_channels = coalesce(%(recording_channels)s, recording_channels),
    recording_seconds = coalesce(%(recording_seconds)s, recording_seconds)
where campaign_id = %(campaign_id)s and call_order = %(order)s

-- name: keep_attempt
insert into app.call_attempts (
    org_id, campaign_id, call_order, attempt, sid, status, ended_at, seconds)
select org_id, campaign_id, call_order, attempt, sid, status, ended_at, seconds from app.calls
where campaign_id = %(campaign_id)s and call_order = %(order)s

-- name: begin_attempt
-- The contact is called once more, not before `due_at`.
update app.calls
set status = 'queued', attempt = attempt + 1, due_at = %(due_at)s, intended_at = null, sid = null,
    sequence = -1, heard_at = null, ended_at = null, seconds = null, settled = false,
    recording_state = 'awaited', recording_sid = null, recording_channels = null,
    recording_seconds = null, error = null, updated_at = now()
where campaign_id = %(campaign_id)s and call_order = %(order)s

-- name: settled
update app.calls set settled = true, updated_at = now()
where campaign_id = %(campaign_id)s and call_order = %(order)s

-- name: set_error
update app.calls set error = %(error)s, updated_at = now()
where campaign_id = %(campaign_id)s and call_order = %(order)s

-- name: clear_errors
-- What stopped the reading of these calls is tried again.
update app.calls set error = null, updated_at = now()
where campaign_id = %(campaign_id)s and call_order = any(%(orders)s)

-- name: store_transcript
update app.calls set transcript = %(transcript)s, error = null, updated_at = now()
where campaign_id = %(campaign_id)s and call_order = %(order)s

-- name: store_extraction
update app.calls set extraction = %(extraction)s, error = null, updated_at = now()
where campaign_id = %(campaign_id)s and call_order = %(order)s

-- name: remove_utterances
delete from app.utterances where campaign_id = %(campaign_id)s and call_order = %(order)s

-- name: add_utterances
insert into app.utterances (
    org_id, campaign_id, call_order, utterance_order, speaker, channel, voice, start_seconds,
    end_seconds, text, words)
select app.current_org(), %(campaign_id)s, %(order)s, u.utterance_order, u.speaker, u.channel,
       u.voice, u.start_seconds, u.end_seconds, u.text, u.words
from jsonb_to_recordset(%(utterances)s) as u (
    utterance_order integer, speaker text, channel integer, voice integer,
    start_seconds double precision, end_seconds double precision, text text, words jsonb)
on conflict (org_id, campaign_id, call_order, utterance_order) do nothing

-- name: utterances
select * from app.utterances where campaign_id = %(campaign_id)s and call_order = %(order)s
order by utterance_order

-- name: remove_claims
delete from app.claims where campaign_id = %(campaign_id)s and call_order = %(order)s
returning hypothesis_order

-- name: add_claim
insert into app.claims (
    org_id, campaign_id, call_order, claim_order, text, quote, start_seconds, end_seconds, channel,
    utterance_order, hypothesis_order, field, stance, confidence, asr_confidence)
values (app.current_org(), %(campaign_id)s, %(call)s, %(order)s, %(text)s, %(quote)s, %(start)s,
        %(end)s, %(channel)s, %(utterance)s, %(hypothesis)s, %(field)s, %(stance)s, %(confidence)s,
        %(asr_confidence)s)

-- name: forget_transcript
-- To be made again; the claims on it stay until then.
update app.calls set transcript = null, error = null, updated_at = now()
where campaign_id = %(campaign_id)s and call_order = %(order)s
