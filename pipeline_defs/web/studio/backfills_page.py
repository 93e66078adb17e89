"""Studio's page of backfills: what stands otherwise than it should, the plan for making it again,
and what became of those before.

The plan is a dry run of the very backfill that its button starts, so they cannot tell two things.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, time
from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from starlette.datastructures import QueryParams
from starlette.responses import Response

from pipeline_defs import policies
from pipeline_defs.runtime.backfill import REASONS, Backfilled, Reason, Round, Wish, backfill
from pipeline_defs.web.backfill_shape import backfill_shape, past_backfills
from pipeline_defs.web.gateway import Gateway, gateway_of
from pipeline_defs.web.identity import Identity
from pipeline_defs.web.operator import is_operator
from pipeline_defs.web.studio.cost_page import day_of
from pipeline_defs.web.studio.rendering import page, signed_in

PAGE_SIZE = 20
router = APIRouter(include_in_schema=False)


@router.get("/studio/backfills")
async def backfills_page(request: Request) -> Response:
    """What wants making, by line and reason; the plan for what was chosen; past backfills."""
    caller = await signed_in(request)
    if not isinstance(caller, Identity):
        return caller
    gateway, query = gateway_of(request), request.query_params
    wish = wish_of(query, gateway.lines)
    asked = Round(replace(wish, dry_run=True), caller.actor)
    made = await backfill(gateway.database, gateway.lines, caller.org_id, asked)
    counts = await gateway.database.all(caller.org_id, "wanting.counts")
    past = await past_backfills(gateway, caller, cursor=query.get("next"), limit=PAGE_SIZE)
    context = {
        "wish": wish,
        "plan": backfill_shape(asked, made, gateway.links),
        "found": await _found(gateway, caller, made),
        "body": body_of(wish),
        "table": by_line(counts, gateway.lines),
        "reasons": REASONS,
        "lines": list(gateway.lines),
        "most": policies.BACKFILL_PLAN_MOST,
        "past": past.items,
        "next": past.next,
        "address": _address(wish),
        "operator": await gateway.database.transact(caller.org_id, is_operator),
        "organization": caller.org_id,
    }
    return page("backfills.html", context)


def wish_of(query: QueryParams, lines: Mapping[str, Any]) -> Wish:
    """What an address asks for; what makes no sense in it is as if it were left out."""
    line, day = query.get("line"), day_of(query.get("since"))
    reasons: tuple[Reason, ...] = tuple(
        reason for reason in REASONS if reason in query.getlist("reason")
    )
    return Wish(
        kind=line if line in lines else None,
        since=datetime.combine(day, time(), UTC) if day else None,
        reasons=reasons or REASONS,
        budget_usd=_budget(query.get("budget")),
        most=_most(query.get("most")),
    )


def body_of(wish: Wish) -> dict[str, Any]:
    """The request of the API that starts what was planned."""
    body = {
        "line": wish.kind,
        "since": wish.since.isoformat() if wish.since else None,
        "reasons": list(wish.reasons),
        "budget_usd": wish.budget_usd,
        "limit": wish.most,
    }
    return {name: value for name, value in body.items() if value is not None}


def by_line(
    counts: Sequence[Mapping[str, Any]], lines: Mapping[str, Any]
) -> dict[str, dict[str, Mapping[str, Any]]]:
    """How many units and parts want something: by line, then reason. Whole lines are left out."""
    table: dict[str, dict[str, Mapping[str, Any]]] = {}
    for line in lines:
        cells = {row["standing"]: row for row in counts if row["kind"] == line}
        if cells:
            table[line] = cells
    return table


async def _found(
    gateway: Gateway, caller: Identity, made: Sequence[Backfilled]
) -> dict[str, list[dict[str, Any]]]:
    """What is wanting of each unit: asset, part, standing."""
    ids = [one.unit_id for one in made]
    rows = await gateway.database.all(caller.org_id, "wanting.of_units", unit_ids=ids)
    found: dict[str, list[dict[str, Any]]] = {own: [] for own in ids}
    for row in rows:
        found[row["unit_id"]].append({**row, "part": row["partition"].partition("/")[2]})
    return found


def _budget(text: str | None) -> float | None:
    try:
        budget = float((text or "").replace(",", "."))
    except ValueError:
        return None
    return budget if math.isfinite(budget) and budget >= 0 else None


def _most(text: str | None) -> int:
    try:
        most = int(text or "")
    except ValueError:
        return policies.BACKFILL_PLAN_SHOWN
    return min(max(most, 1), policies.BACKFILL_PLAN_MOST)


def _address(wish: Wish) -> Callable[..., str]:
    """Makes addresses of the page: the same plan, with some of it changed."""
    chosen = {
        "line": wish.kind,
        "since": f"{wish.since:%Y-%m-%d}" if wish.since else None,
        "reason": None if wish.reasons == REASONS else list(wish.reasons),
        "budget": None if wish.budget_usd is None else f"{wish.budget_usd:g}",
        "most": None if wish.most == policies.BACKFILL_PLAN_SHOWN else wish.most,
    }

    def address(**changed: Any) -> str:
        given = {name: value for name, value in {**chosen, **changed}.items() if value is not None}
        return f"/studio/backfills?{urlencode(given, doseq=True)}" if given else "/studio/backfills"

    return address
