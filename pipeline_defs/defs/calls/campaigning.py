"""What the assets of a campaign share: reading it, telling of it, results as they are stored."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from pipeline_defs.domain.calls import recipe
from pipeline_defs.domain.calls.campaigns import Campaign
from pipeline_defs.runtime import control
from pipeline_defs.runtime.driving import INFRASTRUCTURE, Assignment
from pipeline_defs.runtime.lines import CAMPAIGN_LINE
from pipeline_defs.runtime.work import Made
from pipeline_defs.storage import campaigns
from pipeline_defs.storage.database import Transaction
from pipeline_defs.storage.models_in_use import models_in_use

# Errors that concern the campaign as a whole, not one call.
STOPPING = INFRASTRUCTURE | {
    "BUDGET_EXCEEDED",
    "QUOTA",
    "UNAUTHORIZED",
    "NOT_AUTHORIZED",
    "NOT_CONFIGURED",
    "MODEL_GONE",
    "NO_PUBLIC_ADDRESS",
}


async def read_campaign(job: Assignment) -> Campaign:
    """The campaign as it is now."""
    return await job.work.transact(lambda tx: campaigns.required(tx, job.unit_id))


def made(
    asset: str,
    partition: str,
    version: str,
    input_hash: str,
    *,
    inputs: Mapping[str, str] | None = None,
    cost_usd: Decimal = Decimal(0),
    metadata: Mapping[str, Any] | None = None,
) -> Made:
    """A result of this line."""
    return Made(
        asset,
        partition,
        version,
        recipe.MAKERS[asset].version(models_in_use()),
        input_hash,
        inputs=inputs or {},
        cost_usd=cost_usd,
        metadata=metadata or {},
    )


def tell(
    tx: Transaction,
    campaign_id: str,
    stage: str,
    outcome: str,
    message: str,
    *,
    part: str | None = None,
    **more: Any,
) -> None:
    """A progress event with how far the campaign is."""
    control.advance(
        tx,
        CAMPAIGN_LINE,
        campaign_id,
        stage=stage,
        outcome=outcome,
        message=message,
        part=part,
        **more,
    )
