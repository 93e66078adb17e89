"""Writes the sections of an article strictly in order: research, draft, store; then the next."""

from __future__ import annotations

from pipeline_defs.defs.articles import briefs
from pipeline_defs.defs.articles.drafting import make_draft
from pipeline_defs.defs.articles.research import make_research
from pipeline_defs.domain.articles import recipe
from pipeline_defs.domain.articles.models import Article
from pipeline_defs.domain.errors import LostClaim, Permanent, PipelineError, classify
from pipeline_defs.domain.keys import split_part
from pipeline_defs.runtime.driving import INFRASTRUCTURE, Assignment
from pipeline_defs.storage import articles, units
from pipeline_defs.storage.database import Transaction

ASSETS = ("section_research", "section_draft")


async def write_sections(job: Assignment) -> None:
    """All sections of the run's range; the first that fails stops the article."""
    if job.fresh:
        await job.raise_generations(
            (asset, key) for asset in ASSETS if job.selects(asset) for key in job.partitions
        )
    orders = sorted(split_part(key)[1] for key in job.partitions)
    for order in orders:
        try:
            await _write_section(job, order)
        except (LostClaim, PipelineError) as error:
            await _section_failed(job, order, error)
            raise
        except Exception as error:
            await _section_failed(job, order, classify(error))
            raise
    await briefs.report_briefs(job, await _read(job), first=orders[-1] + 1)


async def _write_section(job: Assignment, order: int) -> None:
    article = await _read(job)
    _must_follow(article, order)
    await briefs.report_brief(job, article, order)
    if job.selects("section_research"):
        if _needs_research(article, order):
            await make_research(job, article, article.sections[order - 1])
        else:
            await job.report_again("section_research", article.sections[order - 1].key)
        article = await _read(job)
    if job.selects("section_draft"):
        await briefs.report_brief(job, article, order)  # it may have been edited meanwhile
        if _needs_draft(article, order):
            await make_draft(job, article, article.sections[order - 1])
        else:
            await job.report_again("section_draft", article.sections[order - 1].key)


def _must_follow(article: Article, order: int) -> None:
    if not 1 <= order <= len(article.sections):
        raise Permanent(
            "NO_SUCH_SECTION",
            f"article {article.id} has {len(article.sections)} sections, none numbered {order}",
            advice="Materialize article_outline first, or choose another partition.",
        )
    missing = [s.order for s in article.sections[: order - 1] if s.markdown is None]
    if missing:
        raise Permanent(
            "EARLIER_SECTIONS_MISSING",
            f"section {order} follows from sections {missing}, which are not written yet",
            advice="Materialize the range from the first missing section on.",
        )


def _needs_research(article: Article, order: int) -> bool:
    """Missing, failed, or made from something else than it would be made from now."""
    section = article.sections[order - 1]
    return (
        section.research is None
        or section.status not in ("researched", "completed")
        or recipe.research_is_stale(article, order)
    )


def _needs_draft(article: Article, order: int) -> bool:
    section = article.sections[order - 1]
    return (
        section.markdown is None
        or section.status != "completed"
        or recipe.draft_is_stale(article, order)
    )


async def _section_failed(job: Assignment, order: int, error: PipelineError | LostClaim) -> None:
    if isinstance(error, LostClaim) or error.code in INFRASTRUCTURE:
        return
    record = error.record()

    async def write(tx: Transaction) -> None:
        article = await articles.required(tx, job.unit_id)
        section = next((s for s in article.sections if s.order == order), None)
        if section is None or section.status not in ("researching", "writing"):
            return
        await articles.set_section_status(tx, article.id, order, "failed", record.as_dict())
        units.append_progress(
            tx,
            article.id,
            stage="research" if section.status == "researching" else "write",
            outcome="failed",
            message=f"Section {order}: {record.message}",
            part=section.key,
            error=record.as_dict(),
        )

    await job.work.transact(write)


async def _read(job: Assignment) -> Article:
    return await job.work.transact(lambda tx: articles.required(tx, job.unit_id))
