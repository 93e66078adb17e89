"""A recording to a transcript: per channel or all at once, interviewer and respondent told apart.

What is heard on a channel is asked of whoever calls this, so that a campaign pays for it once and
the command line needs no campaign.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING

from pipeline_defs import policies
from pipeline_defs.defs.calls.channels_at_once import ListenToAll, words_at_once
from pipeline_defs.domain.calls.transcripts import Speaker, SpokenWord, Transcript
from pipeline_defs.domain.calls.utterances import Spoken, roles_of, transcript_of, within
from pipeline_defs.media.recordings import RATE, Recording
from pipeline_defs.media.speech_regions import condensed, counted_back, speech_regions
from pipeline_defs.media.wav import write_wav

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Listen = Callable[[int, bytes], Awaitable[Sequence[SpokenWord]]]  # channel, WAV -> its words


async def transcribe_recording(
    recording: Recording,
    listen: Listen,
    *,
    spoken_by_us: Sequence[str],
    at_once: ListenToAll | None = None,
) -> Transcript:
    """Everything that was said. `spoken_by_us`: what the interviewer is known to say.

    With `at_once` all channels are heard with one request, and `listen` is not asked.
    """
    if at_once is not None:
        heard = await words_at_once(recording, at_once)
    else:
        heard = await asyncio.gather(
            *[
                _words(recording, number, channel, listen)
                for number, channel in enumerate(recording.channels)
            ]
        )
    words = [Spoken(n, n, word) for n, found in enumerate(heard) for word in found]
    warnings = list(recording.warnings)
    if len(recording.channels) == 1:
        roles, more = _of_one_channel(words)
    else:
        roles, more = _of_two_channels(words, spoken_by_us)
    return transcript_of(
        words,
        roles,
        layout="mono" if len(recording.channels) == 1 else "two_channel",
        seconds=recording.seconds,
        warnings=[*warnings, *more],
    )


async def _words(
    recording: Recording, number: int, channel: NDArray[np.int16], listen: Listen
) -> list[SpokenWord]:
    regions = await asyncio.to_thread(speech_regions, channel)
    if not regions:
        return []
    speech = await asyncio.to_thread(condensed, channel, regions)
    heard = await listen(number, await asyncio.to_thread(_wav, speech))
    back = [
        SpokenWord(word.text, *counted_back(word.start, word.end, regions), word.confidence)
        for word in heard
    ]
    return within(back, recording.seconds)


def _wav(speech: NDArray[np.int16]) -> bytes:
    import numpy as np

    return write_wav(speech.astype(np.float32) / np.float32(32_768), RATE)


def _of_two_channels(
    words: Sequence[Spoken], spoken_by_us: Sequence[str]
) -> tuple[dict[int, Speaker], list[str]]:
    """Whose channel is whose: by what we are known to say, else as the provider documents it."""
    roles = roles_of({n: _text(words, n) for n in (0, 1)}, spoken_by_us)
    if roles is not None:
        return roles, []
    callee = policies.CALLEE_CHANNEL
    assumed: dict[int, Speaker] = {callee: "HUMAN", 1 - callee: "AI"}
    warning = f"channel {callee + 1} is taken for the respondent's, as nothing told them apart"
    return assumed, [warning] if words else []


def _of_one_channel(words: Sequence[Spoken]) -> tuple[dict[int, Speaker], list[str]]:
    """Voices on one channel are not told apart: nobody is guessed."""
    warning = "one channel holds everybody: who speaks is not known"
    return {}, [warning] if words else []


def _text(words: Sequence[Spoken], voice: int) -> str:
    return " ".join(spoken.word.text for spoken in words if spoken.voice == voice)
