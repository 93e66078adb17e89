"""Campaigns as domain objects, for tests of pure functions."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time
from decimal import Decimal
from typing import Any

from pipeline_defs.domain.calls.campaigns import Call, Campaign, Hypothesis, Question
from pipeline_defs.domain.calls.claims import GroundedClaim, Stance

NOON = datetime(2026, 11, 26, 12, 0, tzinfo=UTC)
CALL = Call("campaign-1", 1, "+12025550111", "Ada", "ada", 1, "queued", NOON)


def call(order: int = 1, **known: Any) -> Call:
    """A call; queued unless `known` says more."""
    phone = f"+1202555{order:04d}"
    return replace(CALL, order=order, phone=phone, name=f"R{order}", respondent=phone, **known)


def claim(order: int, stance: Stance, hypothesis: int = 1, **known: Any) -> GroundedClaim:
    """A claim."""
    base = GroundedClaim(
        order, "I would.", "I would.", 1.0, 2.0, 0, 1, hypothesis, 1, stance, 0.8, 0.9
    )
    return replace(base, **known)


def campaign(*calls: Call, **known: Any) -> Campaign:
    """A campaign at work with one hypothesis."""
    base = Campaign(
        id="campaign-1",
        status="generating",
        title="Bread",
        goal="Find out",
        language="en",
        consent="Hello, this is recorded. May I ask you something?",
        time_zone="Europe/Berlin",
        quiet_hours=None,
        do_not_call=frozenset(),
        calls_per_minute=10,
        budget_usd=None,
        retries=2,
        retry_after_minutes=60,
        paused=False,
        hypotheses=(Hypothesis("campaign-1", 1, "People like bread.", "bread"),),
        checklist=(Question(1, "Do you like bread?", 1),),
        calls=calls or (call(),),
        spent_usd=Decimal(0),
    )
    return replace(base, **known)


QUIET = (time(20), time(9))
