"""What is heard on a recording, paid for once: a step of the ledger per request."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from pipeline_defs import policies
from pipeline_defs.defs.calls.channels_at_once import may_be_heard_at_once
from pipeline_defs.defs.calls.transcribing import transcribe_recording
from pipeline_defs.domain.calls import interview
from pipeline_defs.domain.calls.campaigns import Call, Campaign
from pipeline_defs.domain.calls.transcripts import SpokenWord, Transcript
from pipeline_defs.domain.errors import Transient
from pipeline_defs.domain.versions import version_of
from pipeline_defs.gateways.transcription.port import TranscriptionPort, TranscriptionRequest
from pipeline_defs.media.recordings import Recording
from pipeline_defs.runtime.paid_calls import Outcome, Try
from pipeline_defs.runtime.work import UnitWork


async def transcribed(
    work: UnitWork,
    ears: TranscriptionPort,
    campaign: Campaign,
    call: Call,
    *,
    sound: Recording,
    inputs: str,
) -> tuple[Transcript, Decimal]:
    """The transcript of a recording, and what it cost; `inputs`: hash of what it is made from."""
    listener = _Listener(work, ears, call, campaign.language, inputs, len(sound.channels))
    at_once = may_be_heard_at_once(sound, ears.channels_at_once)
    said = await transcribe_recording(
        sound,
        listener.channel,
        spoken_by_us=interview.spoken_by_us(campaign),
        at_once=listener.all_channels if at_once else None,
    )
    return said, sum(listener.costs, Decimal(0))


@dataclass(slots=True)
class _Listener:
    """Asks for words; their times are those in what is sent."""

    work: UnitWork
    ears: TranscriptionPort
    call: Call
    language: str
    inputs: str
    channels: int
    costs: list[Decimal] = field(default_factory=list)

    async def channel(self, number: int, wav: bytes) -> Sequence[SpokenWord]:
        """The words of one channel."""
        step = f"transcript/{number}"
        return [word for _, word in await self._heard(step, wav, 1)]

    async def all_channels(self, wav: bytes) -> Sequence[tuple[int, SpokenWord]]:
        """The words of all, with their channel."""
        step = "transcript"
        return await self._heard(step, wav, self.channels)

    async def _heard(self, step: str, wav: bytes, channels: int) -> list[tuple[int, SpokenWord]]:
        async def ask(this: Try) -> Outcome:
            answer = await self.ears.transcribe(
                TranscriptionRequest(
                    audio=wav,
                    media_type="audio/wav",
                    language=self.language,
                    timeout=policies.CALL_TRANSCRIPTION.timeout,
                    idempotency_key=this.idempotency_key,
                    final_try=this.final,
                    channels=channels,
                    times_needed=True,
                )
            )
            if answer.text and not answer.words:
                raise Transient("NO_WORD_TIMES", f"{answer.provider} told no times of words")
            words = [
                [w.text, round(w.start, 3), round(w.end, 3), _rounded(w.confidence), w.channel]
                for w in answer.words
            ]
            return Outcome({"words": words, "model": answer.model}, answer.usage)

        key = version_of(self.inputs, hashlib.sha256(wav).hexdigest())
        policy = policies.CALL_TRANSCRIPTION
        paid = await self.work.paid(self.call.key, step, key, policy, ask)
        self.costs.append(paid.cost_usd)
        return [_word(*word) for word in paid.result["words"]]


def _word(
    text: str, start: float, end: float, confidence: float | None, channel: int = 0
) -> tuple[int, SpokenWord]:
    """As recorded; what was recorded before there were channels has none."""
    return channel, SpokenWord(text, start, end, confidence)


def _rounded(confidence: float | None) -> float | None:
    return round(confidence, 3) if confidence is not None else None
