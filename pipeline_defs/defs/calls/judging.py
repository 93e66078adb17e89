"""Judges hypotheses by triangulation, when enough was said or when nothing more will be."""

from __future__ import annotations

from datetime import UTC, datetime

from pipeline_defs.defs.calls import checks, previews
from pipeline_defs.defs.calls.campaigning import made, read_campaign, tell
from pipeline_defs.domain.calls import agenda, recipe
from pipeline_defs.domain.calls.campaigns import Hypothesis
from pipeline_defs.domain.calls.conclusions import judged
from pipeline_defs.domain.versions import version_of
from pipeline_defs.runtime.driving import Assignment
from pipeline_defs.storage import campaigns
from pipeline_defs.storage.database import Transaction

ASSET = recipe.HYPOTHESIS_VERDICT


async def judge(job: Assignment) -> None:
    """Pass a verdict on every hypothesis of the run for which it is time."""
    if job.fresh:
        await job.raise_generations((ASSET, key) for key in job.partitions)
    campaign = await read_campaign(job)
    for key in job.partitions:
        hypothesis = campaign.hypothesis(key)
        at = agenda.judged_at(campaign, hypothesis, datetime.now(UTC))
        if at is not None and at <= datetime.now(UTC):
            await _judge(job, hypothesis)
        elif campaign.version(ASSET, key) is not None:
            await job.report_again(ASSET, key)


async def _judge(job: Assignment, hypothesis: Hypothesis) -> None:
    """One hypothesis, from what stands at this moment: all of it in one transaction."""
    campaign = await read_campaign(job)
    evidence = recipe.evidence_version(campaign, hypothesis)
    known = campaign.version(recipe.HYPOTHESIS_EVIDENCE, hypothesis.key)
    await job.bridge(
        recipe.HYPOTHESIS_EVIDENCE,
        hypothesis.key,
        evidence,
        known,
        **previews.evidence(campaign, hypothesis),
    )
    verdict = judged(campaign, hypothesis)
    result = made(
        ASSET,
        hypothesis.key,
        version_of(verdict),
        recipe.verdict_inputs(campaign, hypothesis),
        inputs={recipe.HYPOTHESIS_EVIDENCE: evidence},
        metadata=previews.verdict(campaign, hypothesis, verdict),
    )

    async def store(tx: Transaction) -> None:
        await campaigns.pass_verdict(tx, hypothesis, verdict)
        tell(
            tx,
            campaign.id,
            ASSET,
            "finished",
            f"Hypothesis {hypothesis.order}: {verdict['conclusion']}",
            part=hypothesis.key,
        )

    await job.work.store(result, store)
    await job.reporter.made(job.work, result)
    await checks.report_verdict(job, campaign, hypothesis, verdict)
