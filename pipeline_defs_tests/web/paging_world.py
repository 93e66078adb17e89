"""Plays the worker of pages in tests: stages, parts, a real document with its quality."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from psycopg.types.json import Jsonb

from pipeline_defs.domain.errors import ErrorRecord
from pipeline_defs.domain.pages import recipe
from pipeline_defs.domain.pages.components import PageComponents, Removal
from pipeline_defs.domain.pages.document import PageDocument
from pipeline_defs.domain.pages.facts import PageContext, PageFacts
from pipeline_defs.domain.pages.models import PAGE, PAGE_COMPONENTS, PAGE_CONTEXT, PAGE_PUBLICATION
from pipeline_defs.domain.pages.quality.findings import Finding, QualityReport
from pipeline_defs.domain.pages.requests import PageRequest
from pipeline_defs.domain.pages.stages import STAGE_NAMES, TITLES, StageName, StageStatus
from pipeline_defs.domain.versions import version_of
from pipeline_defs.rendering.pages import assemble
from pipeline_defs.runtime import control
from pipeline_defs.runtime.lines import PAGE_LINE
from pipeline_defs.storage import page_queue, pages, publications
from pipeline_defs.storage.database import Transaction
from pipeline_defs.storage.models_in_use import models_in_use
from pipeline_defs_tests.domain.pages import samples
from pipeline_defs_tests.web.gateways import World
from pipeline_defs_tests.web.writing import spend

REPORT = QualityReport.of(
    (
        Finding(check="html", passed=True, required=True),
        Finding(check="title-length", passed=True, required=True),
        Finding(check="one-h1", passed=True, required=True),
        Finding(
            check="readability",
            passed=False,
            required=False,
            advice="Shorten the longest sentences: two have more than 25 words.",
            details={"faults": ["A good trekking tent keeps you dry and stays light"], "count": 1},
        ),
    )
)
REFUSED = ErrorRecord(
    "QUALITY",
    "the page did not pass the quality gate: one-h1",
    retryable=False,
    advice="Look at the findings, change the keywords or the voice, then rebuild it.",
)
AWAY = ErrorRecord(
    "PROVIDER_UNAVAILABLE",
    "the text provider did not answer three times",
    retryable=True,
    advice="Try again in a few minutes.",
)
PRODUCTS = tuple(samples.tent(n, images=()) for n in range(5))  # pictures would be fetched
TAKEN = datetime(2026, 11, 20, 6, 30, tzinfo=UTC)  # when the shop told of its products
SECONDS = (0.01, 0.42, 6.8, 0.03, 0.31, 0.02, 0.05)  # of the stages, in order


@dataclass
class Shop:
    """Makes pages as a worker does, in one organization."""

    world: World
    org: str = "default"

    async def queued(self, topic: str = "Trekking tents", **more: Any) -> str:
        """A page that waits."""
        return await self._do(lambda tx: pages.create(tx, request(topic, **more), "test"))

    async def batch(self, name: str, topics: Sequence[str], **more: Any) -> tuple[str, list[str]]:
        """A batch of pages that wait, with their ids."""
        asked = [request(topic, **more) for topic in topics]

        async def create(tx: Transaction) -> tuple[str, list[str]]:
            batch_id = await page_queue.create_batch(tx, name, len(asked), "test")
            return batch_id, await pages.create_many(tx, asked, "test", batch_id)

        return await self._do(create)

    async def begun(self, page_id: str) -> None:
        """It has its turn."""
        await self._do(lambda tx: control.begin(tx, PAGE_LINE, page_id, "queued"))

    async def stage(
        self, page_id: str, name: StageName, status: StageStatus = "completed", **more: Any
    ) -> None:
        """A stage begins or ends, and it is told."""
        seconds = None if status == "running" else SECONDS[STAGE_NAMES.index(name)]

        async def note(tx: Transaction) -> None:
            await pages.set_stage(tx, page_id, name, status, seconds=seconds, **more)
            outcome = "started" if status == "running" else "finished"
            control.advance(
                tx,
                PAGE_LINE,
                page_id,
                stage=name,
                outcome=outcome,
                message=f"{TITLES[name]}: {outcome}",
            )

        await self._do(note)

    async def made(
        self,
        page_id: str,
        *,
        facts: PageFacts | None = None,
        components: PageComponents | None = None,
        report: QualityReport | None = REPORT,
        remarks: Sequence[str] = ("The page https://rival.example could not be read: robots.txt",),
        headline: str | None = None,
    ) -> PageDocument:
        """All seven stages of a page that has its turn, with a real document."""
        known = facts or samples.facts(products=PRODUCTS)
        parts = components or samples.components(
            removals=(
                Removal(
                    component="benefits",
                    sentence="It weighs only 900 g.",
                    reason="the product data say 1.9 kg",
                ),
            ),
            served_by=("local-writer",),
        )
        if headline is not None:
            hero = parts.hero.model_copy(update={"headline": headline})
            parts = parts.model_copy(update={"hero": hero})
        context = PageContext(facts=known, remarks=tuple(remarks), as_of=TAKEN)
        document = assemble(known, parts, TAKEN.date())

        async def store(tx: Transaction) -> None:
            await _write(tx, page_id, context, parts)
            await pages.put_document(tx, page_id, document, report)
            await pages.set_title(tx, page_id, document.headline)
            await _keep(tx, page_id, PAGE, document)
            await spend(tx, page_id, "component-generation", 0.0123)

        for name in STAGE_NAMES[:-1]:
            await self.stage(page_id, name)
        await self._do(store)
        await self.stage(page_id, STAGE_NAMES[-1])
        return document

    async def finished(self, topic: str = "Trekking tents", **more: Any) -> str:
        """A finished page."""
        page_id = await self.queued(topic, **more)
        await self.completes(page_id)
        return page_id

    async def completes(self, page_id: str) -> None:
        """A page that waits has its turn and is finished."""
        await self.begun(page_id)
        await self.made(page_id)
        await self.concludes(page_id)

    async def refused(self, page_id: str, report: QualityReport, headline: str) -> PageDocument:
        """A page that waits has its turn and does not pass the quality gate."""
        await self.begun(page_id)
        parts = samples.components(hero=samples.HERO.model_copy(update={"headline": headline}))
        facts = samples.facts(products=PRODUCTS)
        document = assemble(facts, parts)
        for name in STAGE_NAMES[:4]:
            await self.stage(page_id, name)
        context = PageContext(facts=facts, remarks=(), as_of=TAKEN)
        await self._do(lambda tx: _write(tx, page_id, context, parts))
        await self._do(lambda tx: pages.put_draft(tx, page_id, document, report))
        await self.stage(page_id, STAGE_NAMES[4], "failed", error=REFUSED.as_dict())
        await self._do(lambda tx: control.finish(tx, PAGE_LINE, page_id, "failed", REFUSED))
        return document

    async def published(self, page_id: str, status: str = "draft") -> str:
        """What is approved has its turn and is published; the address."""
        post = {"id": "7", "link": "https://blog.example/?p=7", "status": status}

        async def store(tx: Transaction) -> None:
            page = await pages.required(tx, page_id)
            version = page.versions[PAGE, page_id].data_version
            known = {"slug": "a-page", "version": version, "requested": status}
            await publications.put(tx, page_id, **known, post=post)
            await _keep(tx, page_id, PAGE_PUBLICATION, post)

        await self.begun(page_id)
        await self._do(store)
        await self.concludes(page_id)
        return post["link"]

    async def concludes(self, page_id: str) -> None:
        """A page that has its turn ends well."""
        await self._do(lambda tx: control.conclude(tx, PAGE_LINE, page_id))

    async def fails(self, page_id: str, error: ErrorRecord = REFUSED) -> None:
        """A page that waits has its turn and fails in its third stage."""
        await self.begun(page_id)
        for name in STAGE_NAMES[:2]:
            await self.stage(page_id, name)
        await self.stage(page_id, STAGE_NAMES[2], "failed", error=error.as_dict())
        await self._do(lambda tx: control.finish(tx, PAGE_LINE, page_id, "failed", error))

    async def _do(self, work: Any) -> Any:
        return await self.world.transact(work, self.org)


def request(topic: str, **more: Any) -> PageRequest:
    """What is asked for."""
    found: dict[str, Any] = {
        "page_type": "category",
        "target_url": f"{samples.SHOP}/tents",
        "keywords": ["trekking tent", "light tent"],
        "metadata": {"topic": topic},
    }
    return PageRequest.model_validate({**found, **more})


async def _write(
    tx: Transaction, page_id: str, context: PageContext, parts: PageComponents
) -> None:
    """What a page is assembled from."""
    await tx.run("pages.put_context", id=page_id, context=_json(context))
    await _keep(tx, page_id, PAGE_CONTEXT, context)
    await tx.run("pages.put_components", id=page_id, components=_json(parts))
    await _keep(tx, page_id, PAGE_COMPONENTS, parts)


async def _keep(tx: Transaction, page_id: str, asset: str, result: Any) -> None:
    """Note an asset with the version of what it was made from."""
    page = await pages.required(tx, page_id)
    await tx.each(
        "assets.put",
        unit_id=page_id,
        asset=asset,
        partition=page_id,
        data_version=version_of(result),
        code_version=recipe.MAKERS[asset].version(models_in_use()),
        input_hash=recipe.inputs_of(page, asset) if asset in recipe.ASSETS else "",
        input_versions=recipe.sources_of(page, asset),
        metadata={},
        cost_usd=0,
        run_id="0b6c6f0a-5a0e-4c57-9d5c-2f0f6a1c7e11",
    )


def _json(model: Any) -> Jsonb:
    return Jsonb(model.model_dump(mode="json"))
