"""May this contact be called now? Rules of decency and of money, in this order. No I/O here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from pipeline_defs.domain.calls.campaigns import Call, Campaign
from pipeline_defs.domain.errors import ErrorRecord


@dataclass(frozen=True, slots=True)
class Gate:
    """The answer; `at` when it is `later`, `error` with the reason when it is `never`."""

    answer: Literal["now", "later", "never"]
    at: datetime | None = None
    error: ErrorRecord | None = None


def may_call(campaign: Campaign, call: Call, now: datetime) -> Gate:
    """Whether a queued contact may be called, apart from the rate."""
    if call.phone in campaign.do_not_call:
        return _never("DO_NOT_CALL", f"{call.name} is on the do-not-call list", "")
    if campaign.budget_usd is not None and campaign.spent_usd >= campaign.budget_usd:
        return _never(
            "BUDGET_SPENT",
            f"the campaign has spent {campaign.spent_usd:.2f} of {campaign.budget_usd:.2f} USD",
            "Raise its budget, then resume.",
        )
    at = quiet_until(campaign, max(now, call.due_at))
    return Gate("later", at) if at > now else Gate("now")


def next_attempt(campaign: Campaign, call: Call, now: datetime) -> datetime | None:
    """When a contact that was busy or did not answer is called again; None when no more."""
    if call.attempt > campaign.retries:
        return None
    return quiet_until(campaign, now + timedelta(minutes=campaign.retry_after_minutes))


def quiet_until(campaign: Campaign, at: datetime) -> datetime:
    """`at`, or the end of the quiet hours it falls into."""
    if campaign.quiet_hours is None:
        return at
    start, end = campaign.quiet_hours
    zone = ZoneInfo(campaign.time_zone)
    local = at.astimezone(zone)
    clock = local.time()
    quiet = start <= clock < end if start <= end else clock >= start or clock < end
    if not quiet:
        return at
    return _first_after(at, [local.date(), local.date() + timedelta(days=1)], end, zone)


def _first_after(at: datetime, days: list[date], end: time, zone: ZoneInfo) -> datetime:
    """The first of the days' ends that is not over yet. The night of a changed clock included."""
    ends = [datetime.combine(day, end, zone).astimezone(UTC) for day in days]
    return next(moment for moment in ends if moment > at)


def _never(code: str, message: str, advice: str) -> Gate:
    return Gate("never", error=ErrorRecord(code, message, retryable=False, advice=advice))
