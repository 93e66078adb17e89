-- Copies a finished lecture's partitions, and the events of one asset, under the names
-- scale-000001, scale-000002 and so on, as Dagster itself would have stored them.
with copies as (
    select format('scale-%%s', lpad(n::text, 6, '0')) as id
    from generate_series(%(first)s::integer, %(last)s::integer) n
), registered as (
    insert into dynamic_partitions (partitions_def_name, partition)
    select d.partitions_def_name, replace(d.partition, %(template)s, c.id)
    from copies c cross join dynamic_partitions d
    where d.partition = %(template)s or d.partition like %(template)s || '/%%'
), stored as (
    insert into event_logs
        (run_id, event, dagster_event_type, timestamp, step_key, asset_key, partition)
    select e.run_id, replace(e.event, %(template)s, c.id), e.dagster_event_type, e.timestamp,
        e.step_key, e.asset_key, c.id
    from copies c cross join event_logs e
    where e.partition = %(template)s and e.asset_key = %(asset_key)s
    order by c.id, e.id
    returning id, asset_key, dagster_event_type, partition, timestamp
)
insert into asset_event_tags (asset_key, event_id, key, value, event_timestamp)
select s.asset_key, s.id, t.key, replace(t.value, %(template)s, s.partition), s.timestamp
from stored s
cross join (
    select distinct on (t.key) t.key, t.value
    from asset_event_tags t join event_logs e on e.id = t.event_id
    where e.partition = %(template)s and e.asset_key = %(asset_key)s
    order by t.key, t.event_id desc
) t
where s.dagster_event_type = 'ASSET_MATERIALIZATION'
