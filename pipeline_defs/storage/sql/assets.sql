-- name: put
-- The new current version of an asset's partition; Dagster has not been told yet.
insert into app.asset_versions (
    org_id, unit_id, asset, partition, data_version, code_version, input_hash,
    input_versions, metadata, cost_usd, run_id)
select app.current_org(), r.unit_id, r.asset, r.partition, r.data_version, r.code_version,
       r.input_hash, r.input_versions, r.metadata, r.cost_usd, r.run_id
from jsonb_to_recordset(%(rows)s) as r (
    unit_id text, asset text, partition text, data_version text, code_version text, input_hash text,
    input_versions jsonb, metadata jsonb, cost_usd numeric, run_id text)
on conflict (org_id, asset, partition) do update
set data_version = excluded.data_version, code_version = excluded.code_version,
    input_hash = excluded.input_hash,
    input_versions = excluded.input_versions, metadata = excluded.metadata,
    cost_usd = excluded.cost_usd, run_id = excluded.run_id, made_at = now(), reported_at = null

-- name: of_unit
-- Without metadata: that holds previews, and much of it.
select asset, partition, data_version, code_version, input_hash, input_versions, reported_at
from app.asset_versions where unit_id = %(unit_id)s

-- name: get
select asset, partition, data_version, code_version, input_hash, input_versions, metadata, cost_usd
from app.asset_versions where asset = %(asset)s and partition = %(partition)s

-- name: typical_costs
-- What an asset cost on average when it was paid for last, 0 where it never was; none if never made.
select a.asset, coalesce(paid.cost_usd, 0) as cost_usd
from unnest(%(assets)s::text[]) as a (asset)
cross join lateral (
    select avg(last.cost_usd) as cost_usd from (
        select v.cost_usd from app.asset_versions v
        where v.asset = a.asset and v.cost_usd > 0
        order by v.made_at desc limit %(samples)s) last) paid
where paid.cost_usd is not null
   or exists (select from app.asset_versions v where v.asset = a.asset)

-- name: lineage
-- Every version of a unit, when and by which run it was made, and what its calls cost.
select asset, partition, data_version, code_version, input_versions, cost_usd, run_id, made_at
from app.asset_versions where unit_id = %(unit_id)s order by made_at, asset, partition

-- name: unreported
-- Stored, but Dagster was not told: the worker died in between.
select asset, partition, data_version, code_version, input_hash, input_versions, metadata, cost_usd
from app.asset_versions where unit_id = %(unit_id)s and reported_at is null order by made_at

-- name: forget
-- To be made again although nothing it is made from has changed.
delete from app.asset_versions where asset = %(asset)s and partition = %(partition)s

-- name: reported
-- Dagster was told of these versions. Where another one has been stored meanwhile, that is told once
-- more: what was told last is what Dagster takes for the present one.
update app.asset_versions v
set reported_at = case when v.data_version = told.data_version then now() end
from unnest(%(assets)s::text[], %(partitions)s::text[], %(data_versions)s::text[])
    as told (asset, partition, data_version)
where v.asset = told.asset and v.partition = told.partition
