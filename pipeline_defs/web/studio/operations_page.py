"""Studio's page of the reconciler, for the operator: what passes found and what they did about it.

Reports are those that Dagster's asset `reconciliation` is made from.
"""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from pipeline_defs.web.api.reconciliations import passes_of
from pipeline_defs.web.gateway import gateway_of
from pipeline_defs.web.identity import Identity
from pipeline_defs.web.operator import must_be_operator
from pipeline_defs.web.problems import not_found
from pipeline_defs.web.studio.rendering import page, signed_in

PASSES_SHOWN = 50
router = APIRouter(include_in_schema=False)


@router.get("/studio/operations")
async def operations_page(request: Request, run: str | None = None) -> Response:
    """The newest pass, or that of a run, in full; and those before it."""
    caller = await signed_in(request)
    if not isinstance(caller, Identity):
        return caller
    gateway = gateway_of(request)
    await must_be_operator(gateway, caller)
    passes = await passes_of(gateway, run_id=None, limit=PASSES_SHOWN)
    run = (run or "").replace("\0", "")[:64] or None
    shown = await passes_of(gateway, run_id=run, limit=1) if run else passes[:1]
    if run and not shown:
        raise not_found("There is no report of this run: they are kept for a month.")
    context = {
        "passes": passes,
        "shown": shown[0] if shown else None,
        "run_address": gateway.links.of_run,
        "organization": caller.org_id,
    }
    return page("operations.html", context)
