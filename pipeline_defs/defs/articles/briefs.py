"""The bridges of an article: what was asked for, what each section is to be about, the whole text.

The version of a section's brief covers the drafts before it.

Reported by whoever completed or changed it, and only where its version changed, since every report
wakes what depends on it.
"""

from __future__ import annotations

from pipeline_defs.defs.articles import previews
from pipeline_defs.domain.articles import recipe
from pipeline_defs.domain.articles.models import Article
from pipeline_defs.domain.articles.recipe import (
    ARTICLE_MANUSCRIPT,
    ARTICLE_REQUEST,
    SECTION_BRIEF,
)
from pipeline_defs.runtime.driving import Assignment


async def report_request(job: Assignment, article: Article) -> None:
    """Report what was asked for if its version is new."""
    known = article.version(ARTICLE_REQUEST, article.id)
    version, topic = recipe.request_version(article), article.topic
    await job.bridge(ARTICLE_REQUEST, article.id, version, known, topic=topic)


async def report_briefs(job: Assignment, article: Article, first: int = 1) -> None:
    """Report the briefs of all sections from `first` on whose version is new."""
    for section in article.sections[first - 1 :]:
        await report_brief(job, article, section.order)


async def report_brief(job: Assignment, article: Article, order: int) -> None:
    """Report one section's brief if its version is new."""
    section = article.sections[order - 1]
    plan, key = section.plan, section.key
    version = recipe.brief_version(article, order)
    known = article.version(SECTION_BRIEF, key)
    about = {
        **previews.titled(article, section),
        "focus": plan.focus or None,
        "key_points": "; ".join(plan.key_points) or None,
        "drafts_before_it": order - 1,
    }
    await job.bridge(SECTION_BRIEF, key, version, known, **about)


async def report_manuscript(job: Assignment, article: Article) -> str:
    """Report the whole text as ready for assembly; its version."""
    version = recipe.manuscript_version(article)
    known = article.version(ARTICLE_MANUSCRIPT, article.id)
    words = sum(section.word_count or 0 for section in article.sections)
    about = {**previews.titled(article), "sections": len(article.sections), "words": words}
    await job.bridge(ARTICLE_MANUSCRIPT, article.id, version, known, **about)
    return version
