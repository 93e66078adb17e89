"""The cost report: every morning, what the day before cost, beside what providers say it did."""

import asyncio
import math
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import dagster as dg

from pipeline_defs import policies
from pipeline_defs.defs.orchestration import OP_RETRIES
from pipeline_defs.domain.costs import days_until
from pipeline_defs.domain.errors import PipelineError
from pipeline_defs.domain.forecasts import Forecast
from pipeline_defs.gateways.catalog import load_catalog
from pipeline_defs.runtime.bill_collection import collect_bills
from pipeline_defs.settings import get_settings
from pipeline_defs.storage.database import Database
from pipeline_defs.storage.month_ahead import forecast_of_everybody

CHECK = "bills_agree"


@dataclass(frozen=True)
class Found:
    """A day by line, days of providers with both figures, who could not be asked, and what the
    month will cost."""

    day: date
    lines: list[dict[str, Any]]
    bills: list[dict[str, Any]]
    failed: dict[str, PipelineError]
    ahead: Forecast

    @property
    def differing(self) -> list[dict[str, Any]]:
        """Days that are over, of which we and the provider say different things."""
        return [
            bill
            for bill in self.bills
            if bill["day"] <= self.day
            and bill["theirs_usd"] is not None
            and abs(bill["theirs_usd"] - bill["ours_usd"]) > policies.BILLS_TOLERANCE_USD
        ]


@dg.asset(
    description="What a day cost by line and per finished unit, how the providers' own bills "
    "differ from our figures, and what the month will cost. Its plots show all of it over time.",
    group_name="operations",
    owners=["team:platform"],
    kinds={"table"},
    check_specs=[
        dg.AssetCheckSpec(
            CHECK,
            asset="cost_report",
            description="Providers' bills of days that are over are what we counted. "
            "\n\n**If it fails:** somebody else uses the key, or a price in providers.toml is old.",
        )
    ],
    retry_policy=OP_RETRIES,
)
# No return annotation: with a check Dagster takes one of several outputs for a tuple's.
def cost_report():
    """Ask for the bills of the last days and compare."""
    found = asyncio.run(_found())
    return dg.MaterializeResult(metadata=metadata_of(found), check_results=[_check(found)])


@dg.definitions
def costs() -> dg.Definitions:
    """The report and its schedule, running from the start."""
    job = dg.define_asset_job(
        "report_costs",
        selection=["cost_report"],
        description="Ask providers for their bills and compare them with what we counted.",
    )
    return dg.Definitions(
        assets=[cost_report],
        jobs=[job],
        schedules=[
            dg.ScheduleDefinition(
                name="every_morning_costs",
                description="Asks providers for their bills, when yesterday stands on most.",
                job=job,
                cron_schedule=policies.COST_REPORT_CRON,
                default_status=dg.DefaultScheduleStatus.RUNNING,
            )
        ],
    )


def metadata_of(found: Found) -> dict[str, dg.MetadataValue[Any]]:
    """Numbers that Dagster plots, and the days of providers as a table."""
    numbers = {"spent_usd": math.fsum(float(line["spent_usd"]) for line in found.lines)}
    if found.ahead.usd is not None:
        numbers["forecast_usd"] = float(found.ahead.usd)
    for line in found.lines:
        numbers[f"{line['kind']}_usd"] = float(line["spent_usd"])
        if line["usd_per_unit"] is not None:
            numbers[f"{line['kind']}_usd_per_unit"] = float(line["usd_per_unit"])
    numbers["billed_more_usd"] = math.fsum(
        float(bill["theirs_usd"] - bill["ours_usd"]) for bill in found.differing
    )
    about: dict[str, dg.MetadataValue[Any]] = {
        name: dg.MetadataValue.float(round(usd, 6)) for name, usd in numbers.items()
    }
    about["day"] = dg.MetadataValue.text(f"{found.day}")
    if found.bills:
        about["bills"] = dg.MetadataValue.table([dg.TableRecord(_row(b)) for b in found.bills])
    return about


def _check(found: Found) -> dg.AssetCheckResult:
    problems = [f"{provider}: {error.message}" for provider, error in found.failed.items()]
    return dg.AssetCheckResult(
        check_name=CHECK,
        passed=not found.differing and not problems,
        severity=dg.AssetCheckSeverity.WARN,
        metadata={"days_that_differ": len(found.differing), "not_asked": problems},
    )


def _row(bill: dict[str, Any]) -> dict[str, Any]:
    theirs = bill["theirs_usd"]
    return {
        "day": f"{bill['day']}",
        "provider": bill["provider"],
        "calls": bill["calls"],
        "ours_usd": float(bill["ours_usd"]),
        "theirs_usd": "not told" if theirs is None else f"{theirs:f}",
        "difference_usd": "" if theirs is None else f"{theirs - bill['ours_usd']:f}",
    }


async def _found() -> Found:
    settings = get_settings()
    today = datetime.now(UTC).date()
    since, until = days_until(today, policies.BILLS_DAYS)
    async with Database.open(settings.required("database_url")) as database:
        failed = await collect_bills(database, settings, load_catalog(settings.providers_file))
        return Found(
            day=today - timedelta(days=1),
            lines=await database.all(None, "usage.of_day", day=today - timedelta(days=1)),
            bills=await database.all(None, "bills.compared", since=since, until=until),
            failed=failed,
            ahead=await database.transact(None, forecast_of_everybody),
        )
