"""The calls of a campaign as the API and Studio show them. Numbers are never shown whole."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, Field

from pipeline_defs.domain.calls import recipe
from pipeline_defs.domain.calls.calling import remark
from pipeline_defs.domain.calls.campaigns import Call, Campaign
from pipeline_defs.domain.calls.claims import GroundedClaim
from pipeline_defs.domain.calls.numbers import masked
from pipeline_defs.domain.calls.transcripts import Transcript
from pipeline_defs.web.unit_shape import ErrorShape, error_shape


class RecordingShape(BaseModel):
    """Where a recording can be heard; `channels` of it, `layout` as it was read."""

    url: str
    seconds: float
    channels: int
    layout: str


class TranscriptShape(BaseModel):
    """What a transcript holds; the words are read with the call itself.

    `word_error_rate` of the respondent's words, where the contact has a script.
    """

    words: int
    utterances: int
    layout: str
    warnings: list[str]
    word_error_rate: float | None = None


class CallShape(BaseModel):
    """The interview with one contact."""

    number: int
    key: str
    name: str
    phone: str = Field(examples=["+12…0111"])
    status: str = Field(examples=["completed"])
    attempt: int
    attempts_most: int
    due_at: datetime | None
    ended_at: datetime | None
    seconds: int | None
    recording_state: Literal["awaited", "ready", "absent"]
    recording: RecordingShape | None
    transcript: TranscriptShape | None
    claims: int
    refused: int
    flagged: int
    cost_usd: float
    error: ErrorShape | None
    remark: str | None
    error_stage: Literal["call", "recording", "transcript", "claims"] | None
    stale: list[str]


class ClaimShape(BaseModel):
    """A statement with the second it was said at."""

    call: int
    number: int
    who: str
    hypothesis: int
    text: str
    quote: str
    stance: str
    confidence: float
    asr_confidence: float | None
    start: float
    end: float
    channel: int
    utterance: int


class UtteranceShape(BaseModel):
    """What one speaker says without a long pause; a word is text, start, end, confidence.

    `voice`, from 1, tells people apart of whom it is not known who they are.
    """

    number: int
    speaker: str
    channel: int
    voice: int
    start: float
    end: float
    text: str
    words: list[tuple[str, float, float, float | None]]
    flagged: list[str]


class AttemptShape(BaseModel):
    """An earlier attempt to reach the contact."""

    attempt: int
    status: str = Field(examples=["no_answer"])
    ended_at: datetime | None
    seconds: int | None


class CallDetail(CallShape):
    """A call with everything that was said, and the attempts before it."""

    utterances: list[UtteranceShape]
    statements: list[ClaimShape]
    refusals: list[str]
    earlier_attempts: list[AttemptShape]


def call_shape(campaign: Campaign, call: Call, cost: float) -> CallShape:
    """A call in a list."""
    return CallShape(**_fields(campaign, call, cost))


def call_detail(
    campaign: Campaign,
    call: Call,
    cost: float,
    said: Transcript | None,
    earlier: Sequence[Mapping[str, Any]],
) -> CallDetail:
    """A call by itself; `earlier`: the attempts before the current one."""
    extraction = call.extraction or {}
    flagged: dict[int, list[str]] = {}
    for flag in extraction.get("flagged_utterances", []):
        flagged.setdefault(flag["utterance"], []).append(flag["text"])
    return CallDetail(
        **_fields(campaign, call, cost),
        utterances=[
            UtteranceShape(
                number=u.order,
                speaker=u.speaker,
                channel=u.channel,
                voice=u.voice,
                start=u.start,
                end=u.end,
                text=u.text,
                words=[(w.text, w.start, w.end, w.confidence) for w in u.words],
                flagged=flagged.get(u.order, []),
            )
            for u in (said.utterances if said else ())
        ],
        statements=[claim_shape(call, claim) for claim in campaign.claims.get(call.order, ())],
        refusals=extraction.get("refusals", []),
        earlier_attempts=[AttemptShape(**attempt) for attempt in earlier],
    )


def claim_shape(call: Call, claim: GroundedClaim) -> ClaimShape:
    """A statement."""
    return ClaimShape(
        call=call.order,
        number=claim.order,
        who=call.name,
        hypothesis=claim.hypothesis,
        text=claim.text,
        quote=claim.quote,
        stance=claim.stance,
        confidence=claim.confidence,
        asr_confidence=claim.asr_confidence,
        start=claim.start,
        end=claim.end,
        channel=claim.channel,
        utterance=claim.utterance,
    )


def file_url(campaign_id: str, reference: dict[str, Any]) -> str:
    """Where a file of a campaign is."""
    return f"/v1/campaigns/{campaign_id}/files/{reference['sha256']}"


def _fields(campaign: Campaign, call: Call, cost: float) -> dict[str, Any]:
    read, extraction = call.transcript, call.extraction or {}
    waits = call.status == "queued"
    return {
        "number": call.order,
        "key": call.key,
        "name": call.name,
        "phone": masked(call.phone),
        "status": call.status,
        "attempt": call.attempt,
        "attempts_most": campaign.retries + 1,
        "due_at": call.due_at if waits else None,
        "ended_at": call.ended_at,
        "seconds": call.seconds,
        "recording_state": call.recording_state,
        "recording": RecordingShape(
            url=file_url(campaign.id, read["file"]),
            seconds=read["seconds"],
            channels=read["channels"],
            layout=read["layout"],
        )
        if read
        else None,
        "transcript": _transcript(read) if read else None,
        "claims": len(campaign.claims.get(call.order, ())),
        "refused": extraction.get("refused", 0),
        "flagged": extraction.get("flagged", 0),
        "cost_usd": cost,
        "error": error_shape(call.error),
        "remark": remark(call, campaign.retries + 1),
        "error_stage": (call.error or {}).get("stage"),
        "stale": [a for a in recipe.CALL_ASSETS[1:] if recipe.is_stale(campaign, a, call.key)],
    }


def _transcript(read: Mapping[str, Any]) -> TranscriptShape:
    """What older versions did not measure has its default."""
    return TranscriptShape(**{n: read[n] for n in TranscriptShape.model_fields if n in read})
