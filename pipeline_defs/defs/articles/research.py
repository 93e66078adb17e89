"""Makes a section's research: several searches, each paid once, gathered into one payload."""

from __future__ import annotations

from dataclasses import asdict
from decimal import Decimal
from typing import Any

from psycopg.types.json import Jsonb

from pipeline_defs import policies
from pipeline_defs.defs.articles import previews
from pipeline_defs.domain.articles import prompts, recipe
from pipeline_defs.domain.articles.gathering import numbered
from pipeline_defs.domain.articles.models import Article, Section
from pipeline_defs.domain.errors import Permanent
from pipeline_defs.domain.versions import version_of
from pipeline_defs.gateways.research.port import ResearchRequest
from pipeline_defs.runtime import control
from pipeline_defs.runtime.concurrency import all_ended
from pipeline_defs.runtime.driving import Assignment
from pipeline_defs.runtime.lines import ARTICLE_LINE
from pipeline_defs.runtime.paid_calls import Outcome, Paid, Try
from pipeline_defs.runtime.work import Made
from pipeline_defs.storage import articles, units
from pipeline_defs.storage.database import Transaction


async def make_research(job: Assignment, article: Article, section: Section) -> None:
    """Search for the section, store the payload with its sources, materialize it."""
    await job.work.transact(lambda tx: _begin(tx, article, section))
    inputs = recipe.research_inputs(article, section.order)
    queries = prompts.search_queries(article, section.order)
    answers = await all_ended(_search(job, section, inputs, query) for query in queries)
    sources = (source for answer in answers for source in answer.result["sources"])
    payload = {"queries": queries, "sources": numbered(sources)}
    if not payload["sources"]:
        raise Permanent(
            "NO_SOURCES",
            f"nothing was found for section {section.order}, {section.plan.title!r}",
            advice="Edit the section's title or notes to what can be searched for, then rebuild.",
        )
    made = Made(
        "section_research",
        section.key,
        data_version=version_of(payload),
        code_version=recipe.code_version(article, "section_research"),
        input_hash=inputs,
        inputs={"section_brief": recipe.brief_version(article, section.order)},
        cost_usd=sum((a.cost_usd for a in answers), Decimal(0)),
        metadata=previews.research(article, section, payload),
    )
    await job.work.store(made, lambda tx: _store(tx, article, section, payload))
    await job.reporter.made(job.work, made, reused=all(a.reused for a in answers))


async def _search(job: Assignment, section: Section, inputs: str, query: str) -> Paid:
    async def call(this: Try) -> Outcome:
        answer = await job.resources.gateways.research.search(
            ResearchRequest(
                query=query,
                max_results=policies.RESEARCH_RESULTS_PER_SEARCH,
                timeout=policies.RESEARCH.timeout,
                idempotency_key=this.idempotency_key,
                final_try=this.final,
            )
        )
        return Outcome({"sources": [asdict(source) for source in answer.sources]}, answer.usage)

    return await job.work.paid(
        section.key, "search", version_of(inputs, query), policies.RESEARCH, call
    )


async def _begin(tx: Transaction, article: Article, section: Section) -> None:
    current = section.status
    if current in ("completed", "failed", "researched", "writing"):
        await _to_pending(tx, article, section)
    await articles.set_section_status(tx, article.id, section.order, "researching")
    units.append_progress(
        tx,
        article.id,
        stage="research",
        outcome="started",
        message=f"Section {section.order} of {len(article.sections)}: "
        f"researching {section.plan.title}",
        part=section.key,
    )


async def _to_pending(tx: Transaction, article: Article, section: Section) -> None:
    if section.status == "researched":  # its brief changed meanwhile; only `writing` may go back
        await articles.set_section_status(tx, article.id, section.order, "writing")
    await articles.set_section_status(tx, article.id, section.order, "pending")


async def _store(
    tx: Transaction, article: Article, section: Section, payload: dict[str, Any]
) -> None:
    await tx.run(
        "articles.store_research",
        article_id=article.id,
        section_order=section.order,
        research=Jsonb(payload),
    )
    await articles.set_section_status(tx, article.id, section.order, "researched")
    control.advance(
        tx,
        ARTICLE_LINE,
        article.id,
        stage="research",
        outcome="finished",
        message=f"Section {section.order}: {len(payload['sources'])} sources",
        part=section.key,
    )
