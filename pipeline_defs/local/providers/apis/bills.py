"""What the local providers charged, as OpenAI and OpenRouter report it: from the call log.

Whoever calls them with the same key is on the bill, whether our ledger knows of it or not.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from pipeline_defs.local.providers.server.shapes import ApiError
from pipeline_defs.local.providers.server.store import Store
from pipeline_defs.local.providers.server.work import Answer, Request

BUCKETS_MOST = 180
ACTIVITY_DAYS = 30  # that are over


class BillsApi:
    """`GET /organization/costs` and `GET /activity`."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def openai_costs(self, request: Request) -> Answer:
        """Buckets of a day; `page` is the start of the next one."""
        begin = _seconds(request, "start_time")
        end = _seconds(request, "end_time", default=_midnight(_today() + timedelta(days=1)))
        limit = min(BUCKETS_MOST, _seconds(request, "limit", default=7))
        first = datetime.fromtimestamp(_seconds(request, "page", default=begin), UTC).date()
        days = [first + timedelta(days=n) for n in range(limit + 1)]
        days = [day for day in days if _midnight(day) < end]
        spent: defaultdict[date, Decimal] = defaultdict(Decimal)
        for day, _, usd in self._spent("/openai/"):
            spent[day] += usd
        buckets = [_bucket(day, spent[day]) for day in days[:limit]]
        more = len(days) > limit
        return Answer(
            {
                "object": "page",
                "data": buckets,
                "has_more": more,
                "next_page": str(_midnight(days[limit])) if more else None,
            }
        )

    def openrouter_activity(self, _: Request) -> Answer:
        """The last days that are over, by model."""
        since = _today() - timedelta(days=ACTIVITY_DAYS)
        sums: defaultdict[tuple[date, str], list[Decimal]] = defaultdict(list)
        for day, model, usd in self._spent("/openrouter/"):
            if since <= day < _today():
                sums[day, model].append(usd)
        data = [
            {
                "date": day.isoformat(),
                "model": model,
                "usage": float(sum(costs)),
                "byok_usage_inference": 0,
                "requests": len(costs),
            }
            for (day, model), costs in sorted(sums.items())
        ]
        return Answer({"data": data})

    def _spent(self, path: str) -> list[tuple[date, str, Decimal]]:
        """Day, model and price of every billed call to a provider."""
        rows = self._store.rows(
            "select at, model, cost_usd from calls where billed and path like ? || '%'", (path,)
        )
        return [
            (date.fromisoformat(row["at"][:10]), row["model"], Decimal(row["cost_usd"]))
            for row in rows
        ]


def _bucket(day: date, usd: Decimal) -> dict[str, Any]:
    amount = {"value": str(usd), "currency": "usd"}
    result = {"object": "organization.costs.result", "amount": amount, "line_item": None}
    return {
        "object": "bucket",
        "start_time": _midnight(day),
        "end_time": _midnight(day + timedelta(days=1)),
        "results": [result] if usd else [],
    }


def _seconds(request: Request, name: str, default: int | None = None) -> int:
    text = request.query.get(name)
    if text is None and default is not None:
        return default
    if text is None or not text.isdecimal() or int(text) > 10**11:
        raise ApiError(400, "invalid_request", f"{name} must be a whole number")
    return int(text)


def _midnight(day: date) -> int:
    return int(datetime.combine(day, time(), UTC).timestamp())


def _today() -> date:
    return datetime.now(UTC).date()
