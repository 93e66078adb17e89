"""Brings articles to their end as a worker would, by the storage functions and without Dagster."""

from __future__ import annotations

import asyncio

from psycopg.types.json import Jsonb

from pipeline_defs.domain.articles import recipe
from pipeline_defs.domain.articles.models import Article
from pipeline_defs.domain.errors import ErrorRecord
from pipeline_defs.runtime import control
from pipeline_defs.runtime.lines import ARTICLE_LINE
from pipeline_defs.storage import articles, units
from pipeline_defs.storage.database import Transaction
from pipeline_defs.storage.models_in_use import models_in_use
from pipeline_defs_tests.web.gateways import World

TITLES = ["Light", "Sugar"]
LIMIT = ErrorRecord("QUOTA", "the quota is used up", retryable=False, advice="Buy credits.")


async def next_queued(world: World, org: str = "default", kind: str = "articles") -> str:
    """The id of the one queued unit of a kind, as soon as there is one."""
    while True:
        found = await all_queued(world, kind, org)
        if found:
            (only,) = found
            return only
        await asyncio.sleep(0.02)


async def all_queued(world: World, kind: str, org: str = "default") -> list[str]:
    """The ids of the queued units of a kind, newest first."""
    found = await world.transact(
        lambda tx: units.listed(tx, kind=kind, status="queued", before=None, most=50), org
    )
    return [unit.id for unit in found]


async def write(world: World, article_id: str, *, pace: float = 0.0) -> None:
    """Plan, write, assemble; `pace` seconds between the steps."""
    await world.outlined(article_id, TITLES)
    for order in range(1, len(TITLES) + 1):
        await world.transact(lambda tx, order=order: _write_section(tx, article_id, order))
        await asyncio.sleep(pace)
    await world.transact(lambda tx: _assemble(tx, article_id))
    await world.finish(article_id, "completed")


async def work_once(world: World, *, pace: float = 0.0) -> str:
    """Wait for an article to be queued and write it; its id."""
    article_id = await next_queued(world)
    await write(world, article_id, pace=pace)
    return article_id


async def fail_once(world: World) -> str:
    """Wait for an article to be queued and let its first section fail; its id."""
    article_id = await next_queued(world)
    await world.outlined(article_id, TITLES)

    async def fail(tx: Transaction) -> None:
        await articles.set_section_status(tx, article_id, 1, "researching")
        await articles.set_section_status(tx, article_id, 1, "failed", LIMIT.as_dict())
        await control.finish(tx, ARTICLE_LINE, article_id, "failed", LIMIT)

    await world.transact(fail)
    return article_id


async def _write_section(tx: Transaction, article_id: str, order: int) -> None:
    for status in ("researching", "researched", "writing"):
        await articles.set_section_status(tx, article_id, order, status)
    article = await articles.required(tx, article_id)
    key = article.sections[order - 1].key
    await _put(tx, article, "section_research", key, recipe.research_inputs(article, order))
    draft = recipe.draft_inputs(article, order, "v1")
    await _put(tx, article, "section_draft", key, draft)
    await tx.run(
        "articles.store_draft",
        article_id=article_id,
        section_order=order,
        markdown="Plants use light.",
        html="<p>Plants use light.</p>",
        summary="",
        citations=Jsonb([{"source": "s1", "url": "https://example.org", "quote": "light"}]),
        word_count=3,
        served_by="test",
    )
    await articles.set_section_status(tx, article_id, order, "completed")
    units.append_progress(
        tx,
        article_id,
        stage="write",
        outcome="finished",
        message=f"Section {order}: 3 words",
        percentage=order * 40,
    )


async def _assemble(tx: Transaction, article_id: str) -> None:
    article = await articles.required(tx, article_id)
    if article.version("article_outline", article_id) is None:
        await _put(tx, article, "article_outline", article_id, recipe.outline_inputs(article))
    await _put(tx, article, "article", article_id, recipe.manuscript_version(article))
    await tx.run(
        "articles.add_edition",
        article_id=article_id,
        data_version="v1",
        title="How plants eat light",
        markdown="# How plants eat light\n\nPlants use light.\x1b[2J",
        html="<h1>How plants eat light</h1>",
        bibliography=Jsonb([{"number": 1, "url": "https://example.org", "title": "Light"}]),
        word_count=6,
    )


async def _put(
    tx: Transaction, article: Article, asset: str, partition: str, input_hash: str
) -> None:
    article = await articles.required(tx, article.id)
    await tx.each(
        "assets.put",
        unit_id=article.id,
        asset=asset,
        partition=partition,
        data_version="v1",
        code_version=recipe.MAKERS[asset].version(models_in_use()),
        input_hash=input_hash,
        input_versions=recipe.sources_of(article, asset, partition),
        metadata={},
        cost_usd=0,
        run_id="test",
    )
