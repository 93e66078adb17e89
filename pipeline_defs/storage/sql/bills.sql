-- name: put
select app.put_provider_cost(%(provider)s, %(day)s, %(cost_usd)s)

-- name: compared
select provider, day, calls, ours_usd, theirs_usd, fetched_at
from app.provider_bills(%(since)s, %(until)s)
