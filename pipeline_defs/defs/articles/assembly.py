"""Makes the assembled article and, on request, its publication."""

from __future__ import annotations

from dataclasses import asdict

from psycopg.types.json import Jsonb

from pipeline_defs.defs.articles import briefs, checks, previews
from pipeline_defs.defs.publishing import Post, publish
from pipeline_defs.domain.articles import recipe, rendering
from pipeline_defs.domain.articles.models import Article
from pipeline_defs.domain.errors import Permanent
from pipeline_defs.domain.versions import version_of
from pipeline_defs.runtime import control
from pipeline_defs.runtime.driving import Assignment
from pipeline_defs.runtime.lines import ARTICLE_LINE
from pipeline_defs.runtime.work import Made
from pipeline_defs.storage import articles
from pipeline_defs.storage.database import Transaction


async def make_article(job: Assignment) -> None:
    """Assemble all sections with one bibliography; publish where it was asked for."""
    article = await job.work.transact(lambda tx: articles.required(tx, job.unit_id))
    if job.selects("article"):
        article = await _assembled(job, article)
    if job.selects("article_publication") and article.publish != "none":
        await _published(job, article)


async def _assembled(job: Assignment, article: Article) -> Article:
    missing = [s.order for s in article.sections if s.markdown is None]
    if missing or not article.sections:
        raise Permanent(
            "SECTIONS_MISSING",
            f"sections {missing or 'of the outline'} are not written yet",
            advice="Materialize section_research and section_draft for them first.",
        )
    manuscript = await briefs.report_manuscript(job, article)
    edition = rendering.assemble(
        article.title or article.topic,
        article.description or "",
        [
            rendering.SectionText(s.plan.title, s.markdown or "", rendering.sources_of(s.research))
            for s in article.sections
        ],
        article.language,
    )
    made = Made(
        "article",
        article.id,
        data_version=version_of(edition.html),
        code_version=recipe.code_version(article, "article"),
        input_hash=manuscript,
        inputs={briefs.ARTICLE_MANUSCRIPT: manuscript},
        metadata=previews.article(edition, len(article.sections)),
    )
    stored = await job.work.store(made, lambda tx: _store(tx, article, made, edition))
    await job.reporter.made(job.work, stored)
    await checks.report_article(job, article, edition)
    return await job.work.transact(lambda tx: articles.required(tx, article.id))


async def _store(tx: Transaction, article: Article, made: Made, edition: rendering.Edition) -> None:
    await tx.run(
        "articles.add_edition",
        article_id=article.id,
        data_version=made.data_version,
        title=edition.title,
        markdown=edition.markdown,
        html=edition.html,
        bibliography=Jsonb([asdict(r) for r in edition.bibliography]),
        word_count=edition.word_count,
    )
    control.advance(
        tx,
        ARTICLE_LINE,
        article.id,
        stage="article",
        outcome="finished",
        message=f"Assembled: {edition.word_count} words, {len(edition.bibliography)} references",
    )


async def _published(job: Assignment, article: Article) -> None:
    edition = await job.work.transact(
        lambda tx: tx.one("articles.current_edition", article_id=article.id)
    )
    if edition is None:
        raise Permanent("NOT_ASSEMBLED", "there is no edition to publish", advice="Materialize it.")
    post = Post(
        asset="article_publication",
        code_version=recipe.code_version(article, "article_publication"),
        made_from="article",
        version=edition["data_version"],
        title=edition["title"],
        html=edition["html"],
        excerpt=article.description or "",
        requested="publish" if article.publish == "publish" else "draft",
    )
    await publish(job, ARTICLE_LINE, post)
