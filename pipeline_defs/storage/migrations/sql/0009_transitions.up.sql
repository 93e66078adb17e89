-- The same rule as before, without making JSON of every row that is stored: a thousand pages are
-- two thousand rows with a state.
create or replace function app.check_transition() returns trigger language plpgsql as $$
declare
    machine_name text := tg_argv[0];
    before_state text := '';
begin
    if tg_op = 'UPDATE' then
        if old.status = new.status then
            return new;
        end if;
        before_state := old.status;
    end if;
    if machine_name = 'units' then
        machine_name := new.kind;
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
