"""Studio's page of the audit trail: who did what, newest first."""

from __future__ import annotations

from urllib.parse import urlencode

from fastapi import APIRouter, Request
from starlette.responses import Response

from pipeline_defs.web.api.audit import trail_of
from pipeline_defs.web.gateway import gateway_of
from pipeline_defs.web.identity import Identity
from pipeline_defs.web.studio.cost_page import day_of
from pipeline_defs.web.studio.rendering import page, signed_in

PAGE_SIZE = 50
router = APIRouter(include_in_schema=False)


@router.get("/studio/audit")
async def audit_page(request: Request) -> Response:
    """Entries that fit an actor, an action, a unit, a day."""
    caller = await signed_in(request)
    if not isinstance(caller, Identity):
        return caller
    query = request.query_params
    names = ("actor", "action", "unit")
    given = {name: query.get(name, "").replace("\0", "").strip()[:200] for name in names}
    day = day_of(query.get("day"))
    found = await trail_of(
        gateway_of(request),
        caller,
        **{name: value or None for name, value in given.items()},
        since=day,
        until=day,
        cursor=query.get("next"),
        limit=PAGE_SIZE,
    )
    filters = {**given, "day": f"{day}" if day else ""}

    def address(**changed: str) -> str:
        chosen = {name: value for name, value in {**filters, **changed}.items() if value}
        return f"/studio/audit?{urlencode(chosen)}" if chosen else "/studio/audit"

    context = {
        "entries": found.items,
        "next": found.next,
        "filters": filters,
        "address": address,
        "organization": caller.org_id,
    }
    return page("audit.html", context)
