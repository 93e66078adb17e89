"""Reads a call: fetches its recording, transcribes it, extracts what was claimed."""

from __future__ import annotations

import asyncio
from typing import Any

from pipeline_defs import policies
from pipeline_defs.defs.calls import checks, previews
from pipeline_defs.defs.calls.campaigning import made, read_campaign, tell
from pipeline_defs.defs.calls.claiming import claims_of
from pipeline_defs.defs.calls.hearing import transcribed
from pipeline_defs.domain.calls import recipe, waves
from pipeline_defs.domain.calls.accuracy import word_error_rate
from pipeline_defs.domain.calls.campaigns import Call, Campaign
from pipeline_defs.domain.calls.transcripts import Transcript
from pipeline_defs.domain.errors import Permanent
from pipeline_defs.domain.versions import version_of
from pipeline_defs.gateways.blobs import BlobRef
from pipeline_defs.media.recordings import Recording, read_recording
from pipeline_defs.media.waves import heights
from pipeline_defs.runtime.driving import Assignment
from pipeline_defs.runtime.integrity import BROKEN
from pipeline_defs.runtime.paid_calls import Outcome, Try
from pipeline_defs.storage import calls
from pipeline_defs.storage.database import Transaction

FULL_SCALE = 32_768.0  # of 16 bits


async def read(job: Assignment, campaign: Campaign, call: Call) -> None:
    """Transcribe the recording of a call."""
    recording = recipe.recording_version(call)
    if recording is None or call.recording is None:
        raise Permanent(
            "NOT_RECORDED", f"call {call.order} has no recording", advice="Wait for it."
        )
    known = campaign.version(recipe.CALL_RECORDING, call.key)
    about = previews.recording(campaign, call)
    await job.bridge(recipe.CALL_RECORDING, call.key, recording, known, **about)
    await job.work.progress(
        "transcript", "started", f"Call {call.order}: transcribing", part=call.key
    )
    inputs = recipe.transcript_inputs(campaign, call, recording)
    file, data = await _fetched(job, call)
    sound = await asyncio.to_thread(read_recording, data)
    ears = job.resources.gateways.transcription
    said, cost = await transcribed(job.work, ears, campaign, call, sound=sound, inputs=inputs)
    result = made(
        recipe.TRANSCRIPT,
        call.key,
        version_of([(u.speaker, u.channel, u.text, u.start) for u in said.utterances]),
        inputs,
        inputs={recipe.CALL_RECORDING: recording},
        cost_usd=cost,
        metadata=previews.transcript(campaign, call, said),
    )
    wrong = word_error_rate(call.script, said)
    loud = await asyncio.to_thread(heights, sound.channels, waves.BARS, FULL_SCALE)
    summary = {
        **_summary(said, sound, file),
        "word_error_rate": wrong,
        "waves": [waves.written(channel.tolist()) for channel in loud],
    }

    async def store(tx: Transaction) -> None:
        await calls.store_transcript(tx, call, said, summary)
        words = summary["words"]
        message = f"Call {call.order}: {words} words transcribed"
        tell(tx, campaign.id, "transcript", "finished", message, part=call.key)

    await job.work.store(result, store)
    await job.reporter.made(job.work, result)
    await checks.report_transcript(job, call, said)


async def extract(job: Assignment, campaign: Campaign, call: Call) -> None:
    """Extract what a respondent claims about the hypotheses."""
    said = await job.work.transact(lambda tx: calls.transcript_of(tx, call))
    transcript = campaign.version(recipe.TRANSCRIPT, call.key)
    if said is None or transcript is None:
        raise Permanent("NOT_TRANSCRIBED", f"call {call.order} is not transcribed")
    inputs = recipe.claims_inputs(campaign, call, transcript.data_version)
    found = await claims_of(job, campaign, call, said, inputs)
    summary = {
        "claims": len(found.claims),
        "refused": len(found.refused),
        "refusals": list(found.refused),
        "flagged": len(found.flagged),
        "flagged_utterances": list(found.flagged),
        "served_by": found.served_by,
    }
    result = made(
        recipe.CLAIMS,
        call.key,
        version_of([(c.hypothesis, c.quote, c.stance, c.confidence) for c in found.claims]),
        inputs,
        inputs={recipe.TRANSCRIPT: transcript.data_version},
        cost_usd=found.cost_usd,
        metadata=previews.claims(campaign, call, list(found.claims), summary),
    )

    async def store(tx: Transaction) -> None:
        await calls.store_claims(tx, call, found.claims, summary)
        message = f"Call {call.order}: {len(found.claims)} statements found"
        tell(tx, campaign.id, "claims", "finished", message, part=call.key)

    await job.work.store(result, store)
    await job.reporter.made(job.work, result)
    await checks.report_claims(job, call, said, found.claims)


async def forget(job: Assignment) -> None:
    """Make the run's transcripts and claims anew, where there is something to make them from."""
    campaign = await read_campaign(job)
    read_before = [c for c in campaign.calls if c.key in job.partitions and c.recording is not None]
    assets = [a for a in (recipe.TRANSCRIPT, recipe.CLAIMS) if job.selects(a)]
    await job.raise_generations((asset, c.key) for c in read_before for asset in assets)

    async def take_back(tx: Transaction) -> None:
        for call in read_before:
            if recipe.TRANSCRIPT in assets:
                which = {"campaign_id": call.campaign_id, "order": call.order}
                await tx.run("calls.forget_transcript", **which)
            if recipe.CLAIMS in assets:
                await calls.remove_claims(tx, call)

    await job.work.transact(take_back)


async def _fetched(job: Assignment, call: Call) -> tuple[dict[str, Any], bytes]:
    """The recording and where it is kept; it is downloaded once, and again where it got lost."""
    sid = call.recording.sid if call.recording is not None else ""
    downloaded: list[bytes] = []

    async def download() -> dict[str, Any]:
        timeout = policies.RECORDING_DOWNLOAD.timeout
        data = await job.resources.gateways.telephony.fetch(sid, timeout)
        if not data:
            raise Permanent("RECORDING_EMPTY", "the recording has no bytes", advice="Call again.")
        downloaded.append(data)
        return (await job.resources.gateways.blobs.put(data, "audio/wav")).as_dict()

    async def call_for(_this: Try) -> Outcome:
        return Outcome({"file": await download()})

    paid = await job.work.paid(call.key, "recording", sid, policies.RECORDING_DOWNLOAD, call_for)
    file = paid.result["file"]
    if not downloaded:
        try:
            downloaded.append(await job.resources.gateways.blobs.get(BlobRef(**file)))
        except Permanent as error:
            if error.code not in BROKEN:
                raise
            file = await download()
    return file, downloaded[0]


def _summary(said: Transcript, sound: Recording, file: dict[str, Any]) -> dict[str, Any]:
    speakers = {u.channel: u.speaker for u in said.utterances}
    return {
        "file": file,
        "layout": said.layout,
        "seconds": said.seconds,
        "channels": sound.source_channels,
        "utterances": len(said.utterances),
        "words": sum(len(u.words) for u in said.utterances),
        "speakers": {str(channel): speaker for channel, speaker in speakers.items()},
        "warnings": list(said.warnings),
    }
