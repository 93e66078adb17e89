-- What was spent by line and asset, budgets with two limits, the providers' own bills beside ours,
-- and the audit trail by actor, action and day.

-- Which line and asset a call was made for, as it was when it was made.
alter table app.usage add column kind text not null default '', add column asset text not null default '';
update app.usage g
set kind = u.kind,
    asset = case u.kind || '/' || split_part(g.step, '/', 1)
        when 'articles/outline' then 'article_outline'
        when 'articles/search' then 'section_research'
        when 'articles/write' then 'section_draft'
        when 'articles/publish' then 'article_publication'
        when 'lectures/script' then 'lecture_script'
        when 'lectures/image' then 'segment_image'
        when 'lectures/picture' then 'segment_image'
        when 'lectures/speech' then 'segment_narration'
        when 'lectures/narration' then 'segment_narration'
        when 'lectures/transcript' then 'segment_narration'
        when 'lectures/clip' then 'segment_clip'
        when 'lectures/music' then 'lecture_music'
        when 'pages/keywords' then 'page_context'
        when 'pages/competitor' then 'page_context'
        when 'pages/write' then 'page_components'
        when 'pages/publish' then 'page_publication'
        when 'campaigns/call' then 'call'
        when 'campaigns/recording' then 'call_recording'
        when 'campaigns/transcript' then 'transcript'
        when 'campaigns/retrieval' then 'claims'
        when 'campaigns/claims' then 'claims'
        when 'campaigns/stance' then 'claims'
        else '' end
from app.units u where u.org_id = g.org_id and u.id = g.unit_id;
alter table app.usage alter column kind drop default, alter column asset drop default;
drop index app.usage_by_day;
create index usage_by_day on app.usage (org_id, used_at) include (kind, cost_usd);
create index usage_of_all_by_day on app.usage (used_at)
    include (org_id, kind, provider, cost_usd, cost_source);

-- The organization that pays the providers' bills: it alone sees them, as they cover everybody.
alter table app.organizations add column is_operator boolean not null default false;
update app.organizations set is_operator = true
where org_id = (select o.org_id from app.organizations o order by o.created_at, o.org_id limit 1);

-- A month's limits of an organization, or of one of its lines. At the soft one it is told, at the hard
-- one no further call is made.
create table app.budgets (
    org_id text not null references app.organizations,
    line text not null default '', -- the whole organization where it is empty
    soft_usd numeric(12, 4) check (soft_usd >= 0),
    hard_usd numeric(12, 4) check (hard_usd >= 0),
    primary key (org_id, line),
    check (soft_usd is not null or hard_usd is not null),
    check (soft_usd <= hard_usd)
);
insert into app.budgets (org_id, hard_usd)
select org_id, monthly_budget_usd from app.organizations where monthly_budget_usd is not null;
alter table app.organizations drop column monthly_budget_usd;

-- A limit that was reached, once per month and limit: what people are told.
create table app.budget_notices (
    org_id text not null references app.organizations,
    line text not null,
    month date not null,
    level text not null check (level in ('soft', 'hard')),
    limit_usd numeric(12, 4) not null,
    spent_usd numeric(14, 6) not null,
    reached_at timestamptz not null default now(),
    primary key (org_id, line, month, level, limit_usd)
);

-- What a provider says a day (UTC) cost, for everything that was called with our keys.
create table app.provider_costs (
    provider text not null,
    day date not null,
    cost_usd numeric(14, 6) not null,
    fetched_at timestamptz not null default now(),
    primary key (provider, day)
);

do $$
declare
    name text;
begin
    foreach name in array array['budgets', 'budget_notices'] loop
        call app.isolate(name);
        execute format(
            'create policy system_access on app.%I to pipeline_system using (true) with check (true)',
            name);
    end loop;
end $$;
grant select, insert, update, delete on app.budgets to pipeline_app, pipeline_system;
grant select, insert on app.budget_notices to pipeline_app;
grant select, insert, update, delete on app.budget_notices, app.provider_costs to pipeline_system;

create index audit_by_action on app.audit_events (org_id, action, id);
create index audit_by_actor on app.audit_events (org_id, actor, id);
create index audit_by_day on app.audit_events (org_id, happened_at);
revoke update, delete, truncate on app.audit_events from pipeline_system; -- append-only for it too

create function app.month_begins() returns timestamptz language sql stable set search_path = ''
return date_trunc('month', now() at time zone 'UTC') at time zone 'UTC';

-- The caller's budgets, each with what it has spent this month. Without budgets nothing is summed.
create function app.budget_standing()
returns table (line text, soft_usd numeric, hard_usd numeric, spent_usd numeric)
language sql stable set search_path = '' as $$
    with spent as materialized (
        select g.kind, sum(g.cost_usd) as usd from app.usage g
        where g.org_id = app.current_org() and g.used_at >= app.month_begins() group by g.kind)
    select b.line, b.soft_usd, b.hard_usd,
           (select coalesce(sum(s.usd), 0) from spent s where b.line in ('', s.kind))
    from app.budgets b where b.org_id = app.current_org()
$$;

