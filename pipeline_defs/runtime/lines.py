"""What the runtime knows about a line: how to find its next work, how to settle what was in work.

A line is a kind of unit. The dispatcher, the control functions and the reconciler work on any line
through this interface; a new line registers itself here.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from pipeline_defs import policies
from pipeline_defs.domain.articles import recipe
from pipeline_defs.domain.articles.models import KIND as ARTICLES
from pipeline_defs.domain.calls import agenda
from pipeline_defs.domain.calls.campaigns import KIND as CAMPAIGNS
from pipeline_defs.domain.errors import ErrorRecord
from pipeline_defs.domain.lectures import outcomes
from pipeline_defs.domain.lectures import recipe as lecture_recipe
from pipeline_defs.domain.lectures.models import KIND as LECTURES
from pipeline_defs.domain.work import Rest, Work
from pipeline_defs.storage import articles, campaign_changes, campaigns, lecture_changes, lectures
from pipeline_defs.storage.database import Transaction

Outcome = tuple[str, ErrorRecord | None]


@dataclass(frozen=True, slots=True)
class Line:
    """A kind of unit.

    `next_work`: what has to run for a unit, a rest while nothing can be done for it, None when it
    is complete; `outcome`: how it then ends,
    completed or incomplete with what could not be made; `settle`: return parts that were in work to
    their waiting state; `resume`: queue it again for what is not finished; `steps`: (done, total)
    for the progress bar.
    """

    kind: str
    audit_prefix: str
    next_work: Callable[[Transaction, str], Awaitable[Work | Rest | None]]
    outcome: Callable[[Transaction, str], Awaitable[Outcome]]
    settle: Callable[[Transaction, str], Awaitable[None]]
    resume: Callable[[Transaction, str, str], Awaitable[None]]
    steps: Callable[[Transaction, str], Awaitable[tuple[int, int]]]
    deadline: float  # seconds one run may work on a unit
    units_at_once: int  # of one run; the rest wait unclaimed


async def _article_work(tx: Transaction, unit_id: str) -> Work | None:
    return recipe.next_work(await articles.required(tx, unit_id))


async def _article_steps(tx: Transaction, unit_id: str) -> tuple[int, int]:
    return recipe.steps(await articles.required(tx, unit_id))


async def _article_outcome(_tx: Transaction, _unit_id: str) -> Outcome:
    return "completed", None  # a section that fails stops the article


async def _lecture_work(tx: Transaction, unit_id: str) -> Work | None:
    return lecture_recipe.next_work(await lectures.required(tx, unit_id))


async def _lecture_outcome(tx: Transaction, unit_id: str) -> Outcome:
    return outcomes.outcome_of(await lectures.required(tx, unit_id))


async def _campaign_work(tx: Transaction, unit_id: str) -> Work | Rest | None:
    return agenda.next_work(await campaigns.required(tx, unit_id), datetime.now(UTC))


async def _campaign_outcome(tx: Transaction, unit_id: str) -> Outcome:
    return agenda.outcome_of(await campaigns.required(tx, unit_id))


ARTICLE_LINE = Line(
    kind=ARTICLES,
    audit_prefix="article",
    next_work=_article_work,
    outcome=_article_outcome,
    settle=articles.settle,
    resume=articles.resume,
    steps=_article_steps,
    deadline=policies.ARTICLE_DEADLINE,
    units_at_once=policies.ARTICLES_AT_ONCE_PER_RUN,
)

LECTURE_LINE = Line(
    kind=LECTURES,
    audit_prefix="lecture",
    next_work=_lecture_work,
    outcome=_lecture_outcome,
    settle=lectures.settle,
    resume=lecture_changes.resume,
    steps=lectures.steps,
    deadline=policies.LECTURE_DEADLINE,
    units_at_once=policies.LECTURES_AT_ONCE_PER_RUN,
)

CAMPAIGN_LINE = Line(
    kind=CAMPAIGNS,
    audit_prefix="campaign",
    next_work=_campaign_work,
    outcome=_campaign_outcome,
    settle=campaigns.settle,
    resume=campaign_changes.resume,
    steps=campaigns.steps,
    deadline=policies.CAMPAIGN_DEADLINE,
    units_at_once=policies.CAMPAIGNS_AT_ONCE_PER_RUN,
)

LINES: Mapping[str, Line] = {
    line.kind: line for line in (ARTICLE_LINE, LECTURE_LINE, CAMPAIGN_LINE)
}
