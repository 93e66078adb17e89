"""A campaign as the API and Studio show it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import BaseModel, Field

from pipeline_defs.domain.calls import recipe
from pipeline_defs.domain.calls.campaigns import Campaign, Hypothesis
from pipeline_defs.domain.calls.report import summary
from pipeline_defs.domain.units import Unit
from pipeline_defs.storage import campaigns, units
from pipeline_defs.storage.database import Transaction
from pipeline_defs.web.call_shape import CallShape, ClaimShape, call_shape, claim_shape
from pipeline_defs.web.campaign_stages import stages
from pipeline_defs.web.links import Links
from pipeline_defs.web.unit_shape import UnitShape, unit_fields

NOUNS = {
    recipe.TRANSCRIPT: "transcript",
    recipe.CLAIMS: "extraction",
    recipe.HYPOTHESIS_VERDICT: "verdict",
    recipe.CAMPAIGN_REPORT: "report",
}


class QuestionShape(BaseModel):
    """A question of the interview, and the hypothesis it is about."""

    number: int
    question: str
    hypothesis: int | None


class VerdictShape(BaseModel):
    """A verdict; `number` counts those passed on the hypothesis, the highest stands.

    `confidence` that it is right; `understood`: how surely those were on average whom it follows.
    """

    status: str = Field(examples=["VALIDATED"])
    reason: str = Field(examples=["agreed"])
    conclusion: str
    confidence: float | None
    understood: float | None = None
    supporting: int
    opposing: int
    neutral: int
    claims: int
    stability: float | None
    final: bool
    number: int
    passed_at: datetime


class HypothesisShape(BaseModel):
    """A hypothesis, what it came to, and what that rests on."""

    number: int
    key: str
    text: str
    field: str
    verdict: VerdictShape | None
    stale: bool
    claims: list[ClaimShape]


class QuietHoursShape(BaseModel):
    """When nobody is called, by the clock of `time_zone`."""

    start: str
    end: str


class ReportShape(BaseModel):
    """The report: its files by name."""

    files: dict[str, str]
    summary: dict[str, Any]


class CampaignShape(UnitShape):
    """A campaign with its hypotheses and its calls."""

    goal: str
    consent: str
    language: str
    time_zone: str
    quiet_hours: QuietHoursShape | None
    calls_per_minute: int
    budget_usd: float | None
    paused: bool
    retries: int
    retry_after_minutes: int
    do_not_call: int
    checklist: list[QuestionShape]
    hypotheses: list[HypothesisShape]
    calls: list[CallShape]
    counts: dict[str, int]
    report: ReportShape | None


class Remade(BaseModel):
    """An asset of a call or hypothesis that is made again."""

    asset: str
    partition: str


class RemakingShape(BaseModel):
    """What a rebuild makes; `advice` where that is nothing."""

    total: int
    summary: str = Field(examples=["1 transcript, 1 extraction"])
    advice: str | None
    parts: list[Remade]


class RebuiltCampaign(CampaignShape):
    """A campaign that was asked for again, and what is made of it."""

    making: RemakingShape


def remaking(nodes: Sequence[tuple[str, str]]) -> RemakingShape:
    """The shape of what a rebuild makes."""
    counts = Counter(asset for asset, _ in nodes)
    return RemakingShape(
        total=len(nodes),
        summary=", ".join(
            f"{count} {NOUNS[asset]}{'s' if count > 1 else ''}" for asset, count in counts.items()
        ),
        advice=None if nodes else "Everything is up to date: `fresh` makes it anew all the same.",
        parts=[Remade(asset=asset, partition=partition) for asset, partition in nodes],
    )


@dataclass(frozen=True, slots=True)
class CampaignView:
    """A campaign as read in one transaction."""

    unit: Unit
    campaign: Campaign
    usage: list[dict[str, Any]]

    @property
    def costs(self) -> Mapping[str, float]:
        """USD by partition."""
        costs: defaultdict[str, float] = defaultdict(float)
        for line in self.usage:
            costs[line["partition"]] += float(line["cost_usd"])
        return costs


async def read_campaign(tx: Transaction, campaign_id: str) -> CampaignView | None:
    """Everything about a campaign; None when it is not there."""
    campaign = await campaigns.read(tx, campaign_id)
    unit = await units.get(tx, campaign_id)
    if campaign is None or unit is None:
        return None
    return CampaignView(unit, campaign, await tx.all("usage.of_unit", unit_id=campaign_id))


def campaign_shape(view: CampaignView, links: Links) -> CampaignShape:
    """The public shape of a campaign."""
    return CampaignShape(**campaign_fields(view, links))


def campaign_fields(view: CampaignView, links: Links) -> dict[str, Any]:
    """The fields of that shape."""
    campaign, costs = view.campaign, view.costs
    quiet = campaign.quiet_hours
    return unit_fields(view.unit, links, stages(campaign)) | {
        "goal": campaign.goal,
        "consent": campaign.consent,
        "language": campaign.language,
        "time_zone": campaign.time_zone,
        "quiet_hours": QuietHoursShape(start=f"{quiet[0]:%H:%M}", end=f"{quiet[1]:%H:%M}")
        if quiet
        else None,
        "calls_per_minute": campaign.calls_per_minute,
        "budget_usd": float(campaign.budget_usd) if campaign.budget_usd is not None else None,
        "paused": campaign.paused,
        "retries": campaign.retries,
        "retry_after_minutes": campaign.retry_after_minutes,
        "do_not_call": len(campaign.do_not_call),
        "checklist": [
            QuestionShape(number=q.order, question=q.question, hypothesis=q.hypothesis)
            for q in campaign.checklist
        ],
        "hypotheses": [_hypothesis(campaign, h) for h in campaign.hypotheses],
        "calls": [call_shape(campaign, c, costs.get(c.key, 0.0)) for c in campaign.calls],
        "counts": summary(campaign)["calls"],
        "report": _report(campaign),
    }


def _hypothesis(campaign: Campaign, hypothesis: Hypothesis) -> HypothesisShape:
    verdict = hypothesis.verdict
    return HypothesisShape(
        number=hypothesis.order,
        key=hypothesis.key,
        text=hypothesis.text,
        field=hypothesis.field,
        verdict=VerdictShape(**verdict) if verdict else None,
        stale=recipe.is_stale(campaign, recipe.HYPOTHESIS_VERDICT, hypothesis.key),
        claims=[claim_shape(call, claim) for call, claim in recipe.claims_on(campaign, hypothesis)],
    )


def _report(campaign: Campaign) -> ReportShape | None:
    if campaign.report is None:
        return None
    base = f"/v1/campaigns/{campaign.id}/report"
    names = campaign.report["files"]
    return ReportShape(
        files={name: f"{base}/{name}" for name in names}, summary=campaign.report["summary"]
    )
