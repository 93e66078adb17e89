"""What the runtime knows about a line: how to find its next work, how to settle what was in work.

A line is a kind of unit. The dispatcher, the control functions and the reconciler work on any line
through this interface; a new line registers itself here.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol, TypeVar

from pipeline_defs import policies
from pipeline_defs.domain.articles import graph as article_graph
from pipeline_defs.domain.articles import recipe
from pipeline_defs.domain.articles.models import KIND as ARTICLES
from pipeline_defs.domain.articles.models import RebuildRequest
from pipeline_defs.domain.calls import agenda
from pipeline_defs.domain.calls import graph as campaign_graph
from pipeline_defs.domain.calls import recipe as campaign_recipe
from pipeline_defs.domain.calls.campaigns import KIND as CAMPAIGNS
from pipeline_defs.domain.calls.requests import CampaignRebuild
from pipeline_defs.domain.errors import ErrorRecord
from pipeline_defs.domain.graph import Node, UnitGraph
from pipeline_defs.domain.lectures import graph as lecture_graph
from pipeline_defs.domain.lectures import outcomes
from pipeline_defs.domain.lectures import recipe as lecture_recipe
from pipeline_defs.domain.lectures.models import KIND as LECTURES
from pipeline_defs.domain.lectures.models import LectureRebuild
from pipeline_defs.domain.pages import graph as page_graph
from pipeline_defs.domain.pages import recipe as page_recipe
from pipeline_defs.domain.pages.models import KIND as PAGES
from pipeline_defs.domain.pages.requests import PageRebuild
from pipeline_defs.domain.versions import Maker
from pipeline_defs.domain.work import Rest, Work
from pipeline_defs.settings import Settings
from pipeline_defs.storage import (
    articles,
    campaign_changes,
    campaigns,
    lecture_changes,
    lectures,
    page_queue,
    pages,
)
from pipeline_defs.storage.database import Database, Transaction

Outcome = tuple[str, ErrorRecord | None]
T = TypeVar("T")


class Queue(Protocol):
    """Decides which of a line's waiting units are handed to Dagster, and which may begin."""

    async def admit(self, database: Database, settings: Settings) -> int:
        """Make the next units due; how many."""
        ...

    async def join(self, tx: Transaction, unit_id: str) -> None:
        """Somebody has started a run of the unit by hand: it waits like any other."""
        ...

    async def take_turns(
        self, database: Database, settings: Settings, present: Sequence[str]
    ) -> dict[str, bool]:
        """Of the units a run waits with: True where one may begin, False where it never will."""
        ...


@dataclass(frozen=True, slots=True)
class Line:
    """A kind of unit.

    `next_work`: what has to run for a unit, a rest while nothing can be done for it, None when it
    is complete. `outcome`: how it then ends, completed or incomplete with what could not be made.
    `settle`: return parts that were in work to their waiting state. `resume`: queue it again for
    what is not finished; `rebuild`: also for what is missing or broken and, where the last argument
    says so, stale; both name who wants that. `steps`: (done, total) for the progress bar. `graph`:
    what it consists of and how it stands with each of it, None where there is no such unit.
    `makers`: what makes each of its assets. `queue`: where units wait for their turn; a line
    without one begins with whatever is due.
    """

    kind: str
    audit_prefix: str
    next_work: Callable[[Transaction, str], Awaitable[Work | Rest | None]]
    outcome: Callable[[Transaction, str], Awaitable[Outcome]]
    settle: Callable[[Transaction, str], Awaitable[None]]
    resume: Callable[[Transaction, str, str], Awaitable[None]]
    rebuild: Callable[[Transaction, str, str, bool], Awaitable[None]]
    steps: Callable[[Transaction, str], Awaitable[tuple[int, int]]]
    graph: Callable[[Transaction, str], Awaitable[UnitGraph | None]]
    makers: Mapping[str, Maker]
    deadline: float  # seconds one run may work on a unit
    units_at_once: int  # of one run; the rest wait unclaimed
    queue: Queue | None = None


def _graph(
    read: Callable[[Transaction, str], Awaitable[T | None]], standing_of: Callable[[T], UnitGraph]
) -> Callable[[Transaction, str], Awaitable[UnitGraph | None]]:
    async def graph(tx: Transaction, unit_id: str) -> UnitGraph | None:
        unit = await read(tx, unit_id)
        return standing_of(unit) if unit is not None else None

    return graph


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


