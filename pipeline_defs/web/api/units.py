"""`GET /v1/units`: units of every kind in one list."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Query, Request

from pipeline_defs import policies
from pipeline_defs.web.gateway import gateway_of
from pipeline_defs.web.routes import Caller, api_router
from pipeline_defs.web.unit_routes import Cursor, Limit, Status, listed
from pipeline_defs.web.unit_shape import UnitList

router = api_router("units")


@router.get("/v1/units", response_model=UnitList)
async def list_units(
    request: Request,
    caller: Caller,
    kind: Annotated[str | None, Query(pattern=r"^[a-z_]{1,32}$", examples=["lectures"])] = None,
    status: Status = None,
    next: Cursor = None,
    limit: Limit = policies.LIST_PAGE_DEFAULT,
) -> dict[str, Any]:
    """Everything the organization has made, of one kind or of all, newest first."""
    return await listed(
        gateway_of(request), caller, kind=kind, status=status, cursor=next, limit=limit
    )
