-- The same copies as finished units of our own.
-- Rows begin in a first state only; these are there from the start, finished.
alter table app.units disable trigger units_first_state;
insert into app.units
select copy.*
from app.units u
cross join generate_series(%(first)s::integer, %(last)s::integer) n
cross join jsonb_populate_record(
    u, jsonb_build_object('id', format('scale-%%s', lpad(n::text, 6, '0')))
) copy
where u.id = %(template)s;
alter table app.units enable trigger units_first_state
