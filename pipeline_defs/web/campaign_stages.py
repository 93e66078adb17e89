"""The stages of a campaign, as its progress shows them: done of total, and how each stands.

A stage waits until something of it was really done: judging and reporting take a moment each, long
after the first answer was read. While a campaign is made again, what is stale is not done.
"""

from __future__ import annotations

from dataclasses import dataclass

from pipeline_defs.domain.calls import recipe
from pipeline_defs.domain.calls.campaigns import Campaign, Hypothesis
from pipeline_defs.domain.states import FINAL_STATES
from pipeline_defs.web.unit_shape import OPEN_STAGE, StageShape, StageStatus


@dataclass(frozen=True, slots=True)
class Stage:
    """How much of it is done, and whether it began."""

    name: str
    title: str
    done: int
    total: int
    begun: bool

    def status(self, campaign: Campaign) -> StageStatus:
        """How it stands."""
        if self.done == self.total:
            return "completed"
        return OPEN_STAGE.get(campaign.status, "pending") if self.begun else "pending"


def stages(campaign: Campaign) -> list[StageShape]:
    """Calling, reading, judging, reporting."""
    judging = _judging(campaign)
    made = (_calling(campaign), _reading(campaign), judging, _reporting(campaign, judging))
    return [
        StageShape(
            name=stage.name,
            title=stage.title,
            status=stage.status(campaign),
            done=stage.done,
            total=stage.total,
        )
        for stage in made
    ]


def _calling(campaign: Campaign) -> Stage:
    calls = campaign.calls
    over = sum(call.is_over for call in calls)
    begun = any(call.is_over or call.dialled_at for call in calls)
    return Stage("calls", "Calling", over, len(calls), begun)


def _reading(campaign: Campaign) -> Stage:
    calls = campaign.calls
    read = sum(call.is_over and not recipe.awaits_reading(call) for call in calls)
    begun = any(call.recording or call.transcript for call in calls)
    return Stage("transcripts", "Reading", read, len(calls), begun)


def _judging(campaign: Campaign) -> Stage:
    hypotheses = campaign.hypotheses
    done = sum(_is_final(h) and not _is_redone(campaign, h) for h in hypotheses)
    begun = any(h.verdict and not _is_redone(campaign, h) for h in hypotheses)
    return Stage("verdicts", "Judging", done, len(hypotheses), begun)


def _reporting(campaign: Campaign, judging: Stage) -> Stage:
    redone = _in_work(campaign) and recipe.is_stale(campaign, recipe.CAMPAIGN_REPORT, campaign.id)
    done = campaign.report is not None and not redone
    # one that stopped after its verdicts stopped at the report
    begun = not _in_work(campaign) and judging.done == judging.total
    return Stage("report", "Reporting", int(done), 1, begun)


def _is_final(hypothesis: Hypothesis) -> bool:
    return bool(hypothesis.verdict and hypothesis.verdict["final"])


def _is_redone(campaign: Campaign, hypothesis: Hypothesis) -> bool:
    """Whether its last word will be said anew; an early verdict is just not the last one."""
    asset = recipe.HYPOTHESIS_VERDICT
    stale = recipe.is_stale(campaign, asset, hypothesis.key)
    return _in_work(campaign) and _is_final(hypothesis) and stale


def _in_work(campaign: Campaign) -> bool:
    return campaign.status not in FINAL_STATES
