"""Tells Dagster of a bridge that a user's edit has changed, so that its UI shows what is stale.

A run reports bridges itself; an edit happens outside of any run. Where Dagster is away nothing is
lost: the version is not noted as reported, and the next run reports it.
"""

from __future__ import annotations

import logging

from pipeline_defs.domain.articles import recipe
from pipeline_defs.domain.errors import PipelineError
from pipeline_defs.runtime.dagster.graphql import DagsterApi
from pipeline_defs.storage import articles
from pipeline_defs.storage.database import Database, Transaction

log = logging.getLogger(__name__)
SECTION_BRIEF = "section_brief"


async def report_edited_briefs(
    database: Database, dagster_url: str, org_id: str, article_id: str
) -> None:
    """Report the briefs of an article whose versions Dagster does not know."""
    dagster = DagsterApi(dagster_url)
    try:
        article = await database.transact(org_id, lambda tx: articles.read(tx, article_id))
        if article is None:
            return
        for section in article.sections:
            known = article.version(SECTION_BRIEF, section.key)
            version = recipe.brief_version(article, section.order)
            if known is None or known.data_version == version:
                continue
            await dagster.observe(SECTION_BRIEF, section.key, version)
            await database.transact(
                org_id, lambda tx, key=section.key, new=version: _note(tx, article_id, key, new)
            )
    except PipelineError as error:
        log.warning("edited briefs of %s not reported yet: %s", article_id, error)
    finally:
        await dagster.aclose()


async def _note(tx: Transaction, article_id: str, key: str, version: str) -> None:
    await tx.run(
        "assets.put",
        unit_id=article_id,
        asset=SECTION_BRIEF,
        partition=key,
        data_version=version,
        code_version="",
        input_hash="",
        input_versions={},
        metadata={},
        cost_usd=0,
        run_id=None,
    )
    await tx.run("assets.reported", asset=SECTION_BRIEF, partition=key, data_version=version)
