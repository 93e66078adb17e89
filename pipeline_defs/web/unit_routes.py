"""What the routes of every kind of unit share: checked ids and lists."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request

from pipeline_defs import policies
from pipeline_defs.domain.keys import is_unit_id
from pipeline_defs.domain.kinds import Kind
from pipeline_defs.storage import units
from pipeline_defs.web import paging
from pipeline_defs.web.gateway import Gateway, gateway_of
from pipeline_defs.web.identity import Identity
from pipeline_defs.web.problems import Problem, not_found
from pipeline_defs.web.routes import Caller
from pipeline_defs.web.unit_shape import UnitList, unit_shape

Status = Annotated[str | None, Query(pattern=r"^[a-z_]{1,32}$", examples=["completed"])]
Cursor = Annotated[str | None, Query(max_length=400, description="`next` of the page before.")]
Limit = Annotated[int, Query(ge=1, le=policies.LIST_PAGE_MAX)]


def checked(kind: Kind, unit_id: str) -> str:
    """`unit_id`, when it can be one at all; Problem 404 otherwise."""
    if not is_unit_id(unit_id):
        raise missing(kind)
    return unit_id


def missing(kind: Kind) -> Problem:
    """404 for a unit that is not there, or another organization's."""
    return not_found(f"There is no such {kind.noun}.")


def add_list_route(router: APIRouter, kind: Kind) -> None:
    """`GET /v1/{kind}`: the caller's units of a kind, page by page."""

    @router.get(
        f"/v1/{kind.name}",
        name=f"list_{kind.name}",
        description=f"The organization's {kind.name}, newest first.",
        response_model=UnitList,
    )
    async def _list(
        request: Request,
        caller: Caller,
        status: Status = None,
        next: Cursor = None,
        limit: Limit = policies.LIST_PAGE_DEFAULT,
    ) -> dict[str, Any]:
        return await listed(
            gateway_of(request), caller, kind=kind.name, status=status, cursor=next, limit=limit
        )


async def listed(
    gateway: Gateway,
    caller: Identity,
    *,
    kind: str | None,
    status: str | None,
    cursor: str | None,
    limit: int,
) -> dict[str, Any]:
    """A page of the organization's units, newest first, in the shape of `UnitList`."""
    before = paging.parse_cursor(cursor)
    found = await gateway.database.transact(
        caller.org_id,
        lambda tx: units.listed(tx, kind=kind, status=status, before=before, most=limit + 1),
    )
    page = found[:limit]
    return {
        "items": [unit_shape(unit, gateway.links) for unit in page],
        "next": paging.cursor_after(page[-1]) if len(found) > limit else None,
    }
