-- name: standing
select line, soft_usd, hard_usd, spent_usd from app.budget_standing()
where %(line)s::text is null or line in ('', %(line)s) order by line

-- name: put
insert into app.budgets (org_id, line, soft_usd, hard_usd)
values (app.current_org(), %(line)s, %(soft_usd)s, %(hard_usd)s)
on conflict (org_id, line) do update set soft_usd = excluded.soft_usd, hard_usd = excluded.hard_usd

-- name: remove
delete from app.budgets where org_id = app.current_org() and line = %(line)s

-- name: note_reached
-- Limits that are reached and were not told this month yet.
insert into app.budget_notices (org_id, line, month, level, limit_usd, spent_usd)
select app.current_org(), s.line, (app.month_begins() at time zone 'UTC')::date, l.level, l.usd,
       s.spent_usd
from app.budget_standing() s
cross join lateral (values ('soft', s.soft_usd), ('hard', s.hard_usd)) as l (level, usd)
where s.spent_usd >= l.usd and (%(line)s::text is null or s.line in ('', %(line)s))
on conflict do nothing
returning line, level, limit_usd, spent_usd

-- name: counts_everywhere
select line, level, budgets from app.budget_counts()

-- name: month_everywhere
select kind, provider, calls, cost_usd from app.cost_counts()
