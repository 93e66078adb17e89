-- What the reconciler looks for and remembers. Its functions only say what stands against the rules;
-- each repair is a statement of its own that asks again, so live work is never touched.

-- Every pass: what was found and done, in numbers over all organizations. No names of any.
create table app.reconciliations (
    id bigint generated always as identity primary key,
    run_id text not null unique,
    scope text not null check (scope in ('quick', 'full')),
    began_at timestamptz not null,
    ended_at timestamptz not null default now(),
    findings jsonb not null, -- as of domain/reconciliation.py
    faults jsonb not null, -- areas that could not be looked at, with the error
    blobs_after text not null default '' -- the hash at which the sweep of the store goes on
);
create index reconciliations_newest on app.reconciliations (ended_at desc);
grant select, insert, update, delete on app.reconciliations to pipeline_app;

-- Keys of those who run the system: they see and start what concerns all organizations.
alter table app.api_keys add column operates boolean not null default false;
create function app.key_operates(wanted text) returns boolean
language sql stable security definer set search_path = '' as $$
    select coalesce(
        (select k.operates from app.api_keys k where k.key_id = wanted and k.revoked_at is null), false)
$$;

-- Since when a worker holds a unit: one that was claimed a moment ago is never taken for hung.
alter table app.units add column claimed_at timestamptz;
create or replace function app.claim_unit(
    wanted text, holder text, run_id text, ancestors text[], lease_seconds double precision)
returns table (org_id text, kind text, status text, fence bigint)
language sql volatile security definer set search_path = '' as $$
    update app.units u
    set fence = u.fence + 1, claim_holder = holder, claim_run_id = run_id, claimed_at = now(),
        claim_expires_at = now() + make_interval(secs => lease_seconds)
    where u.id = wanted
      and (u.claim_expires_at is null or u.claim_expires_at < now()
           or u.claim_run_id = any (ancestors))
    returning u.org_id, u.kind, u.status, u.fence
$$;

create index units_in_work on app.units (id) where status in ('queued', 'generating');
create index versions_unreported on app.asset_versions (made_at) where reported_at is null;
create index ledger_clip_jobs on app.ledger (org_id, unit_id, partition) where step = 'clip_job';

-- Files by their hash, wherever a row names one.
create index ledger_blobs on app.ledger
    using gin (jsonb_path_query_array(result, '$.**.sha256'))
    where jsonb_path_exists(result, '$.**.sha256');
create index lecture_asset_blobs on app.lecture_assets
    using gin (jsonb_path_query_array(result, '$.**.sha256'))
    where jsonb_path_exists(result, '$.**.sha256');
create index call_blobs on app.calls
    using gin (jsonb_path_query_array(transcript, '$.**.sha256'))
    where jsonb_path_exists(transcript, '$.**.sha256');
create index campaign_blobs on app.campaigns
    using gin (jsonb_path_query_array(report, '$.**.sha256'))
    where jsonb_path_exists(report, '$.**.sha256');

do $$
declare
    name text;
begin
    foreach name in array array['lecture_assets', 'calls', 'campaigns'] loop
        execute format(
            'create policy system_access on app.%I to pipeline_system using (true) with check (true)',
            name);
        execute format('grant select on app.%I to pipeline_system', name);
    end loop;
end $$;

-- Which of these hashes any row names.
create function app.blobs_referred(hashes text[]) returns table (sha256 text)
language sql stable security definer set search_path = '' as $$
    select h.sha256 from unnest(hashes) as h (sha256)
    where exists (
            select from app.ledger l
            where jsonb_path_exists(l.result, '$.**.sha256')
              and jsonb_path_query_array(l.result, '$.**.sha256') operator(pg_catalog.?) h.sha256)
       or exists (
            select from app.lecture_assets a
            where jsonb_path_exists(a.result, '$.**.sha256')
              and jsonb_path_query_array(a.result, '$.**.sha256') operator(pg_catalog.?) h.sha256)
       or exists (
            select from app.calls c
            where jsonb_path_exists(c.transcript, '$.**.sha256')
              and jsonb_path_query_array(c.transcript, '$.**.sha256') operator(pg_catalog.?) h.sha256)
       or exists (
            select from app.campaigns c
            where jsonb_path_exists(c.report, '$.**.sha256')
              and jsonb_path_query_array(c.report, '$.**.sha256') operator(pg_catalog.?) h.sha256)
