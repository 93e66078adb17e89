"""Writes the report of a campaign: tables as CSV, and Markdown with quotes."""

from __future__ import annotations

import asyncio

from pipeline_defs.defs.calls import previews
from pipeline_defs.defs.calls.campaigning import made, read_campaign, tell
from pipeline_defs.domain.calls import recipe
from pipeline_defs.domain.calls.report import write_report
from pipeline_defs.domain.versions import version_of
from pipeline_defs.runtime.driving import Assignment
from pipeline_defs.storage import campaigns
from pipeline_defs.storage.database import Transaction

ASSET = recipe.CAMPAIGN_REPORT
MEDIA_TYPES = {"csv": "text/csv", "md": "text/markdown"}


async def report(job: Assignment) -> None:
    """Write down what the campaign has found out so far."""
    if job.fresh:
        await job.raise_generations([(ASSET, job.unit_id)])
    campaign = await read_campaign(job)
    inputs = recipe.report_inputs(campaign)
    known = campaign.version(ASSET, campaign.id)
    if campaign.report is not None and known is not None and known.input_hash == inputs:
        await job.report_again(ASSET, campaign.id)
        return
    findings = recipe.findings_version(campaign)
    await job.bridge(
        recipe.CAMPAIGN_EVIDENCE,
        campaign.id,
        findings,
        campaign.version(recipe.CAMPAIGN_EVIDENCE, campaign.id),
        **previews.findings(campaign),
    )
    written = await asyncio.to_thread(write_report, campaign)
    blobs = job.resources.gateways.blobs
    files = {
        name: (await blobs.put(text.encode(), MEDIA_TYPES[name.rpartition(".")[2]])).as_dict()
        for name, text in written.files.items()
    }
    stored = {"files": files, "summary": written.summary}
    result = made(
        ASSET,
        campaign.id,
        version_of(written.files),
        inputs,
        inputs={recipe.CAMPAIGN_EVIDENCE: findings},
        metadata=previews.report(campaign, written),
    )

    async def store(tx: Transaction) -> None:
        await campaigns.store_report(tx, campaign.id, stored)
        tell(tx, campaign.id, ASSET, "finished", "The report is written")

    await job.reporter.made(job.work, await job.work.store(result, store))
