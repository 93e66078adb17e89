"""Asks for a segment's speech, and for other words where they do not fit; measures each answer."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING

from pipeline_defs import policies
from pipeline_defs.defs.lectures.making import Making
from pipeline_defs.defs.lectures.media_answers import judged
from pipeline_defs.defs.lectures.rewriting import rewritten
from pipeline_defs.domain.lectures import prompts
from pipeline_defs.domain.lectures.models import Segment
from pipeline_defs.domain.lectures.scripts import NarrationDraft
from pipeline_defs.domain.versions import version_of
from pipeline_defs.gateways.failures import InvalidAnswer
from pipeline_defs.gateways.speech.port import SpeechRequest
from pipeline_defs.media.sound import decode_sound, speech_span
from pipeline_defs.runtime.paid_calls import Judgement, Outcome, Paid, Try

if TYPE_CHECKING:
    from pipeline_defs.media.sound import Sound


@dataclass(frozen=True, slots=True)
class Spoken:
    """A text as it was spoken; `seconds` of speech, from the first to the last sound."""

    text: str
    sound: Sound
    seconds: float
    served_by: str

    async def with_sound(self, sound: Sound) -> Spoken:
        """The same text in a changed sound, measured again."""
        return replace(self, sound=sound, seconds=await _speech_seconds(sound))


class Speaker:
    """Speaks for one segment and adds up what it costs."""

    def __init__(self, making: Making, segment: Segment, inputs: str) -> None:
        self._making = making
        self._segment = segment
        self._inputs = inputs
        self.cost_usd = Decimal(0)

    async def speak(self, text: str, speed: float) -> Spoken:
        """The text in the lecture's voice at this speed."""
        fresh: dict[str, tuple[Sound, float]] = {}

        async def call(this: Try) -> Judgement:
            await self._making.must_still_be(self._segment)
            answer = await self._making.job.resources.gateways.speech.speak(
                SpeechRequest(
                    text=text,
                    voice=self._making.lecture.voice,
                    speed=speed,
                    language=self._making.lecture.language,
                    timeout=policies.SPEECH.timeout,
                    idempotency_key=this.idempotency_key,
                    final_try=this.final,
                )
            )

            async def judge() -> Outcome:
                with judged(answer.usage):
                    measured = await _measured(answer.data, answer.media_type)
                    if measured[1] == 0:
                        raise InvalidAnswer("the speech is silent", answer.usage)
                    blob = await self._making.put(answer.data, answer.media_type)
                fresh[blob["sha256"]] = measured
                return Outcome({"blob": blob, "served_by": answer.model}, answer.usage)

            return judge

        paid = self._add(
            await self._making.work.paid(
                self._segment.key,
                "speech",
                version_of(self._inputs, text, speed),
                policies.SPEECH,
                call,
            )
        )
        blob = paid.result["blob"]
        measured = fresh.get(blob["sha256"])
        if measured is None:
            data = await self._making.read("segment_narration", self._segment.key, blob)
            measured = await _measured(data, blob["media_type"])
        return Spoken(text, *measured, paid.result["served_by"])

    async def rewrite(self, text: str, min_chars: int, max_chars: int) -> str | None:
        """The same said in another length; None where the text model cannot."""
        found = await rewritten(
            self._making,
            (self._segment.key, "narration"),
            self._inputs,
            policies.NARRATION_REWRITE,
            instructions=prompts.NARRATION_INSTRUCTIONS,
            task=prompts.narration_task(self._making.lecture, text, min_chars, max_chars),
            answer=NarrationDraft,
        )
        if found is None:
            return None
        draft, paid = found
        self._add(paid)
        return draft.text

    def _add(self, paid: Paid) -> Paid:
        self.cost_usd += paid.cost_usd
        return paid


async def _measured(data: bytes, media_type: str) -> tuple[Sound, float]:
    sound = await decode_sound(data, media_type)
    return sound, await _speech_seconds(sound)


async def _speech_seconds(sound: Sound) -> float:
    span = await asyncio.to_thread(speech_span, sound)
    return span[1] - span[0] if span else 0.0
