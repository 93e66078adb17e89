drop function app.key_operates, app.blobs_referred, app.inbox_overdue, app.units_forgotten,
    app.units_overslept, app.units_overdue, app.units_hung, app.dispatches_wanted,
    app.units_unreported, app.partitions_needed, app.calls_unheard, app.clips_unfetched;

do $$
declare
    name text;
begin
    foreach name in array array['lecture_assets', 'calls', 'campaigns'] loop
        execute format('drop policy system_access on app.%I', name);
        execute format('revoke select on app.%I from pipeline_system', name);
    end loop;
end $$;

drop index app.calls_open, app.units_finished, app.campaign_blobs, app.call_blobs,
    app.lecture_asset_blobs, app.ledger_blobs, app.ledger_clip_jobs, app.versions_unreported,
    app.units_in_work;

create or replace function app.claim_unit(
    wanted text, holder text, run_id text, ancestors text[], lease_seconds double precision)
returns table (org_id text, kind text, status text, fence bigint)
language sql volatile security definer set search_path = '' as $$
    update app.units u
    set fence = u.fence + 1, claim_holder = holder, claim_run_id = run_id,
        claim_expires_at = now() + make_interval(secs => lease_seconds)
    where u.id = wanted
      and (u.claim_expires_at is null or u.claim_expires_at < now()
           or u.claim_run_id = any (ancestors))
    returning u.org_id, u.kind, u.status, u.fence
$$;
alter table app.units drop column claimed_at;
alter table app.api_keys drop column operates;
drop table app.reconciliations;
