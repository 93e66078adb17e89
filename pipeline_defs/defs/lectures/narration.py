"""Makes a segment's narration: spoken, measured, adjusted and measured again until it fits.

Then it is listened to: transcribed and compared with what it was to say.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pipeline_defs import policies
from pipeline_defs.defs.lectures import checks, previews
from pipeline_defs.defs.lectures.listening import listen
from pipeline_defs.defs.lectures.making import Making, made
from pipeline_defs.defs.lectures.speaking import Speaker, Spoken
from pipeline_defs.domain.errors import Permanent
from pipeline_defs.domain.lectures import recipe
from pipeline_defs.domain.lectures.models import Segment
from pipeline_defs.domain.lectures.narration import (
    Accept,
    Impossible,
    Pad,
    Rewrite,
    Speak,
    Stretch,
    Take,
    decide,
)
from pipeline_defs.domain.versions import version_of
from pipeline_defs.media.sound import encode_wav, placed, speech_span, stretched

if TYPE_CHECKING:
    from pipeline_defs.media.sound import Sound

ASSET = "segment_narration"


@dataclass(frozen=True, slots=True)
class Narrated:
    """A narration of the right length: its sound, its words, how it came about."""

    sound: Sound
    text: str
    method: str
    rate: float
    served_by: str


async def make_narration(making: Making, segment: Segment, inputs: str) -> None:
    """Narrate the segment, listen to it, store and materialize it, report its checks."""
    speaker = Speaker(making, segment, inputs)
    narrated = await _narrated(speaker, segment)
    wav = await asyncio.to_thread(encode_wav, narrated.sound)
    blob = await making.put(wav, "audio/wav")
    heard = await listen(making, segment, narrated.text, wav)
    result: dict[str, Any] = {
        "blob": blob,
        "seconds": narrated.sound.seconds,
        "speech": await asyncio.to_thread(_span, narrated.sound),
        "text": narrated.text,
        "method": narrated.method,
        "speed": round(narrated.rate, 3),
        "served_by": narrated.served_by,
        **heard.as_result(),
    }
    narration = made(
        ASSET,
        segment.key,
        version_of(blob["sha256"], narrated.text),
        inputs,
        inputs={recipe.SEGMENT_SCRIPT: recipe.script_version(making.lecture, segment)},
        cost_usd=speaker.cost_usd + heard.cost_usd,
        metadata=await previews.narration(making, segment, result, narrated.sound),
    )
    await making.keep(narration, result, previews.narration_words(result))
    await checks.report_narration(making, segment, result)


async def _narrated(speaker: Speaker, segment: Segment) -> Narrated:
    """The closed loop: what to do next is decided by the domain, done here, and measured."""
    spoken = await speaker.speak(segment.text, 1.0)
    take = Take(spoken.seconds, len(spoken.text))
    may_rewrite = not segment.own_text
    while True:
        step = decide(take, may_change_speed=True, may_rewrite=may_rewrite)
        match step:
            case Speak(speed):
                spoken = await speaker.speak(spoken.text, speed)
                take = take.spoken(spoken.seconds, speed)
            case Rewrite(least, most):
                text = await speaker.rewrite(spoken.text, least, most)
                if text is None:
                    may_rewrite = False
                    continue
                spoken = await speaker.speak(text, 1.0)
                take = take.rewritten(spoken.seconds, len(text))
            case Stretch(tempo):
                spoken = await spoken.with_sound(await stretched(spoken.sound, tempo))
                take = take.stretched(spoken.seconds, tempo)
            case Impossible(reason):
                raise Permanent(
                    "NARRATION_TOO_LONG",
                    reason,
                    advice="Shorten what the segment says, then rebuild.",
                    user_action_required=True,
                )
            case Accept() | Pad():
                return await _placed(spoken, take.method(step), take.rate)


async def _placed(spoken: Spoken, method: str, rate: float) -> Narrated:
    sound = await asyncio.to_thread(
        placed, spoken.sound, seconds=policies.SEGMENT_SECONDS, lead=policies.NARRATION_LEAD
    )
    return Narrated(sound, spoken.text, method, rate, spoken.served_by)


def _span(sound: Sound) -> list[float]:
    begin, end = speech_span(sound) or (0.0, 0.0)
    return [round(begin, 3), round(end, 3)]
