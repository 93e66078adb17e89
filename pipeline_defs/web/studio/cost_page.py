"""Studio's page of costs: the month and its budgets, what was spent by what, bills beside it."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from starlette.datastructures import QueryParams
from starlette.responses import Response

from pipeline_defs import policies
from pipeline_defs.domain.costs import DIMENSIONS, CostQuestion, days_until, dimensions
from pipeline_defs.domain.kinds import KINDS
from pipeline_defs.storage.database import Transaction
from pipeline_defs.web.api.budgets import ORGANIZATION, read_bills
from pipeline_defs.web.cost_shape import BudgetShape, Month, read_costs, read_month
from pipeline_defs.web.gateway import gateway_of
from pipeline_defs.web.identity import Identity
from pipeline_defs.web.studio.home import chart_of
from pipeline_defs.web.studio.rendering import page, signed_in

ROWS_SHOWN = 200
NAMES = ("line", "unit", "asset", "provider", "model")
router = APIRouter(include_in_schema=False)


@router.get("/studio/cost")
async def cost_page(request: Request) -> Response:
    """What was spent, by any of day, line, unit, asset, provider and model."""
    caller = await signed_in(request)
    if not isinstance(caller, Identity):
        return caller
    gateway, wanted = gateway_of(request), question_of(request.query_params)
    chart_wanted = CostQuestion(("day", "line"), wanted.since, wanted.until, **_filters(wanted))

    async def read(tx: Transaction) -> dict[str, Any]:
        daily = await read_costs(tx, caller.org_id, chart_wanted, policies.COST_FILE_ROWS_MOST)
        month = await read_month(tx)
        return {
            "costs": await read_costs(tx, caller.org_id, wanted, ROWS_SHOWN),
            "chart": chart_of(daily.items, list(gateway.lines), wanted.since, wanted.until),
            "month": month,
            "limits": limits_of(month),
            "bills": await read_bills(tx, wanted),
            "organizations": await tx.all(
                "usage.by_organization", since=wanted.since, until=wanted.until
            ),
        }

    found = await gateway.database.transact(caller.org_id, read)
    context = {
        "wanted": wanted,
        "filters": {name: value for name, value in _filters(wanted).items() if value},
        "dimensions": DIMENSIONS,
        "address": lambda **changed: _address("/studio/cost", wanted, **changed),
        "file": _address("/v1/cost.csv", wanted),
        "organization": caller.org_id,
    }
    return page("cost.html", {**found, **context})


def question_of(query: QueryParams) -> CostQuestion:
    """The question in an address; what makes no sense in it is as if it were left out."""
    today = datetime.now(UTC).date()
    since, until = day_of(query.get("since")), day_of(query.get("until")) or today
    days = (until - since).days + 1 if since else 0
    if since is None or not 1 <= days <= policies.COST_DAYS_MOST:
        since, until = days_until(min(until, today), policies.COST_DAYS_DEFAULT)
    said = ",".join(name for name in query.getlist("by") if name in DIMENSIONS)
    by = dimensions(said) or ("line", "model")
    given = {name: query.get(name, "").replace("\0", "")[:200] or None for name in NAMES}
    return CostQuestion(by, since, until, **given)


def day_of(text: str | None) -> date | None:
    """`2026-11-27` as a day; None for anything else."""
    try:
        found = date.fromisoformat(text or "")
    except ValueError:
        return None
    return found if 2000 <= found.year <= 9000 else None


def limits_of(month: Month) -> list[tuple[str, BudgetShape | None]]:
    """Every budget that can be set, by its name in addresses, with the one that is."""
    known = {budget.line or ORGANIZATION: budget for budget in month.budgets}
    return [(name, known.get(name)) for name in (ORGANIZATION, *KINDS)]


def _filters(wanted: CostQuestion) -> dict[str, str | None]:
    return {name: getattr(wanted, name) for name in NAMES}


def _address(base: str, wanted: CostQuestion, **changed: str | None) -> str:
    """The same question with some of it changed; None takes a filter away."""
    by = list(wanted.by) if base == "/studio/cost" else [",".join(wanted.by)]
    plain = {"since": f"{wanted.since}", "until": f"{wanted.until}", **_filters(wanted), **changed}
    query = [("by", name) for name in by]
    query += [(name, value) for name, value in plain.items() if value]
    return f"{base}?{urlencode(query)}"
