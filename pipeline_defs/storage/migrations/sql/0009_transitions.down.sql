drop trigger units_first_state on app.units;
drop trigger unit_transition on app.units;
create trigger unit_transition before insert or update of status on app.units
for each row execute function app.check_transition('units');
drop trigger jobs_first_state on app.generation_queue;
drop trigger job_transition on app.generation_queue;
create trigger job_transition before insert or update of status on app.generation_queue
for each row execute function app.check_transition('generation_queue');
drop function app.check_first_states, app.check_first_states_of_units;

create or replace function app.check_transition() returns trigger language plpgsql as $$
declare
    machine_name text := coalesce(to_jsonb(new) ->> 'kind', tg_argv[0]);
    before_state text := case when tg_op = 'INSERT' then '' else old.status end;
begin
    if tg_op = 'UPDATE' and old.status = new.status then
        return new;
    end if;
    if not exists (
        select 1 from app.transitions
        where machine = machine_name and from_state = before_state and to_state = new.status
    ) then
        raise exception 'illegal transition of %: % -> %', machine_name, before_state, new.status
            using errcode = 'check_violation', constraint = 'legal_transition';
    end if;
    return new;
end $$;