$$;

-- Events that should have been processed so many seconds ago.
create function app.inbox_overdue(seconds double precision, most integer)
returns table (org_id text, source text, event_id text)
language sql stable security definer set search_path = '' as $$
    select i.org_id, i.source, i.event_id from app.inbox i
    where i.status = 'received'
      and coalesce(i.due_at, i.received_at) < now() - make_interval(secs => seconds)
    order by coalesce(i.due_at, i.received_at) limit most
$$;

-- In work, but neither due nor with a worker nor waiting in a queue: nobody would look at it again.
create function app.units_forgotten(grace double precision, most integer)
returns table (org_id text, id text)
language sql stable security definer set search_path = '' as $$
    select u.org_id, u.id from app.units u
    left join app.generation_queue q
        on q.org_id = u.org_id and q.id = u.id and q.status = 'pending'
    where u.status in ('queued', 'generating') and u.dispatch_due_at is null
      and greatest(u.updated_at, u.claim_expires_at, q.admitted_at, q.present_at)
          < now() - make_interval(secs => grace)
      and (q.id is null or q.admitted_at is not null)
    order by u.updated_at limit most
$$;

-- To be looked at later than any rest lasts, and than what it waits for.
create function app.units_overslept(beyond double precision, most integer)
returns table (org_id text, id text)
language sql stable security definer set search_path = '' as $$
    select u.org_id, u.id from app.units u
    where u.status in ('queued', 'generating')
      and u.dispatch_due_at > now() + make_interval(secs => beyond)
      and (u.claim_expires_at is null or u.claim_expires_at < now())
      and not exists (
          select from app.waits w
          where w.org_id = u.org_id and w.unit_id = u.id and w.status = 'waiting'
            and w.until + make_interval(secs => beyond) > u.dispatch_due_at)
    order by u.dispatch_due_at desc limit most
$$;

-- How many should have been dispatched so many seconds ago.
create function app.units_overdue(seconds double precision) returns bigint
language sql stable security definer set search_path = '' as $$
    select count(*) from app.units u
    where u.dispatch_due_at < now() - make_interval(secs => seconds)
      and u.status in ('queued', 'generating')
      and (u.claim_expires_at is null or u.claim_expires_at < now())
$$;

-- Held by a worker for longer than `held` of their kind allows, without any news for `silent`.
create function app.units_hung(
    kinds text[], held double precision[], silent double precision[], most integer)
returns table (org_id text, id text, kind text, fence bigint)
language sql stable security definer set search_path = '' as $$
    select u.org_id, u.id, u.kind, u.fence from app.units u
    join unnest(kinds, held, silent) as d (kind, held, silent) on d.kind = u.kind
    left join app.progress_events p
        on p.org_id = u.org_id and p.unit_id = u.id and p.seq = u.progress_seq
    where u.status in ('queued', 'generating') and u.claim_expires_at >= now()
      and u.claimed_at < now() - make_interval(secs => d.held)
      and greatest(u.updated_at, p.created_at) < now() - make_interval(secs => d.silent)
    order by u.claimed_at limit most
$$;

-- Which of these dispatches a unit in work still waits for.
create function app.dispatches_wanted(tokens text[]) returns table (token text)
language sql stable security definer set search_path = '' as $$
    select distinct u.dispatch_token from app.units u
    where u.status in ('queued', 'generating') and u.dispatch_token = any (tokens)
$$;

-- Units at rest with versions that Dagster was never told of.
create function app.units_unreported(grace double precision, most integer)
returns table (org_id text, id text, versions bigint)
language sql stable security definer set search_path = '' as $$
    select u.org_id, u.id, count(*) from app.asset_versions v
    join app.units u on u.org_id = v.org_id and u.id = v.unit_id
    where v.reported_at is null and v.made_at < now() - make_interval(secs => grace)
      and u.status not in ('queued', 'generating')
      and (u.claim_expires_at is null or u.claim_expires_at < now())
    group by 1, 2 order by min(v.made_at) limit most
