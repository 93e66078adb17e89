-- Copies of one finished page, in our tables. scale.page: its id; scale.copies: how many.
-- Without its ledger, progress and signatures: nothing measured reads those of other pages.
set session_replication_role = replica; -- no triggers: what they would derive is copied
create temp table copies as
select n, 'page-20260101-' || lpad(to_hex(n), 8, '0') as id,
       jsonb_build_object(
           'created_at', now() - n * interval '10 seconds',
           'updated_at', now() - n * interval '10 seconds',
           'queued_at', now() - n * interval '10 seconds') as at
from generate_series(1, current_setting('scale.copies')::int) n;

insert into app.units
select (jsonb_populate_record(o, c.at || jsonb_build_object('id', c.id))).*
from app.units o, copies c where o.id = current_setting('scale.page');
insert into app.pages
    (org_id, id, request, context, components, document, quality, draft, draft_quality)
select org_id, c.id, request, context, components, document, quality, draft, draft_quality
from app.pages o, copies c where o.id = current_setting('scale.page');
insert into app.page_stages
select (jsonb_populate_record(o, jsonb_build_object('page_id', c.id))).*
from app.page_stages o, copies c where o.page_id = current_setting('scale.page');
insert into app.generation_queue
select (jsonb_populate_record(o, c.at || jsonb_build_object('id', c.id))).*
from app.generation_queue o, copies c where o.id = current_setting('scale.page');
insert into app.asset_versions
select (jsonb_populate_record(o, jsonb_build_object('unit_id', c.id, 'partition', c.id))).*
from app.asset_versions o, copies c where o.unit_id = current_setting('scale.page');
insert into app.usage overriding system value
select (jsonb_populate_record(o, jsonb_build_object(
    'id', nextval(pg_get_serial_sequence('app.usage', 'id')), 'unit_id', c.id, 'partition', c.id,
    'idempotency_key', o.id || c.id))).*
from app.usage o, copies c where o.unit_id = current_setting('scale.page');
analyze;
