"""What a unit of any line consists of: what a rebuild would make, and where it all came from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import Path, Query, Request
from fastapi.exceptions import RequestValidationError

from pipeline_defs.domain.graph import Node, UnitGraph, affected, requested
from pipeline_defs.domain.keys import is_unit_id
from pipeline_defs.domain.kinds import KINDS, Kind
from pipeline_defs.domain.lectures.models import KIND as LECTURES
from pipeline_defs.domain.units import Unit
from pipeline_defs.runtime.integrity import Broken
from pipeline_defs.storage import units
from pipeline_defs.storage.database import Transaction
from pipeline_defs.storage.prices import prices_of
from pipeline_defs.web.api.lecture_making import broken_files
from pipeline_defs.web.api.lectures import view_of
from pipeline_defs.web.gateway import Gateway, gateway_of
from pipeline_defs.web.identity import Identity
from pipeline_defs.web.lineage_shape import LineageShape, lineage_shape
from pipeline_defs.web.open_lineage import OpenLineageEvents, open_lineage
from pipeline_defs.web.plan_shape import PlanShape, plan_shape
from pipeline_defs.web.problems import not_found
from pipeline_defs.web.routes import CONFLICT, MISSING, Caller, api_router

router = api_router("units")
Names = Annotated[list[str] | None, Query(description="Several, or separated by commas.")]
KindName = Annotated[str, Path(examples=["lectures"])]
UnitId = Annotated[str, Path(examples=["lecture-20261123-k7m2qx9c"])]


@router.get("/v1/{kind}/{unit_id}/plan", responses={**MISSING, **CONFLICT})
async def plan_unit(
    request: Request,
    caller: Caller,
    kind: KindName,
    unit_id: UnitId,
    parts: Names = None,
    assets: Names = None,
    fresh: bool = False,
) -> PlanShape:
    """What a rebuild would make, in stages and at what cost, without making it."""
    gateway, line = gateway_of(request), _kind(kind)
    unit = await _graph(gateway, caller, line, unit_id)
    named = requested(
        unit, parts=_numbers(unit, line, parts), assets=_assets(line, assets), fresh=fresh
    )
    broken = await _broken(gateway, caller, line, unit_id)
    todo = sorted(affected(unit.graph, {*named, *(result.node for result in broken)}))
    prices = await gateway.database.transact(caller.org_id, lambda tx: prices_of(tx, todo))
    return plan_shape(unit, todo, prices, broken)


@router.get("/v1/{kind}/{unit_id}/lineage", responses=MISSING)
async def lineage_of_unit(
    request: Request, caller: Caller, kind: KindName, unit_id: UnitId
) -> LineageShape:
    """Every asset and bridge of a unit: its version, what it was made from, when, by which run and
    at what cost, and how it stands now."""
    gateway, line = gateway_of(request), _kind(kind)

    async def read(tx: Transaction) -> tuple[Unit, UnitGraph, list[dict[str, Any]]] | None:
        unit = await units.get(tx, unit_id)
        graph = await gateway.lines[line.name].graph(tx, unit_id)
        if unit is None or unit.kind != line.name or graph is None:
            return None
        return unit, graph, await tx.all("assets.lineage", unit_id=unit_id)

    found = is_unit_id(unit_id) and await gateway.database.transact(caller.org_id, read)
    if not found:
        raise _missing(line)
    unit, graph, rows = found
    return lineage_shape(unit, graph, rows, gateway.links)


@router.get("/v1/{kind}/{unit_id}/lineage/open-lineage", responses=MISSING)
async def open_lineage_of_unit(
    request: Request, caller: Caller, kind: KindName, unit_id: UnitId
) -> OpenLineageEvents:
    """The same as OpenLineage run events, for a data catalogue."""
    return open_lineage(await lineage_of_unit(request, caller, kind, unit_id))


def _kind(name: str) -> Kind:
    if name not in KINDS:
        raise not_found("There is no such unit.")
    return KINDS[name]


def _missing(kind: Kind) -> Exception:
    return not_found(f"There is no such {kind.noun}.")


async def _graph(gateway: Gateway, caller: Identity, kind: Kind, unit_id: str) -> UnitGraph:
    line = gateway.lines[kind.name]
    unit = (
        await gateway.database.transact(caller.org_id, lambda tx: line.graph(tx, unit_id))
        if is_unit_id(unit_id)
        else None
    )
    if unit is None:
        raise _missing(kind)
    return unit


async def _broken(gateway: Gateway, caller: Identity, kind: Kind, unit_id: str) -> list[Broken]:
    """Only lectures keep their results in files that can be made again."""
    if kind.name != LECTURES:
        return []
    return await broken_files(gateway, caller, (await view_of(gateway, caller, unit_id)).lecture)


def _assets(kind: Kind, texts: list[str] | None) -> list[str] | None:
    names = _split(texts)
    for name in names or ():
        if name not in kind.assets:
            raise _faulty("assets", f"{name} is none of {', '.join(kind.assets)}", name)
    return names


def _numbers(unit: UnitGraph, kind: Kind, texts: list[str] | None) -> list[int] | None:
    names = _split(texts)
    if names is None:
        return None
    there = {key.partition("/")[2] for key in _partitions(unit.graph.nodes)} - {""}
    known = {int(number) for number in there}
    for name in names:
        if not (name.isascii() and name.isdigit() and name):
            raise _faulty("parts", f"{name!r} is no number of a {kind.part or 'part'}", name)
        if int(name) not in known:
            numbers = f"they are numbered 1 to {max(known)}" if known else "it has none"
            raise not_found(f"There is no {kind.part or 'part'} {name}: {numbers}.")
    return [int(name) for name in names]


def _partitions(nodes: Sequence[Node]) -> set[str]:
    return {node.partition for node in nodes}


def _split(texts: list[str] | None) -> list[str] | None:
    return [name for text in texts or () for name in text.split(",") if name] or None


def _faulty(field: str, message: str, value: str) -> RequestValidationError:
    error = {"type": "value_error", "loc": ("query", field), "msg": message, "input": value}
    return RequestValidationError([error])
