"""What things cost: per call, per unit, per day."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from fastapi import Path, Query, Request
from pydantic import BaseModel

from pipeline_defs.domain.keys import is_unit_id
from pipeline_defs.storage import units
from pipeline_defs.storage.database import Transaction
from pipeline_defs.web.gateway import Gateway, gateway_of
from pipeline_defs.web.identity import Identity
from pipeline_defs.web.problems import not_found
from pipeline_defs.web.routes import MISSING, Caller, api_router

router = api_router("cost")


class CostLine(BaseModel):
    """Calls of one step with one model."""

    partition: str
    step: str
    capability: str
    provider: str
    model: str
    calls: int
    input_tokens: int
    output_tokens: int
    quantity: float
    quantity_unit: str
    cost_usd: float


class UnitCost(BaseModel):
    """All calls made for a unit."""

    id: str
    total_usd: float
    items: list[CostLine]


class DayLine(BaseModel):
    """Calls of one day with one model."""

    day: date
    kind: str
    capability: str
    provider: str
    model: str
    calls: int
    cost_usd: float


class Costs(BaseModel):
    """Costs by day; the month so far, and its budget where one is set."""

    days: int
    total_usd: float
    month_usd: float
    month_budget_usd: float | None
    items: list[DayLine]


@router.get("/v1/{kind}/{unit_id}/cost", responses=MISSING)
async def unit_cost(
    request: Request,
    caller: Caller,
    kind: Annotated[str, Path(examples=["articles"])],
    unit_id: Annotated[str, Path(examples=["article-20261123-k7m2qx9c"])],
) -> UnitCost:
    """Every call made for a unit, by part, step and model."""

    async def read(tx: Transaction) -> list[dict[str, Any]] | None:
        unit = await units.get(tx, unit_id)
        if unit is None or unit.kind != kind:
            return None
        return await tx.all("usage.of_unit", unit_id=unit_id)

    gateway, found = gateway_of(request), is_unit_id(unit_id)
    rows = await gateway.database.transact(caller.org_id, read) if found else None
    if rows is None:
        known = gateway.kinds.get(kind)
        raise not_found(f"There is no such {known.noun if known else 'unit'}.")
    lines = [CostLine.model_validate(row) for row in rows]
    return UnitCost(id=unit_id, total_usd=sum(line.cost_usd for line in lines), items=lines)


@router.get("/v1/cost")
async def cost_by_day(
    request: Request, caller: Caller, days: Annotated[int, Query(ge=1, le=366)] = 30
) -> Costs:
    """What the organization spent in the last days, by kind, capability and model."""

    return await costs_of(gateway_of(request), caller, days)


async def costs_of(gateway: Gateway, caller: Identity, days: int) -> Costs:
    """The same for the caller's organization."""

    async def read(tx: Transaction) -> tuple[list[dict[str, Any]], dict[str, Any] | None]:
        return await tx.all("usage.by_day", days=days), await tx.one("usage.this_month")

    rows, month = await gateway.database.transact(caller.org_id, read)
    lines = [DayLine.model_validate(row) for row in rows]
    budget = month["budget"] if month else None
    return Costs(
        days=days,
        total_usd=sum(line.cost_usd for line in lines),
        month_usd=float(month["spent"]) if month else 0.0,
        month_budget_usd=float(budget) if budget is not None else None,
        items=lines,
    )
