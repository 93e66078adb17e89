"""Reads a call: fetches its recording, transcribes it, extracts what was claimed."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from pipeline_defs import policies
from pipeline_defs.defs.calls import checks, previews
from pipeline_defs.defs.calls.campaigning import made, read_campaign, tell
from pipeline_defs.defs.calls.claiming import claims_of
from pipeline_defs.defs.calls.transcribing import transcribe_recording
from pipeline_defs.domain.calls import interview, recipe
from pipeline_defs.domain.calls.campaigns import Call, Campaign
from pipeline_defs.domain.calls.transcripts import SpokenWord, Transcript
from pipeline_defs.domain.errors import Permanent
from pipeline_defs.domain.versions import version_of
from pipeline_defs.gateways.blobs import BlobRef
from pipeline_defs.gateways.transcription.port import TranscriptionRequest
from pipeline_defs.media.recordings import Recording, read_recording
from pipeline_defs.runtime.driving import Assignment
from pipeline_defs.runtime.integrity import BROKEN
from pipeline_defs.runtime.paid_calls import Outcome, Paid, Try
from pipeline_defs.storage import calls
from pipeline_defs.storage.database import Transaction


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
    said, cost = await _transcribed(job, campaign, call, sound, inputs)
    result = made(
        recipe.TRANSCRIPT,
        call.key,
        version_of([(u.speaker, u.channel, u.text, u.start) for u in said.utterances]),
        inputs,
        inputs={recipe.CALL_RECORDING: recording},
        cost_usd=cost,
        metadata=previews.transcript(campaign, call, said),
    )
    summary = _summary(said, sound, file)

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


async def _transcribed(
    job: Assignment, campaign: Campaign, call: Call, sound: Recording, inputs: str
) -> tuple[Transcript, Decimal]:
    costs: list[Decimal] = []

    async def listen(channel: int, wav: bytes) -> Sequence[SpokenWord]:
        paid = await _heard(job, campaign, call, channel, wav, inputs)
        costs.append(paid.cost_usd)
        return [SpokenWord(*word) for word in paid.result["words"]]

    said = await transcribe_recording(sound, listen, spoken_by_us=interview.spoken_by_us(campaign))
    return said, sum(costs, Decimal(0))


async def _heard(
    job: Assignment, campaign: Campaign, call: Call, channel: int, wav: bytes, inputs: str
) -> Paid:
    """The words on a channel, with their times in what is sent."""

    async def ask(this: Try) -> Outcome:
        answer = await job.resources.gateways.transcription.transcribe(
            TranscriptionRequest(
                audio=wav,
                media_type="audio/wav",
                language=campaign.language,
                timeout=policies.CALL_TRANSCRIPTION.timeout,
                idempotency_key=this.idempotency_key,
                final_try=this.final,
            )
        )
        if answer.text and not answer.words:
            raise Permanent(
                "NO_WORD_TIMES",
                f"{answer.provider} tells no times of words",
                advice="Put a model with `words = true` first into the chain `transcription`.",
                user_action_required=True,
            )
        words = [
            [w.text, round(w.start, 3), round(w.end, 3), _rounded(w.confidence)]
            for w in answer.words
        ]
        return Outcome({"words": words, "model": answer.model}, answer.usage)

    key = version_of(inputs, hashlib.sha256(wav).hexdigest())
    step = f"transcript/{channel}"
    return await job.work.paid(call.key, step, key, policies.CALL_TRANSCRIPTION, ask)


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


def _rounded(confidence: float | None) -> float | None:
    return round(confidence, 3) if confidence is not None else None
