"""Generates the pages of a run: each goes through its stages by itself, and fails alone."""

from __future__ import annotations

import asyncio

from pipeline_defs import policies
from pipeline_defs.defs.pages.assembling import assemble_page
from pipeline_defs.defs.pages.context import gather_context, validate_request
from pipeline_defs.defs.pages.finishing import finish_page
from pipeline_defs.defs.pages.judging import judge_page, quality_unwanted
from pipeline_defs.defs.pages.making import Making
from pipeline_defs.defs.pages.pipeline import RECORDING, Stage, run_stages
from pipeline_defs.defs.pages.publication import publish_page
from pipeline_defs.defs.pages.storing import store_page
from pipeline_defs.defs.pages.writing import write_components
from pipeline_defs.domain.errors import Transient
from pipeline_defs.domain.pages import recipe
from pipeline_defs.domain.pages.stages import ASSET_OF, StageName
from pipeline_defs.runtime.driving import INFRASTRUCTURE, Assignment
from pipeline_defs.runtime.paid_calls import OURS
from pipeline_defs.storage import pages, units
from pipeline_defs.storage.database import Transaction

STAGES = (
    Stage("validation", validate_request),
    Stage("context-building", gather_context),
    Stage("component-generation", write_components),
    Stage("template-assembly", assemble_page),
    Stage("quality-validation", judge_page, skip=quality_unwanted),
    Stage("post-processing", finish_page),
    Stage("storage", store_page),
)


async def generate(job: Assignment) -> None:
    """Make what is stale or missing of a page, and publish what is approved; again after a while
    where it may then succeed."""
    if job.fresh:
        await job.raise_generations((asset, job.unit_id) for asset in _selected(job))
    for attempt in range(1, policies.PAGE_ATTEMPTS + 1):
        await job.work.transact(lambda tx: tx.run("page_queue.attempt", id=job.unit_id))
        try:
            await _make(job)
            await publish_page(job)
        except Transient as error:
            if attempt == policies.PAGE_ATTEMPTS or error.code in INFRASTRUCTURE | OURS:
                raise
            await job.work.transact(lambda tx, n=attempt, e=error: _tell_retry(tx, job, n, e))
            await asyncio.sleep(policies.PAGE_ATTEMPT_DELAY)
        else:
            return


async def _make(job: Assignment) -> None:
    """The stages of each asset that is due; what is up to date is told again."""
    making = await Making.of(job)
    await making.report_bridges()
    due = [asset for asset in _selected(job) if recipe.is_stale(making.page, asset)]
    to_run = [stage for stage in STAGES if ASSET_OF[stage.name] in due]
    names: list[StageName] = [stage.name for stage in to_run]
    await job.work.transact(lambda tx: pages.forget_stages(tx, job.unit_id, names))
    for asset in _selected(job):
        if asset in due:
            stages = [stage for stage in to_run if ASSET_OF[stage.name] == asset]
            await run_stages(making, stages, RECORDING)
        else:
            await job.report_again(asset, job.unit_id)


def _selected(job: Assignment) -> list[str]:
    return [asset for asset in recipe.ASSETS if job.selects(asset)]


async def _tell_retry(tx: Transaction, job: Assignment, attempt: int, error: Transient) -> None:
    units.append_progress(
        tx,
        job.unit_id,
        stage="retrying",
        outcome="retrying",
        message=f"{error.message}; attempt {attempt + 1} of {policies.PAGE_ATTEMPTS} in "
        f"{policies.PAGE_ATTEMPT_DELAY:g} s",
        error=error.record().as_dict(),
    )