async def _page_work(tx: Transaction, unit_id: str) -> Work | None:
    return page_recipe.next_work(await pages.required(tx, unit_id))


async def _page_outcome(_tx: Transaction, _unit_id: str) -> Outcome:
    return "completed", None  # what cannot be made fails the page


async def _article_rebuild(tx: Transaction, unit_id: str, actor: str, stale_too: bool) -> None:
    article = await articles.required(tx, unit_id)
    if stale_too or article.status == "completed":
        await articles.rebuild(tx, unit_id, RebuildRequest(), actor)
    else:
        await articles.resume(tx, unit_id, actor)


async def _lecture_rebuild(tx: Transaction, unit_id: str, actor: str, stale_too: bool) -> None:
    """Also what lost its files, by what was found of them."""
    found = await tx.all("wanting.of_unit", unit_id=unit_id)
    corrupt = {Node(row["asset"], row["partition"]): row["error"] for row in found if row["error"]}
    lecture = await lectures.required(tx, unit_id)
    if not stale_too and not corrupt and lecture.status != "completed":
        await lecture_changes.resume(tx, unit_id, actor)
        return
    wanted = LectureRebuild() if stale_too else LectureRebuild(assets=["lecture_video"])
    await lecture_changes.rebuild(tx, unit_id, wanted, actor, corrupt)


async def _campaign_rebuild(tx: Transaction, unit_id: str, actor: str, stale_too: bool) -> None:
    """Of a campaign that is not complete, also those are called again who were not reached."""
    campaign = await campaigns.required(tx, unit_id)
    if campaign.status != "completed":
        await campaign_changes.resume(tx, unit_id, actor)
    elif stale_too:
        await campaign_changes.rebuild(tx, unit_id, CampaignRebuild(), actor)


async def _page_rebuild(tx: Transaction, unit_id: str, actor: str, stale_too: bool) -> None:
    """A page is made as a whole: what is stale of it cannot be left out."""
    if stale_too:
        await pages.rebuild(tx, unit_id, PageRebuild(), actor)
    else:
        await pages.resume(tx, unit_id, actor)


class PageQueue:
    """The queue of pages, in Postgres: see storage/page_queue.py."""

    async def admit(self, database: Database, settings: Settings) -> int:
        """See `Queue`."""
        return await page_queue.admit(database, settings.pages_at_once)

    async def join(self, tx: Transaction, unit_id: str) -> None:
        """See `Queue`. A finished page is queued again."""
        await page_queue.requeue(tx, [unit_id])
        await tx.run("page_queue.joined", id=unit_id)

    async def take_turns(
        self, database: Database, settings: Settings, present: Sequence[str]
    ) -> dict[str, bool]:
        """See `Queue`."""
        return await page_queue.take_turns(database, present, settings.pages_at_once)


ARTICLE_LINE = Line(
    kind=ARTICLES,
    audit_prefix="article",
    next_work=_article_work,
    outcome=_article_outcome,
    settle=articles.settle,
    resume=articles.resume,
    rebuild=_article_rebuild,
    steps=_article_steps,
    graph=_graph(articles.read, article_graph.standing_of),
    makers=recipe.MAKERS,
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
    rebuild=_lecture_rebuild,
    steps=lectures.steps,
    graph=_graph(lectures.read, lecture_graph.standing_of),
    makers=lecture_recipe.MAKERS,
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
    rebuild=_campaign_rebuild,
    steps=campaigns.steps,
    graph=_graph(campaigns.read, campaign_graph.standing_of),
    makers=campaign_recipe.MAKERS,
    deadline=policies.CAMPAIGN_DEADLINE,
    units_at_once=policies.CAMPAIGNS_AT_ONCE_PER_RUN,
)

PAGE_LINE = Line(
    kind=PAGES,
    audit_prefix="page",
    next_work=_page_work,
    outcome=_page_outcome,
    settle=pages.settle,
    resume=pages.resume,
    rebuild=_page_rebuild,
    steps=pages.steps,
    graph=_graph(pages.read, page_graph.standing_of),
    makers=page_recipe.MAKERS,
    deadline=policies.PAGE_DEADLINE,
    units_at_once=policies.PAGES_PER_RUN,
    queue=PageQueue(),
)

LINES: Mapping[str, Line] = {
    line.kind: line for line in (ARTICLE_LINE, LECTURE_LINE, PAGE_LINE, CAMPAIGN_LINE)
}
