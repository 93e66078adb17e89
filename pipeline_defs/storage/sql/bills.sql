-- name: put
select app.put_provider_cost(%(provider)s, %(day)s, %(cost_usd)s)

-- name: compared
select provider, day, calls, ours_usd, theirs_usd, fetched_at
from app.provider_bills(%(since)s, %(until)s)

-- name: is_operator
select app.sees_everybody() as is_operator
