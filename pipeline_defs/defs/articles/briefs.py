"""The bridge `section_brief`: what a section is to be about, versioned with the drafts before it.

Reported by whoever completed or changed it, and only where its version changed, since every report
wakes what depends on it.
"""

from __future__ import annotations

from pipeline_defs.domain.articles import recipe
from pipeline_defs.domain.articles.models import Article
from pipeline_defs.runtime.bridging import SECTION_BRIEF
from pipeline_defs.runtime.driving import Assignment
from pipeline_defs.runtime.work import Made

ARTICLE_MANUSCRIPT = "article_manuscript"
BRIDGES = frozenset({SECTION_BRIEF, ARTICLE_MANUSCRIPT})


async def report_briefs(job: Assignment, article: Article, first: int = 1) -> None:
    """Report the briefs of all sections from `first` on whose version is new."""
    for section in article.sections[first - 1 :]:
        await report_brief(job, article, section.order)


async def report_brief(job: Assignment, article: Article, order: int) -> None:
    """Report one section's brief if its version is new."""
    plan, key = article.sections[order - 1].plan, article.sections[order - 1].key
    about = {"title": plan.title, "focus": plan.focus}
    version = recipe.brief_version(article, order)
    await report(job, article, Made(SECTION_BRIEF, key, version, "", "", metadata=about))


async def report_manuscript(job: Assignment, article: Article) -> str:
    """Report the whole text as ready for assembly; its version."""
    version = recipe.manuscript_version(article)
    size = {"sections": len(article.sections)}
    await report(job, article, Made(ARTICLE_MANUSCRIPT, article.id, version, "", "", metadata=size))
    return version


async def report(job: Assignment, article: Article, made: Made) -> None:
    """Report a bridge if Dagster does not know this version of it."""
    known = article.version(made.asset, made.partition)
    if known is not None and known.data_version == made.data_version:
        return
    await job.work.store(made)
    await job.reporter.made(job.work, made)
