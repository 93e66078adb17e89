"""Calls of campaigns in the database: attempts, what was heard of them, transcripts, claims."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from psycopg.types.json import Jsonb

from pipeline_defs.domain.calls.campaigns import ENDED, Call, Recording
from pipeline_defs.domain.calls.claims import GroundedClaim
from pipeline_defs.domain.calls.transcripts import SpokenWord, Transcript, Utterance
from pipeline_defs.domain.errors import ErrorRecord
from pipeline_defs.storage.database import Transaction


async def rows(tx: Transaction, campaign_id: str) -> list[dict[str, Any]]:
    """All calls of a campaign."""
    return await tx.all("calls.of_campaign", campaign_id=campaign_id)


async def get(tx: Transaction, campaign_id: str, order: int) -> Call | None:
    """One call, or None."""
    row = await tx.one("calls.get", campaign_id=campaign_id, order=order)
    return call_of(row) if row else None


async def intend(tx: Transaction, call: Call) -> bool:
    """Write down that the contact is about to be called; False where that is not due any more."""
    return await tx.touched("calls.intend", **_which(call)) == 1


async def not_placed(tx: Transaction, call: Call) -> None:
    """The provider surely did not place it."""
    await tx.run("calls.not_placed", **_which(call))


async def placed(tx: Transaction, call: Call, sid: str) -> None:
    """The provider's id of the call."""
    await tx.run("calls.placed", **_which(call), sid=sid)


async def unknown_sids(tx: Transaction, sids: Sequence[str]) -> list[str]:
    """Those of the provider's calls that belong to nobody yet, in the same order."""
    known = {row["sid"] for row in await tx.all("calls.known_sids", sids=list(sids))}
    return [sid for sid in sids if sid not in known]


async def move(tx: Transaction, call: Call, path: Sequence[str]) -> None:
    """Lead a call through states; the database refuses an illegal move."""
    for status in path:
        await tx.run("calls.set_status", **_which(call), status=status, ended=status in ENDED)


async def heard(
    tx: Transaction,
    call: Call,
    *,
    sequence: int | None = None,
    seconds: int | None = None,
    recording: Recording | None = None,
    recording_state: str | None = None,
) -> None:
    """Note what the provider said of a call; None where it said nothing."""
    await tx.run(
        "calls.heard",
        **_which(call),
        sequence=sequence,
        seconds=seconds,
        recording_state="ready" if recording is not None else recording_state,
        recording_sid=recording.sid if recording else None,
        recording_channels=recording.channels if recording else None,
        recording_seconds=recording.seconds if recording else None,
    )


async def begin_attempt(tx: Transaction, call: Call, due_at: datetime) -> None:
    """Keep the attempt that ended and queue the contact once more."""
    await tx.run("calls.keep_attempt", **_which(call))
    await tx.run("calls.begin_attempt", **_which(call), due_at=due_at)


async def earlier_attempts(tx: Transaction, call: Call) -> list[dict[str, Any]]:
    """attempt, status, ended_at and seconds of those before the current one."""
    return await tx.all("calls.attempts", **_which(call))


async def settled(tx: Transaction, call: Call) -> None:
    """The outcome and the cost of the call are booked."""
    await tx.run("calls.settled", **_which(call))


async def set_error(tx: Transaction, call: Call, stage: str, error: ErrorRecord) -> None:
    """What stopped a call; `stage`: call, recording, transcript, claims."""
    await tx.run(
        "calls.set_error", **_which(call), error=Jsonb({**error.as_dict(), "stage": stage})
    )


async def store_transcript(
    tx: Transaction, call: Call, transcript: Transcript, summary: dict[str, Any]
) -> None:
    """Keep a transcript with its utterances; claims on another one are void."""
    await remove_claims(tx, call)
    await tx.run("calls.remove_utterances", **_which(call))
    utterances = [
        {
            "utterance_order": u.order,
            "speaker": u.speaker,
            "channel": u.channel,
            "voice": u.voice,
            "start_seconds": u.start,
            "end_seconds": u.end,
            "text": u.text,
            "words": [[w.text, w.start, w.end, w.confidence] for w in u.words],
        }
        for u in transcript.utterances
    ]
    await tx.run("calls.add_utterances", **_which(call), utterances=Jsonb(utterances))
    await tx.run("calls.store_transcript", **_which(call), transcript=Jsonb(summary))


async def transcript_of(tx: Transaction, call: Call) -> Transcript | None:
    """The transcript of a call, or None."""
    if call.transcript is None:
        return None
    found = await tx.all("calls.utterances", **_which(call))
    utterances = tuple(
        Utterance(
            u["utterance_order"],
            u["speaker"],
            u["channel"],
            u["voice"],
            tuple(SpokenWord(*word) for word in u["words"]),
        )
        for u in found
    )
    summary = call.transcript
    return Transcript(utterances, summary["layout"], summary["seconds"], tuple(summary["warnings"]))


async def remove_claims(tx: Transaction, call: Call) -> None:
    """Take back what was extracted: it will be once more."""
    gone = await tx.all("calls.remove_claims", **_which(call))
    await _new_evidence(tx, call, {row["hypothesis_order"] for row in gone})
    await tx.run("calls.store_extraction", **_which(call), extraction=None)


async def store_claims(
    tx: Transaction, call: Call, claims: Sequence[GroundedClaim], summary: dict[str, Any]
) -> None:
    """Keep what was extracted from a call, all of it at once."""
    await remove_claims(tx, call)
    for claim in claims:
        await tx.run(
            "calls.add_claim",
            campaign_id=call.campaign_id,
            call=call.order,
            **asdict(claim),
        )
    await _new_evidence(tx, call, {claim.hypothesis for claim in claims})
    await tx.run("calls.store_extraction", **_which(call), extraction=Jsonb(summary))


def call_of(row: dict[str, Any]) -> Call:
    """A call from its row."""
    recording = None
    if row["recording_sid"] is not None:
        recording = Recording(
            row["recording_sid"], row["recording_channels"] or 0, row["recording_seconds"]
        )
    return Call(
        **{name: row[name] for name in _COLUMNS}, order=row["call_order"], recording=recording
    )


def claim_of(row: dict[str, Any]) -> GroundedClaim:
    """A claim from its row."""
    return GroundedClaim(
        order=row["claim_order"],
        text=row["text"],
        quote=row["quote"],
        start=row["start_seconds"],
        end=row["end_seconds"],
        channel=row["channel"],
        utterance=row["utterance_order"],
        hypothesis=row["hypothesis_order"],
        field=row["field"],
        stance=row["stance"],
        confidence=row["confidence"],
        asr_confidence=row["asr_confidence"],
    )


async def _new_evidence(tx: Transaction, call: Call, hypotheses: set[int]) -> None:
    if hypotheses:
        await tx.run(
            "campaigns.new_evidence", campaign_id=call.campaign_id, orders=sorted(hypotheses)
        )


def _which(call: Call) -> dict[str, Any]:
    return {"campaign_id": call.campaign_id, "order": call.order}


_COLUMNS = (
    "campaign_id", "phone", "name", "respondent", "attempt", "status", "due_at", "sid",
    "intended_at", "dialled_at", "sequence", "heard_at", "ended_at", "seconds", "settled",
    "recording_state", "transcript", "extraction", "error", "script",
)  # fmt: skip
