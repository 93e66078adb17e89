-- The same copies in Dagster's tables: partitions, the events of their assets with their tags, and a
-- run for every hundred. Without the evaluations of checks, and the runs without their own log.
create temp table copies as
select n, 'page-20260101-' || lpad(to_hex(n), 8, '0') as id,
       '00000000-0000-4000-8000-' || lpad(to_hex((n - 1) / 100), 12, '0') as run_id
from generate_series(1, current_setting('scale.copies')::int) n;
create temp table originals as
select *, row_number() over (order by id) as place, count(*) over () as many,
       (select max(id) from event_logs) as last
from event_logs where partition = current_setting('scale.page');

insert into dynamic_partitions (partitions_def_name, partition)
select 'pages', id from copies order by n;
insert into event_logs
    (id, run_id, event, dagster_event_type, timestamp, step_key, asset_key, partition)
select o.last + (c.n - 1) * o.many + o.place, c.run_id,
       replace(replace(o.event, o.partition, c.id), o.run_id, c.run_id),
       o.dagster_event_type, o.timestamp, o.step_key, o.asset_key, c.id
from copies c, originals o;
select setval(pg_get_serial_sequence('event_logs', 'id'), max(id)) from event_logs;
insert into asset_event_tags (event_id, asset_key, key, value, event_timestamp)
select o.last + (c.n - 1) * o.many + o.place, t.asset_key, t.key, t.value, t.event_timestamp
from copies c, originals o join asset_event_tags t on t.event_id = o.id;
insert into runs
select (jsonb_populate_record(r, jsonb_build_object(
    'id', nextval(pg_get_serial_sequence('runs', 'id')), 'run_id', c.run_id, 'partition', c.id,
    'run_body', replace(replace(r.run_body, o.partition, c.id), r.run_id, c.run_id)))).*
from copies c, originals o, runs r where o.place = 1 and r.run_id = o.run_id and c.n % 100 = 1;
insert into run_tags (run_id, key, value)
select c.run_id, t.key, case t.value when o.partition then c.id else t.value end
from copies c, originals o, run_tags t where o.place = 1 and t.run_id = o.run_id and c.n % 100 = 1;
update asset_keys set cached_status_data = null;
analyze;