$$;

-- Partitions of units in work, or that ended within so many seconds: Dagster has to know them.
create function app.partitions_needed(within double precision, most integer)
returns table (asset text, partition text)
language sql stable security definer set search_path = '' as $$
    select v.asset, v.partition from (
        (select u.org_id, u.id, u.updated_at from app.units u
         where u.status in ('queued', 'generating') order by u.updated_at desc limit most)
        union all
        (select u.org_id, u.id, u.updated_at from app.units u
         where u.finished_at > now() - make_interval(secs => within)
         order by u.finished_at desc limit most)) u
    join app.asset_versions v on v.org_id = u.org_id and v.unit_id = u.id
    order by u.updated_at desc, v.asset, v.partition limit most
$$;
create index units_finished on app.units (finished_at) where finished_at is not null;

-- Campaigns with calls of which nothing is known for longer than their own look-ups allow: ordered
-- without an answer (`unanswered`), silent on the line, ended without the recording that is due.
create function app.calls_unheard(
    unanswered double precision, silent double precision, unrecorded double precision,
    within double precision, most integer)
returns table (org_id text, id text, calls bigint, at_rest boolean)
language sql stable security definer set search_path = '' as $$
    select c.org_id, c.campaign_id, count(*), bool_and(u.status not in ('queued', 'generating'))
    from app.calls c join app.units u on u.org_id = c.org_id and u.id = c.campaign_id
    where (u.claim_expires_at is null or u.claim_expires_at < now())
      and (u.status in ('queued', 'generating')
           or u.finished_at > now() - make_interval(secs => within))
      and case
          when c.status = 'queued' and c.sid is null
              then c.intended_at < now() - make_interval(secs => unanswered)
          when c.status in ('queued', 'ringing', 'in_progress')
              then greatest(c.intended_at, c.heard_at) < now() - make_interval(secs => silent)
          when c.status = 'completed' and c.recording_state = 'awaited'
              then greatest(c.ended_at, c.heard_at) < now() - make_interval(secs => unrecorded)
          else false end
    group by 1, 2 order by min(c.updated_at) limit most
$$;
create index calls_open on app.calls (org_id, campaign_id)
where status in ('queued', 'ringing', 'in_progress')
   or (status = 'completed' and recording_state = 'awaited');

-- Clips that were ordered for lectures that ended within so many seconds, and never fetched.
create function app.clips_unfetched(seconds double precision, within double precision)
returns bigint
language sql stable security definer set search_path = '' as $$
    select count(*) from app.ledger j
    join app.units u on u.org_id = j.org_id and u.id = j.unit_id
    where j.step = 'clip_job' and j.status = 'done'
      and j.finished_at < now() - make_interval(secs => seconds)
      and u.finished_at > now() - make_interval(secs => within)
      and exists (
          select from app.ledger c
          where c.org_id = j.org_id and c.unit_id = j.unit_id and c.partition = j.partition
            and c.step = 'clip' and c.status = 'started')
$$;

grant create on schema app to pipeline_system;
do $$
declare
    signature regprocedure;
begin
    foreach signature in array array[
        'app.key_operates(text)', 'app.blobs_referred(text[])',
        'app.inbox_overdue(double precision, integer)',
        'app.units_forgotten(double precision, integer)',
        'app.units_overslept(double precision, integer)', 'app.units_overdue(double precision)',
        'app.units_hung(text[], double precision[], double precision[], integer)',
        'app.dispatches_wanted(text[])', 'app.units_unreported(double precision, integer)',
        'app.partitions_needed(double precision, integer)',
        'app.calls_unheard(double precision, double precision, double precision, '
        'double precision, integer)',
        'app.clips_unfetched(double precision, double precision)'
    ]::regprocedure[] loop
        execute format('revoke all on function %s from public', signature);
        execute format('grant execute on function %s to pipeline_app', signature);
        execute format('alter function %s owner to pipeline_system', signature);
    end loop;
end $$;
revoke create on schema app from pipeline_system;
