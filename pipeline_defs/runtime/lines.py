"""What the runtime knows about a line: how to find its next work, how to settle what was in work.

A line is a kind of unit. The dispatcher, the control functions, the gateway and the reconciler work
on any line through this interface; `LINES` are those of the product (docs/adding-a-line.md).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Protocol, TypeVar

from pipeline_defs import policies
from pipeline_defs.domain.articles import graph as article_graph
from pipeline_defs.domain.articles import recipe
from pipeline_defs.domain.articles.models import RebuildRequest
from pipeline_defs.domain.calls import agenda
from pipeline_defs.domain.calls import graph as campaign_graph
from pipeline_defs.domain.calls import recipe as campaign_recipe
from pipeline_defs.domain.calls.requests import CampaignRebuild
from pipeline_defs.domain.errors import ErrorRecord
from pipeline_defs.domain.graph import Node, UnitGraph
from pipeline_defs.domain.kinds import ARTICLES, CAMPAIGNS, LECTURES, PAGES, Kind
from pipeline_defs.domain.lectures import graph as lecture_graph
from pipeline_defs.domain.lectures import outcomes
from pipeline_defs.domain.lectures import recipe as lecture_recipe
from pipeline_defs.domain.pages import graph as page_graph
from pipeline_defs.domain.pages import recipe as page_recipe
from pipeline_defs.domain.pages.requests import PageRebuild
from pipeline_defs.domain.stored_files import Files
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
R = TypeVar("R")
Ask = Callable[[Transaction, str], Awaitable[T]]  # of the unit with this id


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


async def completed(_tx: Transaction, _unit_id: str) -> Outcome:
    """How every unit ends that has nothing left to do: what cannot be made fails it before."""
    return "completed", None


@dataclass(frozen=True, slots=True)
class Repair:
    """What is to be made again of a unit: `nodes`, and all that rests on them.

    `broken`: results whose files were found missing or changed, with the error. A line that cannot
    make single nodes makes all that is not finished and, where `stale_too`, what is stale.
    `resumes`: whether to go on with what did not succeed, since the reason passes by itself or
    somebody asks for it.
    """

    nodes: frozenset[Node]
    broken: Mapping[Node, dict[str, Any]]
    stale_too: bool
    resumes: bool


@dataclass(frozen=True, slots=True)
class Line:
    """A kind of unit.

    `next_work`: what has to run for a unit, a rest while nothing can be done for it, None when it
    is complete. `settle`: return parts that were in work to their waiting state. `resume`: queue it
    again for what is not finished; `rebuild`: for what a repair names; both name who wants that.
    `count`: bring the unit's counters, for the progress bar, up to its parts; at which stage it is.
    `graph`: what it consists of and how it stands with each of it, None where there is no such
    unit. `makers`: what makes each of its assets.
    `outcome`: how it ends, completed or incomplete with what could not be made. `files`: those its
    results refer to, None where a line stores none; `rebuild` makes anew those that are broken.
    `queue`: where units wait for their turn; a line without one begins with whatever is due.
    `parts`: an asset that each of its parts has to the space of their partitions; those of the unit
    itself are called like its kind.
    """

    kind: Kind
    next_work: Ask[Work | Rest | None]
    settle: Ask[None]
    resume: Callable[[Transaction, str, str], Awaitable[None]]
    rebuild: Callable[[Transaction, str, str, Repair], Awaitable[None]]
    count: Callable[[Transaction, str, str], Awaitable[None]]
    graph: Ask[UnitGraph | None]
    makers: Mapping[str, Maker]
    deadline: float  # seconds one run may work on a unit
    units_at_once: int  # of one run; the rest wait unclaimed
    outcome: Ask[Outcome] = completed
    parts: Mapping[str, str] = field(default_factory=dict)
    queue: Queue | None = None
    files: Ask[Files] | None = None


def of_unit(required: Ask[T], say: Callable[[T], R]) -> Ask[R]:
    """What a rule of the line says of a unit as it is stored; `required` reads and locks it."""

    async def ask(tx: Transaction, unit_id: str) -> R:
        return say(await required(tx, unit_id))

    return ask


def counted(
    required: Ask[T], steps: Callable[[T], tuple[int, int]]
) -> Callable[[Transaction, str, str], Awaitable[None]]:
    """A line's `count` by a rule of its own: how many steps are done, and of how many."""
    ask = of_unit(required, steps)

    async def count(tx: Transaction, unit_id: str, stage: str) -> None:
        done, total = await ask(tx, unit_id)
        await tx.run(
            "units.set_progress", id=unit_id, stage=stage, steps_done=done, steps_total=total
        )

    return count


def graph_of_unit(
    read: Ask[T | None], standing_of: Callable[[T], UnitGraph]
) -> Ask[UnitGraph | None]:
    """The graph of a unit as it is stored; None where there is none."""

    async def graph(tx: Transaction, unit_id: str) -> UnitGraph | None:
        unit = await read(tx, unit_id)
        return standing_of(unit) if unit is not None else None

    return graph


