"""Asks providers for their bills and keeps them beside our own figures."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from pipeline_defs import policies
from pipeline_defs.domain.costs import days_until
from pipeline_defs.domain.errors import PipelineError
from pipeline_defs.gateways.bills import bill_sources
from pipeline_defs.gateways.catalog import Catalog
from pipeline_defs.settings import Settings
from pipeline_defs.storage.database import Database, Transaction


async def collect_bills(
    database: Database, settings: Settings, catalog: Catalog
) -> dict[str, PipelineError]:
    """Store what every provider that reports bills says of the last days.

    Returns why, by provider, where one could not be asked: the others are stored all the same.
    """
    since, until = days_until(datetime.now(UTC).date(), policies.BILLS_DAYS)
    failed: dict[str, PipelineError] = {}
    for source in bill_sources(settings, catalog):
        provider = source.endpoint.label
        try:
            days = await source.days(since, until)
        except PipelineError as error:
            failed[provider] = error
            continue

        async def put(tx: Transaction, provider: str = provider, days: Any = days) -> None:
            for day, usd in sorted(days.items()):
                await tx.run("bills.put", provider=provider, day=day, cost_usd=usd)

        await database.transact(None, put)
    return failed