-- Nobody's, or the operator's: whoever may see what concerns all organizations.
create function app.sees_everybody() returns boolean
language sql stable security definer set search_path = '' as $$
    select app.current_org() is null
        or exists (select from app.organizations o where o.org_id = app.current_org() and o.is_operator)
$$;

create function app.put_provider_cost(named text, of_day date, usd numeric) returns void
language sql volatile security definer set search_path = '' as $$
    insert into app.provider_costs (provider, day, cost_usd) values (named, of_day, usd)
    on conflict (provider, day) do update set cost_usd = excluded.cost_usd, fetched_at = now()
$$;

-- Our figure beside theirs, for providers that report a bill of a day within the range.
create function app.provider_bills(since date, until date)
returns table (provider text, day date, calls bigint, ours_usd numeric, theirs_usd numeric,
               fetched_at timestamptz)
language sql stable security definer set search_path = '' as $$
    with ours as (
        select g.provider, (g.used_at at time zone 'UTC')::date as day, count(*) as calls,
               sum(g.cost_usd) as usd
        from app.usage g
        where g.used_at >= since::timestamp at time zone 'UTC'
          and g.used_at < (until + 1)::timestamp at time zone 'UTC'
          and g.provider in (select c.provider from app.provider_costs c)
        group by 1, 2),
    theirs as (select * from app.provider_costs c where c.day between since and until)
    select coalesce(t.provider, o.provider), coalesce(t.day, o.day), coalesce(o.calls, 0),
           coalesce(o.usd, 0), t.cost_usd, t.fetched_at
    from ours o full join theirs t on t.provider = o.provider and t.day = o.day
    where app.sees_everybody() and (coalesce(o.usd, 0) <> 0 or coalesce(t.cost_usd, 0) <> 0)
    order by 2 desc, 1
$$;

-- What organizations spent: all of them for the operator, else the caller's own.
create function app.costs_by_organization(since date, until date)
returns table (organization text, calls bigint, cost_usd numeric)
language sql stable security definer set search_path = '' as $$
    select g.org_id, count(*), sum(g.cost_usd) from app.usage g
    where g.used_at >= since::timestamp at time zone 'UTC'
      and g.used_at < (until + 1)::timestamp at time zone 'UTC'
      and (g.org_id = app.current_org() or app.sees_everybody())
    group by 1 order by 3 desc, 1
$$;

-- A day of all organizations by line: what was spent, and what each unit that was finished on it
-- cost in all, on average. Numbers only.
create function app.costs_of_day(of_day date)
returns table (kind text, spent_usd numeric, finished bigint, usd_per_unit numeric)
language sql stable security definer set search_path = '' as $$
    with bounds as (
        select of_day::timestamp at time zone 'UTC' as begins,
               (of_day + 1)::timestamp at time zone 'UTC' as ends),
    spent as (
        select g.kind, sum(g.cost_usd) as usd from app.usage g, bounds b
        where g.used_at >= b.begins and g.used_at < b.ends group by 1),
    made as (
        select u.kind, count(*) as finished,
               avg((select coalesce(sum(g.cost_usd), 0) from app.usage g
                    where g.org_id = u.org_id and g.unit_id = u.id)) as usd_per_unit
        from app.units u, bounds b
        where u.finished_at >= b.begins and u.finished_at < b.ends
          and u.status in ('completed', 'incomplete') group by 1)
    select coalesce(s.kind, m.kind), coalesce(s.usd, 0), coalesce(m.finished, 0), m.usd_per_unit
    from spent s full join made m on m.kind = s.kind order by 1
$$;
create index units_by_end on app.units (finished_at) where finished_at is not null;

-- For metrics: this month's costs, and how many budgets reached a limit. Numbers only.
create function app.cost_counts()
returns table (kind text, provider text, calls bigint, cost_usd numeric)
language sql stable security definer set search_path = '' as $$
    select g.kind, g.provider, count(*), sum(g.cost_usd) from app.usage g
    where g.used_at >= app.month_begins() group by 1, 2
$$;

create function app.budget_counts() returns table (line text, level text, budgets bigint)
language sql stable security definer set search_path = '' as $$
    select n.line, n.level, count(distinct n.org_id) from app.budget_notices n
    join app.budgets b on b.org_id = n.org_id and b.line = n.line
     and n.limit_usd = case n.level when 'soft' then b.soft_usd else b.hard_usd end
    where n.month = (app.month_begins() at time zone 'UTC')::date group by 1, 2
$$;

grant create on schema app to pipeline_system;
do $$
declare
    signature regprocedure;
begin
    foreach signature in array array[
        'app.sees_everybody()', 'app.put_provider_cost(text, date, numeric)',
        'app.provider_bills(date, date)', 'app.costs_by_organization(date, date)',
        'app.costs_of_day(date)', 'app.cost_counts()', 'app.budget_counts()'
    ]::regprocedure[] loop
        execute format('revoke all on function %s from public', signature);
        execute format('grant execute on function %s to pipeline_app', signature);
        execute format('alter function %s owner to pipeline_system', signature);
    end loop;
end $$;
revoke create on schema app from pipeline_system;
