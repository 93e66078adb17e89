"""What things cost: per call of a unit, and summed by what is asked for; as a table or a file."""

from __future__ import annotations

import csv
import io
from datetime import UTC, date, datetime
from typing import Annotated, Any

from fastapi import Depends, Path, Query, Request
from pydantic import BaseModel
from starlette.responses import Response

from pipeline_defs import policies
from pipeline_defs.domain.costs import CostQuestion, columns, days_until, dimensions
from pipeline_defs.domain.field_errors import FieldError
from pipeline_defs.domain.keys import is_unit_id
from pipeline_defs.domain.spreadsheets import harmless
from pipeline_defs.storage import units
from pipeline_defs.storage.database import Transaction
from pipeline_defs.web.cost_shape import Costs, read_costs
from pipeline_defs.web.file_names import disposition
from pipeline_defs.web.gateway import gateway_of
from pipeline_defs.web.problems import Problem, not_found
from pipeline_defs.web.routes import MISSING, Caller, api_router

router = api_router("cost")
Name = Annotated[str | None, Query(max_length=200, pattern=r"^[^\x00]*$")]


class CostLine(BaseModel):
    """Calls of one step with one model, booked on an asset."""

    partition: str
    asset: str
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


def asked(
    by: Annotated[
        str,
        Query(
            max_length=100,
            examples=["day,line"],
            description="What to sum by, by commas: day, line, unit, asset, provider, model.",
        ),
    ] = "day,line,model",
    since: Annotated[
        date | None, Query(description="The first day (UTC); 30 days up to `until` unless given.")
    ] = None,
    until: Annotated[date | None, Query(description="The last day (UTC), else today.")] = None,
    line: Annotated[Name, Query(examples=["lectures"])] = None,
    unit: Name = None,
    asset: Annotated[Name, Query(examples=["segment_clip"])] = None,
    provider: Name = None,
    model: Name = None,
) -> CostQuestion:
    """The question in a query; Problem 422 names what is wrong with it."""
    last = until or datetime.now(UTC).date()
    try:
        first = since or days_until(last, policies.COST_DAYS_DEFAULT)[0]
        wanted = dimensions(by)
    except (ValueError, OverflowError) as error:
        raise _faulty("by" if isinstance(error, ValueError) else "until", str(error)) from error
    question = CostQuestion(wanted, first, last, line, unit, asset, provider, model)
    if not 1 <= question.days <= policies.COST_DAYS_MOST:
        raise _faulty("since", f"must be 1 to {policies.COST_DAYS_MOST} days up to `until`")
    if last.year > 9000:  # the day after has to exist
        raise _faulty("until", "is too far away")
    return question


Asked = Annotated[CostQuestion, Depends(asked)]


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
async def costs(
    request: Request,
    caller: Caller,
    wanted: Asked,
    limit: Annotated[int, Query(ge=1, le=policies.COST_ROWS_MOST)] = policies.COST_ROWS_MOST,
) -> Costs:
    """What the organization spent, summed by any of day, line, unit, asset, provider and model."""
    return await gateway_of(request).database.transact(
        caller.org_id, lambda tx: read_costs(tx, caller.org_id, wanted, limit)
    )


@router.get(
    "/v1/cost.csv",
    response_class=Response,
    responses={200: {"content": {"text/csv": {"schema": {"type": "string"}}}}},
)
async def costs_file(request: Request, caller: Caller, wanted: Asked) -> Response:
    """The same as a file for spreadsheets."""
    found = await gateway_of(request).database.transact(
        caller.org_id,
        lambda tx: read_costs(tx, caller.org_id, wanted, policies.COST_FILE_ROWS_MOST),
    )
    if found.more:
        raise Problem(
            422,
            "TOO_MANY_ROWS",
            f"That makes more than {policies.COST_FILE_ROWS_MOST} rows.",
            advice="Ask for fewer days, or sum by less.",
        )
    names = columns(wanted.by)
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(names)
    for row in found.items:
        values = {"organization": found.organization, **row.model_dump(mode="json")}
        writer.writerow([_cell(values[name]) for name in names])
    name = f"costs-{wanted.since}-{wanted.until}.csv"
    return Response(
        text.getvalue(),
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": disposition(name, "text/csv", download=True)},
    )


def _cell(value: Any) -> str:
    return harmless(value) if isinstance(value, str) else f"{value}"


def _faulty(field: str, message: str) -> Problem:
    return Problem(
        422,
        "INVALID_REQUEST",
        f"The request has a faulty field: {field}.",
        errors=[FieldError(field=field, message=message, fix=None)],
    )
