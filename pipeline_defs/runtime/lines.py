"""What the runtime knows about a line: how to find its next work, how to settle what was in work.

A line is a kind of unit. The dispatcher, the control functions and the reconciler work on any line
through this interface; a new line registers itself here.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from pipeline_defs import policies
from pipeline_defs.domain.articles import recipe
from pipeline_defs.domain.articles.models import KIND as ARTICLES
from pipeline_defs.domain.work import Work
from pipeline_defs.storage import articles
from pipeline_defs.storage.database import Transaction


@dataclass(frozen=True, slots=True)
class Line:
    """A kind of unit.

    `next_work`: what has to run for a unit, None when it is complete; `settle`: return parts that
    were in work to their waiting state; `steps`: (done, total) for the progress bar.
    """

    kind: str
    audit_prefix: str
    next_work: Callable[[Transaction, str], Awaitable[Work | None]]
    settle: Callable[[Transaction, str], Awaitable[None]]
    steps: Callable[[Transaction, str], Awaitable[tuple[int, int]]]
    deadline: float  # seconds one run may work on a unit
    units_at_once: int  # of one run; the rest wait unclaimed


async def _article_work(tx: Transaction, unit_id: str) -> Work | None:
    return recipe.next_work(await articles.required(tx, unit_id))


async def _article_steps(tx: Transaction, unit_id: str) -> tuple[int, int]:
    return recipe.steps(await articles.required(tx, unit_id))


ARTICLE_LINE = Line(
    kind=ARTICLES,
    audit_prefix="article",
    next_work=_article_work,
    settle=articles.settle,
    steps=_article_steps,
    deadline=policies.ARTICLE_DEADLINE,
    units_at_once=policies.ARTICLES_AT_ONCE_PER_RUN,
)

LINES: Mapping[str, Line] = {ARTICLE_LINE.kind: ARTICLE_LINE}
