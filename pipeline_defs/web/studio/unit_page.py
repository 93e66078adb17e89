"""Studio's page of a unit whose line brings none of its own: how it stands, what it is made of."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from pipeline_defs.domain.keys import is_unit_id
from pipeline_defs.storage import units
from pipeline_defs.storage.database import Transaction
from pipeline_defs.web.gateway import gateway_of
from pipeline_defs.web.identity import Identity
from pipeline_defs.web.problems import not_found
from pipeline_defs.web.studio.rendering import page, signed_in
from pipeline_defs.web.unit_shape import unit_shape

router = APIRouter(include_in_schema=False)


@router.get("/studio/{kind}/{unit_id}")
async def unit_page(request: Request, kind: str, unit_id: str) -> Response:
    """One unit of any line: state, progress, assets, cost, actions."""
    caller = await signed_in(request)
    if not isinstance(caller, Identity):
        return caller
    gateway = gateway_of(request)
    line = gateway.lines.get(kind)
    if line is None or not is_unit_id(unit_id):
        raise not_found("There is no such page.")

    async def read(tx: Transaction) -> dict[str, Any]:
        unit = await units.get(tx, unit_id)
        if unit is None or unit.kind != kind:
            raise not_found(f"There is no such {line.kind.noun}.")
        graph = await line.graph(tx, unit_id)
        standing = graph.standing if graph else {}
        bounds = await tx.one("progress.bounds", unit_id=unit_id)
        return {
            "u": {"topic": unit_id, **unit_shape(unit, gateway.links)},
            "standing": standing,
            "is_whole": all(stands == "fresh" for stands in standing.values()),
            "usage": await tx.all("usage.of_unit", unit_id=unit_id),
            "last_seq": (bounds["last_seq"] or 0) if bounds else 0,
        }

    found = await gateway.database.transact(caller.org_id, read)
    context = {
        "kind": line.kind,
        "asset_address": gateway.links.of_asset,
        "organization": caller.org_id,
    }
    return page("unit.html", {**found, **context})
