drop index app.units_by_end;
drop function app.budget_counts, app.cost_counts, app.costs_of_day, app.costs_by_organization, app.provider_bills,
    app.put_provider_cost, app.sees_everybody, app.budget_standing, app.month_begins;
grant update, delete, truncate on app.audit_events to pipeline_system;
drop index app.audit_by_action, app.audit_by_actor, app.audit_by_day;
drop table app.provider_costs, app.budget_notices;
alter table app.organizations add column monthly_budget_usd numeric(12, 4);
update app.organizations o set monthly_budget_usd = b.hard_usd
from app.budgets b where b.org_id = o.org_id and b.line = '';
drop table app.budgets;
alter table app.organizations drop column is_operator;
drop index app.usage_by_day, app.usage_of_all_by_day;
create index usage_by_day on app.usage (org_id, used_at);
alter table app.usage drop column kind, drop column asset;
