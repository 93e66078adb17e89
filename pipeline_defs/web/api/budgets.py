"""The month against its budgets; and whoever pays for everybody: bills beside our figures."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated

from fastapi import Path, Request
from pydantic import BaseModel, Field, model_validator

from pipeline_defs.domain.budgets import WHOLE
from pipeline_defs.domain.kinds import KINDS
from pipeline_defs.domain.requests import Strict
from pipeline_defs.storage import budgets
from pipeline_defs.storage.database import Transaction
from pipeline_defs.web.api.cost import Asked
from pipeline_defs.web.cost_shape import (
    BillRow,
    Month,
    OrganizationCost,
    bill_row,
    read_month,
)
from pipeline_defs.web.gateway import gateway_of
from pipeline_defs.web.operator import is_operator
from pipeline_defs.web.problems import not_found
from pipeline_defs.web.routes import BODY, MISSING, Caller, api_router

router = api_router("cost")
ORGANIZATION = "organization"
Usd = Annotated[Decimal, Field(ge=0, le=99_999_999, max_digits=12, decimal_places=4)]


class Limits(Strict):
    """Both limits of a month, in US dollars; null for none. Without any the budget is removed."""

    soft_usd: Usd | None = Field(default=None, description="People are told; everything goes on.")
    hard_usd: Usd | None = Field(default=None, description="No further call is made.")

    @model_validator(mode="after")
    def _in_order(self) -> Limits:
        soft, hard = self.soft_usd, self.hard_usd
        if soft is not None and hard is not None and soft > hard:
            raise ValueError("the soft limit must not be above the hard one")
        return self


class Bills(BaseModel):
    """Days of providers that report what they charge, newest first.

    They concern all organizations, so only the operator's sees any: others find `visible` false.
    """

    visible: bool
    items: list[BillRow]


class OrganizationCosts(BaseModel):
    """What each organization spent; only the operator's sees others than its own."""

    items: list[OrganizationCost]


@router.get("/v1/budgets")
async def month(request: Request, caller: Caller) -> Month:
    """The month so far: spent, forecast, and how each budget stands."""
    return await gateway_of(request).database.transact(caller.org_id, read_month)


@router.put("/v1/budgets/{line}", responses={**MISSING, **BODY})
async def set_budget(
    request: Request,
    caller: Caller,
    line: Annotated[str, Path(examples=["lectures"], description="A line, or `organization`.")],
    limits: Limits,
) -> Month:
    """Set the month's limits of the organization or of a line; work that was stopped by one goes on
    when it is resumed."""
    if line != ORGANIZATION and line not in KINDS:
        raise not_found("There is no such line.")
    whose = WHOLE if line == ORGANIZATION else line

    async def put(tx: Transaction) -> Month:
        await budgets.put(tx, whose, limits.soft_usd, limits.hard_usd, caller.actor)
        return await read_month(tx)

    return await gateway_of(request).database.transact(caller.org_id, put)


@router.get("/v1/cost/bills")
async def bills(request: Request, caller: Caller, wanted: Asked) -> Bills:
    """Our figure beside the provider's, per provider and day; of the question only days count."""
    return await gateway_of(request).database.transact(
        caller.org_id, lambda tx: read_bills(tx, wanted)
    )


@router.get("/v1/cost/organizations")
async def organizations(request: Request, caller: Caller, wanted: Asked) -> OrganizationCosts:
    """What each organization spent; of the question only days count."""
    rows = await gateway_of(request).database.all(
        caller.org_id, "usage.by_organization", since=wanted.since, until=wanted.until
    )
    return OrganizationCosts(items=[OrganizationCost.model_validate(row) for row in rows])


async def read_bills(tx: Transaction, wanted: Asked) -> Bills:
    """Bills of the days of a question."""
    rows = await tx.all("bills.compared", since=wanted.since, until=wanted.until)
    today = datetime.now(UTC).date()
    return Bills(
        visible=await is_operator(tx),
        items=[bill_row(row, today) for row in rows],
    )
