"""A campaign with its hypotheses, calls and claims, as read in one transaction. No I/O here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, time
from decimal import Decimal
from typing import Any

from pipeline_defs.domain.calls.claims import GroundedClaim
from pipeline_defs.domain.keys import part_key
from pipeline_defs.domain.versions import AssetVersion

CALL_WIDTH = 3
HYPOTHESIS_WIDTH = 2
# How a call can end, and those after which the contact is called again.
ENDED = frozenset({"completed", "failed", "busy", "no_answer", "voicemail", "cancelled"})
UNREACHED = frozenset({"busy", "no_answer"})


@dataclass(frozen=True, slots=True)
class Question:
    """A question of the checklist, from 1, and the hypothesis it is about, if of one."""

    order: int
    question: str
    hypothesis: int | None


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """A hypothesis, from 1, and its verdict once there is one.

    `evidence_at`: when claims on it came or went last. `verdict` holds status, reason, confidence,
    supporting, opposing, stability, conclusion, final, and the version of the evidence it is of.
    """

    campaign_id: str
    order: int
    text: str
    field: str
    evidence_at: datetime | None = None
    verdict: dict[str, Any] | None = None

    @property
    def key(self) -> str:
        """Its partition key."""
        return part_key(self.campaign_id, self.order, HYPOTHESIS_WIDTH)


@dataclass(frozen=True, slots=True)
class Recording:
    """A recording at the telephone provider: nothing but its checked ids is kept of it."""

    sid: str
    channels: int
    seconds: float | None


@dataclass(frozen=True, slots=True)
class Call:
    """The interview with one contact, from 1 over the campaign, and the attempt to reach them.

    Everything up to `ended_at` is of the current attempt. `due_at`: not to be placed before.
    `intended_at`: when it was about to be placed; with it and no `sid` the answer was lost.
    `recording`, `transcript` and `extraction` are what came of it; `error` what stopped it, with
    the `stage` at which: call, recording, transcript, claims. `script`: what the contact is known
    to say, word for word, where they were asked to: it measures the transcript, and makes nothing.
    """

    campaign_id: str
    order: int
    phone: str
    name: str
    respondent: str
    attempt: int
    status: str
    due_at: datetime
    sid: str | None = None
    intended_at: datetime | None = None
    dialled_at: datetime | None = None  # the last time, over all attempts
    sequence: int = -1  # of the newest status event
    heard_at: datetime | None = None  # the last the provider said of it
    ended_at: datetime | None = None
    seconds: int | None = None
    settled: bool = False  # its outcome and its cost are booked
    recording: Recording | None = None
    recording_state: str = "awaited"  # awaited, ready, absent
    transcript: dict[str, Any] | None = None  # file, layout, seconds, words, speakers, warnings
    extraction: dict[str, Any] | None = None  # claims, refused, flagged
    error: dict[str, Any] | None = None
    script: str | None = None

    @property
    def key(self) -> str:
        """Its partition key."""
        return part_key(self.campaign_id, self.order, CALL_WIDTH)

    @property
    def is_over(self) -> bool:
        """Whether nobody is on the line any more, or ever was."""
        return self.status in ENDED


@dataclass(frozen=True, slots=True)
class Campaign:
    """A campaign and everything known about it."""

    id: str
    status: str
    title: str
    goal: str
    language: str
    consent: str
    time_zone: str
    quiet_hours: tuple[time, time] | None
    do_not_call: frozenset[str]
    calls_per_minute: int
    budget_usd: Decimal | None
    retries: int
    retry_after_minutes: int
    paused: bool
    hypotheses: tuple[Hypothesis, ...]
    checklist: tuple[Question, ...]
    calls: tuple[Call, ...]
    claims: dict[int, tuple[GroundedClaim, ...]] = field(default_factory=dict)  # by call
    spent_usd: Decimal = Decimal(0)
    report: dict[str, Any] | None = None
    versions: dict[tuple[str, str], AssetVersion] = field(default_factory=dict)
    generations: dict[tuple[str, str], int] = field(default_factory=dict)
    models: Mapping[str, str] = field(default_factory=dict)  # in use: purpose to version
    has_unreported: bool = False

    @property
    def is_active(self) -> bool:
        """Whether calls may be placed for it."""
        return self.status in ("queued", "generating") and not self.paused

    def call(self, key: str) -> Call:
        """The call of a partition key; KeyError when there is none."""
        return next(call for call in self.calls if call.key == key)

    def hypothesis(self, key: str) -> Hypothesis:
        """The hypothesis of a partition key; KeyError when there is none."""
        return next(hypothesis for hypothesis in self.hypotheses if hypothesis.key == key)

    def version(self, asset: str, partition: str) -> AssetVersion | None:
        """The current result of an asset, if there is one."""
        return self.versions.get((asset, partition))

    def generation(self, asset: str, partition: str) -> int:
        """How often it was asked for anew."""
        return self.generations.get((asset, partition), 0)
