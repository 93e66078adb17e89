"""What the reconciler found, and passes on demand: for the operator's organization.

Reports hold numbers over all organizations and name none.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from fastapi import Query, Request
from pydantic import BaseModel, ConfigDict, Field

from pipeline_defs import policies
from pipeline_defs.domain.reconciliation import left
from pipeline_defs.runtime.dagster.graphql import DagsterApi
from pipeline_defs.storage import units
from pipeline_defs.web.gateway import Gateway, gateway_of
from pipeline_defs.web.operator import must_be_operator
from pipeline_defs.web.routes import Caller, api_router, problem

router = api_router("operations")
JOB, ASSET = "reconcile", "reconciliation"
NOT_ALLOWED: dict[int | str, dict[str, Any]] = {
    403: problem("The key is not of the operator's organization.")
}


class Found(BaseModel):
    """How often one loss was found, and what became of it."""

    loss: str = Field(examples=["units_forgotten"])
    area: str = Field(examples=["units"])
    meaning: str
    found: int
    repaired: int
    failed: int
    freed: int
    removed: int
    removed_bytes: int

    @property
    def left(self) -> int:
        """How many nothing was done about."""
        return left(self.model_dump())


class Pass(BaseModel):
    """One pass; `faults`: areas that could not be looked at, each with its error."""

    run_id: str
    scope: str = Field(examples=["quick"])
    began_at: datetime
    ended_at: datetime
    findings: list[Found]
    faults: dict[str, dict[str, Any]]

    @property
    def seconds(self) -> float:
        """How long it took."""
        return (self.ended_at - self.began_at).total_seconds()


class Passes(BaseModel):
    """The newest passes first."""

    items: list[Pass]


class PassRequest(BaseModel):
    """`blobs`: compare the files of the blob store too, which takes longer."""

    model_config = ConfigDict(extra="forbid")

    blobs: bool = False


class PassAsked(BaseModel):
    """The run that makes the pass; its report is listed under its id once it has ended."""

    run_id: str
    links: dict[str, str]


@router.get("/v1/reconciliations", responses=NOT_ALLOWED)
async def list_passes(
    request: Request,
    caller: Caller,
    run_id: Annotated[str | None, Query(max_length=64)] = None,
    limit: Annotated[int, Query(ge=1, le=policies.LIST_PAGE_MAX)] = policies.LIST_PAGE_DEFAULT,
) -> Passes:
    """Reports of the last passes, or the one of a run."""
    gateway = gateway_of(request)
    await must_be_operator(gateway, caller)
    return Passes(items=await passes_of(gateway, run_id=run_id, limit=limit))


async def passes_of(gateway: Gateway, *, run_id: str | None, limit: int) -> list[Pass]:
    """Reports as the passes stored them, newest first: what the asset in Dagster is made from."""
    rows = await gateway.database.all(None, "reconciliation.newest", run_id=run_id, most=limit)
    return [Pass.model_validate(row) for row in rows]


@router.post("/v1/reconciliations", status_code=202, responses=NOT_ALLOWED)
async def ask_for_pass(request: Request, caller: Caller, wanted: PassRequest) -> PassAsked:
    """Begin a pass now."""
    gateway = gateway_of(request)
    await must_be_operator(gateway, caller)
    dagster = DagsterApi(gateway.settings.dagster_url)
    try:
        config = {"ops": {ASSET: {"config": {"blobs": wanted.blobs}}}}
        run_id = await dagster.launch(JOB, [ASSET], [], {}, config=config)
    finally:
        await dagster.aclose()
    await gateway.database.transact(
        caller.org_id,
        lambda tx: units.audit(tx, caller.actor, "reconciliation.asked_for", None, run_id=run_id),
    )
    links = {
        "report": f"/v1/reconciliations?run_id={run_id}",
        "dagster": gateway.links.of_run(run_id),
    }
    return PassAsked(run_id=run_id, links=links)
