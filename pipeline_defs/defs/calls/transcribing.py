"""A recording to a transcript: interviewer and respondent told apart by channel, else by voice.

What is heard on a channel is asked of whoever calls this, so that a campaign pays for it once and
the command line needs no campaign.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipeline_defs import policies
from pipeline_defs.defs.calls.channels_at_once import ListenToAll, words_at_once
from pipeline_defs.domain.calls.transcripts import Speaker, SpokenWord, Transcript
from pipeline_defs.domain.calls.utterances import (
    Spoken,
    roles_of,
    transcript_of,
    voices_of,
    within,
)
from pipeline_defs.media.recordings import RATE, Recording
from pipeline_defs.media.speech_regions import Region, condensed, counted_back, speech_regions
from pipeline_defs.media.voices import leanings
from pipeline_defs.media.wav import write_wav

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

BY_VOICE = (
    "both speak on one channel and were told apart by their voices: words next to a change of "
    "speaker may be the other one's"
)
ONE_VOICE = (
    "one channel holds everybody, and no two voices were told apart: who speaks is not known"
)
WHOSE_VOICE = "which of the two voices is the respondent's is not known"

Listen = Callable[[int, bytes], Awaitable[Sequence[SpokenWord]]]  # channel, WAV -> its words


@dataclass(frozen=True, slots=True)
class _Heard:
    """Words on a channel, and where on it somebody speaks."""

    words: Sequence[SpokenWord]
    regions: Sequence[Region]


async def transcribe_recording(
    recording: Recording,
    listen: Listen,
    *,
    spoken_by_us: Sequence[str],
    at_once: ListenToAll | None = None,
) -> Transcript:
    """Everything that was said. `spoken_by_us`: what the interviewer is known to say.

    With `at_once` both channels are heard with one request, and `listen` is not asked.
    """
    if at_once is not None:
        heard = [_Heard(words, ()) for words in await words_at_once(recording, at_once)]
    else:
        heard = await asyncio.gather(
            *[_heard(n, channel, listen, recording) for n, channel in enumerate(recording.channels)]
        )
    if len(recording.channels) == 1:
        words, warnings = await _of_one_channel(recording.channels[0], heard[0])
    else:
        words = [Spoken(n, n, word) for n, found in enumerate(heard) for word in found.words]
        warnings = []
    roles, more = _roles(words, spoken_by_us, recording)
    return transcript_of(
        words,
        roles,
        layout="mono" if len(recording.channels) == 1 else "two_channel",
        seconds=recording.seconds,
        warnings=[*recording.warnings, *warnings, *more],
    )


async def _heard(
    number: int, channel: NDArray[np.int16], listen: Listen, recording: Recording
) -> _Heard:
    regions = await asyncio.to_thread(speech_regions, channel)
    if not regions:
        return _Heard((), ())
    speech = await asyncio.to_thread(condensed, channel, regions)
    heard = await listen(number, await asyncio.to_thread(_wav, speech))
    back = [
        SpokenWord(word.text, *counted_back(word.start, word.end, regions), word.confidence)
        for word in heard
    ]
    return _Heard(within(back, recording.seconds), regions)


def _wav(speech: NDArray[np.int16]) -> bytes:
    import numpy as np

    return write_wav(speech.astype(np.float32) / np.float32(32_768), RATE)


async def _of_one_channel(
    channel: NDArray[np.int16], heard: _Heard
) -> tuple[list[Spoken], list[str]]:
    """Words by the voice that says them; all by one where it cannot be told that there are two."""
    moments = [(word.start + word.end) / 2 for word in heard.words]
    leaning = await leanings(channel, heard.regions, moments) if moments else None
    voices = voices_of(heard.words, leaning) if leaning else [0] * len(moments)
    spoken = [Spoken(v, 0, word) for v, word in zip(voices, heard.words, strict=True)]
    return spoken, [BY_VOICE] if len(set(voices)) > 1 else []


def _roles(
    words: Sequence[Spoken], spoken_by_us: Sequence[str], recording: Recording
) -> tuple[dict[int, Speaker], list[str]]:
    """Who is who: by what we are known to say, else as the provider documents its channels."""
    voices = {spoken.voice for spoken in words}
    roles = roles_of({voice: _text(words, voice) for voice in (0, 1)}, spoken_by_us)
    if not voices:
        return {}, []
    if len(recording.channels) == 1:
        if len(voices) == 1:
            return {}, [ONE_VOICE]
        return (roles, []) if roles is not None else ({}, [WHOSE_VOICE])
    if roles is not None:
        return roles, []
    callee = policies.CALLEE_CHANNEL
    assumed = f"channel {callee + 1} is taken for the respondent's, as nothing told them apart"
    return {callee: "HUMAN", 1 - callee: "AI"}, [assumed]


def _text(words: Sequence[Spoken], voice: int) -> str:
    return " ".join(spoken.word.text for spoken in words if spoken.voice == voice)
