"""`GET /v1/audit`: who did what, newest first."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any

from fastapi import Query, Request
from pydantic import BaseModel, Field

from pipeline_defs import policies
from pipeline_defs.domain.kinds import KINDS
from pipeline_defs.web import paging
from pipeline_defs.web.gateway import Gateway, gateway_of
from pipeline_defs.web.identity import Identity
from pipeline_defs.web.routes import Caller, api_router
from pipeline_defs.web.unit_routes import Cursor, Limit

router = api_router("audit")
Name = Annotated[str | None, Query(max_length=200, pattern=r"^[^\x00]*$")]


class AuditEntry(BaseModel):
    """Somebody did something. Entries are never changed and never removed."""

    id: int
    at: datetime
    actor: str = Field(examples=["key:0123abcd"], description="A key, or a part of the system.")
    actor_name: str | None = Field(description="What the key is called.")
    action: str = Field(examples=["lectures.segment_edited"])
    unit_id: str | None
    unit_title: str | None
    kind: str | None
    detail: dict[str, Any]
    studio: str | None = Field(description="Where Studio shows the unit.")


class AuditTrail(BaseModel):
    """A page of entries, newest first."""

    items: list[AuditEntry]
    next: str | None = None


@router.get("/v1/audit")
async def audit(
    request: Request,
    caller: Caller,
    actor: Annotated[Name, Query(examples=["key:0123abcd"])] = None,
    action: Annotated[
        Name,
        Query(examples=["lectures"], description="An action, or its beginning up to a point."),
    ] = None,
    unit: Name = None,
    since: Annotated[date | None, Query(description="The first day (UTC).")] = None,
    until: Annotated[date | None, Query(description="The last day (UTC).")] = None,
    next: Cursor = None,
    limit: Limit = policies.LIST_PAGE_DEFAULT,
) -> AuditTrail:
    """Who did what in the organization: people, keys, and the system on its own."""
    return await trail_of(
        gateway_of(request),
        caller,
        actor=actor,
        action=action,
        unit=unit,
        since=since,
        until=until,
        cursor=next,
        limit=limit,
    )


async def trail_of(
    gateway: Gateway,
    caller: Identity,
    *,
    actor: str | None,
    action: str | None,
    unit: str | None,
    since: date | None,
    until: date | None,
    cursor: str | None,
    limit: int,
) -> AuditTrail:
    """Entries that fit all that is given, a page at a time."""
    rows = await gateway.database.all(
        caller.org_id,
        "audit.listed",
        actor=actor,
        action=action,
        unit_id=unit,
        since=since,
        until=until,
        before=paging.parse_row(cursor, 2**63) or None,
        most=limit + 1,
    )
    return AuditTrail(
        items=[_entry(gateway, row) for row in rows[:limit]],
        next=paging.cursor_at_row(rows[limit - 1]["id"]) if len(rows) > limit else None,
    )


def _entry(gateway: Gateway, row: dict[str, Any]) -> AuditEntry:
    unit_id: str | None = row["unit_id"]
    known = unit_id is not None and row["kind"] in KINDS
    return AuditEntry(
        id=row["id"],
        at=row["happened_at"],
        actor=row["actor"],
        actor_name=row["actor_name"],
        action=row["action"],
        unit_id=row["unit_id"],
        unit_title=row["title"],
        kind=row["kind"],
        detail=row["detail"],
        studio=gateway.links.of(row["kind"], unit_id)["studio"] if unit_id and known else None,
    )
