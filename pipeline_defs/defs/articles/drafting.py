"""Makes a section's draft from its research and from all sections before it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from psycopg.types.json import Jsonb

from pipeline_defs import policies
from pipeline_defs.defs.articles import checks, previews
from pipeline_defs.domain.articles import prompts, quality, recipe, rendering
from pipeline_defs.domain.articles.citations import CheckedSection, Source, check_section
from pipeline_defs.domain.articles.drafts import SectionDraft, SourceText
from pipeline_defs.domain.articles.models import Article, Section
from pipeline_defs.domain.errors import Permanent, Transient
from pipeline_defs.domain.versions import version_of
from pipeline_defs.gateways.failures import InvalidAnswer
from pipeline_defs.gateways.text.port import TextRequest
from pipeline_defs.runtime import control
from pipeline_defs.runtime.driving import Assignment
from pipeline_defs.runtime.lines import ARTICLE_LINE
from pipeline_defs.runtime.paid_calls import Outcome, Paid, Try
from pipeline_defs.runtime.work import Made
from pipeline_defs.storage import articles, units
from pipeline_defs.storage.database import Transaction


async def make_draft(job: Assignment, article: Article, section: Section) -> None:
    """Write the section, keep what its sources support, store and materialize it."""
    research = article.version("section_research", section.key)
    if research is None or section.research is None:
        raise Permanent(
            "NOT_RESEARCHED",
            f"section {section.order} has no research",
            advice="Materialize section_research of this section first.",
        )
    await job.work.transact(lambda tx: _begin(tx, article, section))
    sources = {s["id"]: Source(**s) for s in section.research["sources"]}
    inputs = recipe.draft_inputs(article, section.order, research.data_version)
    paid = await _written(job, article, section, sources, inputs)
    text = check_section(SectionDraft.model_validate(paid.result["draft"]), sources)
    made = Made(
        "section_draft",
        section.key,
        data_version=version_of(text.markdown, [asdict(c) for c in text.citations]),
        code_version=recipe.code_version(article, "section_draft"),
        input_hash=inputs,
        inputs={
            "section_brief": recipe.brief_version(article, section.order),
            "section_research": research.data_version,
        },
        cost_usd=paid.cost_usd,
        metadata=previews.draft(article, section, text, sources, paid.result["model"]),
    )
    await job.work.store(made, lambda tx: _store(tx, article, section, text, paid.result))
    await job.reporter.made(job.work, made, reused=paid.reused)
    await checks.report_section(job, article, section, text, sources)


async def _written(
    job: Assignment,
    article: Article,
    section: Section,
    sources: Mapping[str, Source],
    inputs: str,
) -> Paid:
    task = prompts.section_task(
        article,
        section.order,
        [SourceText(id=s.id, title=s.title, text=s.text) for s in sources.values()],
    )

    async def call(this: Try) -> Outcome:
        answer = await job.resources.gateways.text.generate(
            TextRequest(
                instructions=prompts.SECTION_INSTRUCTIONS,
                prompt=prompts.as_prompt(task, this.complaint),
                answer=SectionDraft,
                purpose="writing",
                max_output_tokens=policies.SECTION_MAX_OUTPUT_TOKENS,
                timeout=policies.WRITING.timeout,
                idempotency_key=this.idempotency_key,
                final_try=this.final,
            )
        )
        try:
            _must_hold(check_section(answer.value, sources), article, section)
        except Transient as fault:
            raise InvalidAnswer(fault.message, answer.usage) from fault
        return Outcome(
            {"draft": answer.value.model_dump(mode="json"), "model": answer.model}, answer.usage
        )

    return await job.work.paid(section.key, "write", inputs, policies.WRITING, call)


def _must_hold(text: CheckedSection, article: Article, section: Section) -> None:
    """Gates of a draft; what does not hold is asked for again, with the reason."""
    words = rendering.count_words([text.markdown])
    if not text.citations:
        raise Transient("INVALID_ANSWER", "no sentence is supported by a span of its source")
    if text.dropped > policies.UNSUPPORTED_SENTENCES_TOLERATED:
        raise Transient(
            "INVALID_ANSWER", f"{text.dropped} sentences quote spans that are not in their sources"
        )
    cited = quality.cited_share(text.markdown)
    if cited < policies.CITED_SENTENCES_MIN:
        raise Transient(
            "INVALID_ANSWER", f"only {cited:.0%} of its sentences name a source and quote it"
        )
    if words > policies.SECTION_MAX_WORDS * 1.2:
        raise Transient("INVALID_ANSWER", f"{words} words; at most {policies.SECTION_MAX_WORDS}")
    for earlier in article.sections[: section.order - 1]:
        similar = quality.jaccard(text.markdown, earlier.markdown or "")
        if similar >= policies.NEAR_DUPLICATE_JACCARD:
            raise Transient(
                "INVALID_ANSWER",
                f"it repeats section {earlier.order} (5-gram Jaccard {similar:.2f})",
            )


async def _begin(tx: Transaction, article: Article, section: Section) -> None:
    if section.status in ("completed", "failed"):
        await articles.set_section_status(tx, article.id, section.order, "pending")
        await articles.set_section_status(tx, article.id, section.order, "researching")
        await articles.set_section_status(tx, article.id, section.order, "researched")
    elif section.status == "pending":
        await articles.set_section_status(tx, article.id, section.order, "researching")
        await articles.set_section_status(tx, article.id, section.order, "researched")
    await articles.set_section_status(tx, article.id, section.order, "writing")
    units.append_progress(
        tx,
        article.id,
        stage="write",
        outcome="started",
        message=f"Section {section.order} of {len(article.sections)}: writing {section.plan.title}",
        part=section.key,
    )


async def _store(
    tx: Transaction,
    article: Article,
    section: Section,
    text: CheckedSection,
    result: Mapping[str, Any],
) -> None:
    words = rendering.count_words([text.markdown])
    await tx.run(
        "articles.store_draft",
        article_id=article.id,
        section_order=section.order,
        markdown=text.markdown,
        html=rendering.section_html(text.markdown),
        summary=result["draft"].get("summary", ""),
        citations=Jsonb([asdict(citation) for citation in text.citations]),
        word_count=words,
        served_by=result["model"],
    )
    await articles.set_section_status(tx, article.id, section.order, "completed")
    control.advance(
        tx,
        ARTICLE_LINE,
        article.id,
        stage="write",
        outcome="finished",
        message=f"Section {section.order}: {words} words, {len(text.citations)} citations",
        part=section.key,
    )