def files_of_unit(read: Ask[T | None], files: Callable[[T], Files]) -> Ask[Files]:
    """The files of a unit as it is stored; none where there is no such unit."""

    async def ask(tx: Transaction, unit_id: str) -> Files:
        unit = await read(tx, unit_id)
        return files(unit) if unit is not None else []

    return ask


async def _article_rebuild(tx: Transaction, unit_id: str, actor: str, repair: Repair) -> None:
    article = await articles.required(tx, unit_id)
    if repair.stale_too or article.status == "completed":
        await articles.rebuild(tx, unit_id, RebuildRequest(), actor)
    else:
        await articles.resume(tx, unit_id, actor)


async def _lecture_rebuild(tx: Transaction, unit_id: str, actor: str, repair: Repair) -> None:
    await lecture_changes.repair(tx, unit_id, repair.nodes, repair.broken, actor)


async def _campaign_rebuild(tx: Transaction, unit_id: str, actor: str, repair: Repair) -> None:
    """What lost its files is read and written again, and nobody is called for that; else, of a
    campaign that is not complete, also those are called again who were not reached, unless the
    reason is one that does not pass by itself."""
    campaign = await campaigns.required(tx, unit_id)
    if repair.broken:
        report = CampaignRebuild(assets=["campaign_report"])
        wanted = CampaignRebuild() if repair.stale_too else report
        await campaign_changes.rebuild(tx, unit_id, wanted, actor, repair.broken)
    elif campaign.status != "completed" and repair.resumes:
        await campaign_changes.resume(tx, unit_id, actor)
    elif repair.stale_too:
        await campaign_changes.rebuild(tx, unit_id, CampaignRebuild(), actor)


async def _page_rebuild(tx: Transaction, unit_id: str, actor: str, repair: Repair) -> None:
    """A page is made as a whole: what is stale of it cannot be left out."""
    if repair.stale_too:
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
    next_work=of_unit(articles.required, recipe.next_work),
    settle=articles.settle,
    resume=articles.resume,
    rebuild=_article_rebuild,
    count=counted(articles.required, recipe.steps),
    graph=graph_of_unit(articles.read, article_graph.standing_of),
    makers=recipe.MAKERS,
    deadline=policies.ARTICLE_DEADLINE,
    units_at_once=policies.ARTICLES_AT_ONCE_PER_RUN,
    parts={"section_draft": "sections"},
)

LECTURE_LINE = Line(
    kind=LECTURES,
    next_work=of_unit(lectures.required, lecture_recipe.next_work),
    outcome=of_unit(lectures.required, outcomes.outcome_of),
    settle=lectures.settle,
    resume=lecture_changes.resume,
    rebuild=_lecture_rebuild,
    count=lectures.count,
    graph=graph_of_unit(lectures.read, lecture_graph.standing_of),
    makers=lecture_recipe.MAKERS,
    deadline=policies.LECTURE_DEADLINE,
    units_at_once=policies.LECTURES_AT_ONCE_PER_RUN,
    parts={"segment_image": "segments"},
    files=files_of_unit(lectures.read, lecture_recipe.files),
)

CAMPAIGN_LINE = Line(
    kind=CAMPAIGNS,
    next_work=of_unit(campaigns.required, lambda c: agenda.next_work(c, datetime.now(UTC))),
    outcome=of_unit(campaigns.required, agenda.outcome_of),
    settle=campaigns.settle,
    resume=campaign_changes.resume,
    rebuild=_campaign_rebuild,
    count=counted(campaigns.required, agenda.steps),
    graph=graph_of_unit(campaigns.read, campaign_graph.standing_of),
    makers=campaign_recipe.MAKERS,
    deadline=policies.CAMPAIGN_DEADLINE,
    units_at_once=policies.CAMPAIGNS_AT_ONCE_PER_RUN,
    parts={"call": "calls", "hypothesis_verdict": "hypotheses"},
    files=files_of_unit(campaigns.read, campaign_recipe.files),
)

PAGE_LINE = Line(
    kind=PAGES,
    next_work=of_unit(pages.required, page_recipe.next_work),
    settle=pages.settle,
    resume=pages.resume,
    rebuild=_page_rebuild,
    count=pages.count,
    graph=graph_of_unit(pages.read, page_graph.standing_of),
    makers=page_recipe.MAKERS,
    deadline=policies.PAGE_DEADLINE,
    units_at_once=policies.PAGES_PER_RUN,
    queue=PageQueue(),
)

LINES: Mapping[str, Line] = {
    line.kind.name: line for line in (ARTICLE_LINE, LECTURE_LINE, PAGE_LINE, CAMPAIGN_LINE)
}
