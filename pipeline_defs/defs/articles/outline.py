"""Makes an article's outline: planned from the topic, or taken as the user gave it."""

from __future__ import annotations

from psycopg.types.json import Jsonb

from pipeline_defs import policies
from pipeline_defs.defs.articles import briefs, previews
from pipeline_defs.domain.articles import prompts, recipe
from pipeline_defs.domain.articles.drafts import OutlineDraft
from pipeline_defs.domain.articles.models import Article
from pipeline_defs.domain.versions import version_of
from pipeline_defs.gateways.failures import InvalidAnswer
from pipeline_defs.gateways.text.port import TextRequest
from pipeline_defs.runtime import control
from pipeline_defs.runtime.driving import Assignment
from pipeline_defs.runtime.lines import ARTICLE_LINE
from pipeline_defs.runtime.paid_calls import Outcome, Paid, Try
from pipeline_defs.runtime.work import Made
from pipeline_defs.storage import articles
from pipeline_defs.storage.database import Transaction


async def make_outline(job: Assignment) -> None:
    """Plan, store the sections, make their partitions, report their briefs."""
    if job.fresh:
        await job.raise_generations([("article_outline", job.unit_id)])
    article = await job.work.transact(lambda tx: articles.required(tx, job.unit_id))
    await briefs.report_request(job, article)
    known = article.version("article_outline", article.id)
    if known is not None and known.input_hash == recipe.outline_inputs(article):
        await job.report_again("article_outline", article.id)  # edits of users stay
        return
    await job.work.progress("outline", "started", "Planning the outline")
    paid = await _planned(job, article)
    draft = OutlineDraft.model_validate(paid.result["outline"])
    made = Made(
        "article_outline",
        article.id,
        data_version=version_of(draft),
        code_version=recipe.code_version(article, "article_outline"),
        input_hash=recipe.outline_inputs(article),
        inputs={recipe.ARTICLE_REQUEST: recipe.request_version(article)},
        cost_usd=paid.cost_usd,
        metadata=previews.outline(draft, paid.result["model"]),
    )
    await job.work.store(made, lambda tx: _store(tx, article, draft))
    stored = await job.work.transact(lambda tx: articles.required(tx, article.id))
    await job.reporter.add_partitions("sections", [section.key for section in stored.sections])
    await job.reporter.made(job.work, made, reused=paid.reused)
    await briefs.report_briefs(job, stored)


async def _planned(job: Assignment, article: Article) -> Paid:
    if article.outline_given:
        given = OutlineDraft(title=_title(article.topic), sections=article.outline_given)
        return Paid.free({"outline": given.model_dump(mode="json"), "model": "given by the user"})

    async def call(this: Try) -> Outcome:
        answer = await job.resources.gateways.text.generate(
            TextRequest(
                instructions=prompts.OUTLINE_INSTRUCTIONS,
                prompt=prompts.as_prompt(prompts.outline_task(article), this.complaint),
                answer=OutlineDraft,
                purpose="outline",
                max_output_tokens=policies.SECTION_MAX_OUTPUT_TOKENS,
                timeout=policies.OUTLINE.timeout,
                idempotency_key=this.idempotency_key,
                final_try=this.final,
            )
        )
        if len(answer.value.sections) != article.sections_wanted:
            raise InvalidAnswer(
                f"{len(answer.value.sections)} sections instead of {article.sections_wanted}",
                answer.usage,
            )
        return Outcome(
            {"outline": answer.value.model_dump(mode="json"), "model": answer.model}, answer.usage
        )

    inputs = recipe.outline_inputs(article)
    return await job.work.paid(article.id, "outline", inputs, policies.OUTLINE, call)


async def _store(tx: Transaction, article: Article, draft: OutlineDraft) -> None:
    await tx.run(
        "articles.set_outline", id=article.id, title=draft.title, description=draft.description
    )
    await tx.run("units.set_title", id=article.id, title=draft.title)
    before = {section.order: section for section in article.sections}
    for order, plan in enumerate(draft.sections, start=1):
        await tx.run(
            "articles.add_section",
            article_id=article.id,
            section_order=order,
            title=plan.title,
            focus=plan.focus,
            key_points=Jsonb(list(plan.key_points)),
        )
        known = before.get(order)
        if known and known.plan != plan and known.status in ("completed", "failed"):
            await articles.set_section_status(tx, article.id, order, "pending")
    await tx.run(
        "articles.drop_sections_beyond", article_id=article.id, section_order=len(draft.sections)
    )
    control.advance(
        tx,
        ARTICLE_LINE,
        article.id,
        stage="outline",
        outcome="finished",
        message=f"Outline of {len(draft.sections)} sections: {draft.title}",
    )


def _title(topic: str) -> str:
    return topic[:1].upper() + topic[1:200]
