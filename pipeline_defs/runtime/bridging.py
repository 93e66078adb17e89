"""Tells Dagster of the bridges that a user's edit has changed, so that its UI shows what is stale.

A run reports bridges itself; an edit happens outside of any run. Where Dagster is away nothing is
lost: the version is not noted as reported, and the next run reports it.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from pipeline_defs.domain.articles import recipe
from pipeline_defs.domain.errors import PipelineError
from pipeline_defs.domain.lectures import recipe as lecture_recipe
from pipeline_defs.domain.versions import AssetVersion
from pipeline_defs.runtime.dagster.graphql import DagsterApi
from pipeline_defs.storage import articles, lectures
from pipeline_defs.storage.database import Database, Transaction

log = logging.getLogger(__name__)
SECTION_BRIEF = "section_brief"


@dataclass(frozen=True, slots=True)
class Bridge:
    """A bridge of one partition: its version now, and the one Dagster knows."""

    asset: str
    partition: str
    version: str
    known: AssetVersion | None

    @property
    def changed(self) -> bool:
        """Whether Dagster knows another version of it."""
        return self.known is not None and self.known.data_version != self.version


Read = Callable[[Transaction, str], Awaitable[list[Bridge]]]


async def report_edited_briefs(
    database: Database, dagster_url: str, org_id: str, article_id: str
) -> None:
    """Report the briefs of an article whose versions Dagster does not know."""
    await _report(database, dagster_url, org_id, article_id, _briefs)


async def report_edited_segments(
    database: Database, dagster_url: str, org_id: str, lecture_id: str
) -> None:
    """Report what a lecture's segments say and show, where Dagster does not know it."""
    await _report(database, dagster_url, org_id, lecture_id, _segments)


async def _report(
    database: Database, dagster_url: str, org_id: str, unit_id: str, read: Read
) -> None:
    dagster = DagsterApi(dagster_url)
    try:
        for bridge in await database.transact(org_id, lambda tx: read(tx, unit_id)):
            if not bridge.changed:
                continue
            await dagster.observe(bridge.asset, bridge.partition, bridge.version)
            await database.transact(org_id, lambda tx, b=bridge: _note(tx, unit_id, b))
    except PipelineError as error:
        log.warning("edits of %s not reported yet: %s", unit_id, error)
    finally:
        await dagster.aclose()


async def _note(tx: Transaction, unit_id: str, bridge: Bridge) -> None:
    """Dagster knows this version of a bridge."""
    await tx.run(
        "assets.put",
        unit_id=unit_id,
        asset=bridge.asset,
        partition=bridge.partition,
        data_version=bridge.version,
        code_version="",
        input_hash="",
        input_versions={},
        metadata={},
        cost_usd=0,
        run_id=None,
    )
    await tx.run(
        "assets.reported",
        assets=[bridge.asset],
        partitions=[bridge.partition],
        data_versions=[bridge.version],
    )


async def _briefs(tx: Transaction, article_id: str) -> list[Bridge]:
    article = await articles.read(tx, article_id)
    if article is None:
        return []
    return [
        Bridge(
            SECTION_BRIEF,
            section.key,
            recipe.brief_version(article, section.order),
            article.version(SECTION_BRIEF, section.key),
        )
        for section in article.sections
    ]


async def _segments(tx: Transaction, lecture_id: str) -> list[Bridge]:
    lecture = await lectures.read(tx, lecture_id)
    if lecture is None:
        return []
    rules = {
        lecture_recipe.SEGMENT_SCRIPT: lecture_recipe.script_version,
        lecture_recipe.SEGMENT_PROMPT: lecture_recipe.prompt_version,
    }
    media = lecture_recipe.LECTURE_MEDIA
    return [
        Bridge(asset, segment.key, rule(lecture, segment), lecture.version(asset, segment.key))
        for segment in lecture.segments
        for asset, rule in rules.items()
    ] + [
        Bridge(
            media,
            lecture.id,
            lecture_recipe.media_version(lecture),
            lecture.version(media, lecture.id),
        )
    ]
