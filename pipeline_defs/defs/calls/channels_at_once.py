"""All channels of a recording in one request, for a transcriber that tells them apart.

Silence is left out where nobody speaks on any channel, so that the channels stay side by side.
"""

from __future__ import annotations

import asyncio
import io
import wave
from collections.abc import Awaitable, Callable, Sequence
from itertools import chain
from typing import TYPE_CHECKING

from pipeline_defs import policies
from pipeline_defs.domain.calls.transcripts import SpokenWord
from pipeline_defs.domain.calls.utterances import within
from pipeline_defs.media.recordings import RATE, Recording
from pipeline_defs.media.speech_regions import Region, condensed, counted_back, speech_regions

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

# WAV of all channels -> each word with its channel
ListenToAll = Callable[[bytes], Awaitable[Sequence[tuple[int, SpokenWord]]]]


def may_be_heard_at_once(recording: Recording, channels_at_once: int) -> bool:
    """Whether one request does for the recording; a silent channel would be paid for nothing."""
    return 1 < len(recording.channels) <= channels_at_once and not recording.silent


async def words_at_once(recording: Recording, listen: ListenToAll) -> list[list[SpokenWord]]:
    """The words of each channel, with their times in the recording."""
    found = await asyncio.gather(
        *[asyncio.to_thread(speech_regions, channel) for channel in recording.channels]
    )
    regions = together(list(chain.from_iterable(found)))
    if not regions:
        return [[] for _ in recording.channels]
    heard = await listen(await asyncio.to_thread(_side_by_side, recording.channels, regions))
    words: list[list[SpokenWord]] = [[] for _ in recording.channels]
    for channel, word in heard:
        start, end = counted_back(word.start, word.end, regions)
        if _is_spoken((start + end) / 2, found[channel]):
            words[channel].append(SpokenWord(word.text, start, end, word.confidence))
    return [within(own, recording.seconds) for own in words]


def together(regions: Sequence[Region]) -> list[Region]:
    """Stretches in which anybody speaks, of those of all channels."""
    merged: list[Region] = []
    for region in sorted(regions, key=lambda region: region.start):
        last = merged[-1] if merged else None
        if last is not None and region.start <= last.end:
            merged[-1] = Region(last.start, max(last.end, region.end), last.at)
        else:
            at = last.at + last.end - last.start + policies.SPEECH_GAP if last else 0.0
            merged.append(Region(region.start, region.end, at))
    return merged


def _is_spoken(moment: float, own: Sequence[Region]) -> bool:
    """Whether anybody speaks then on a channel: recognizers invent words where it is silent."""
    around = policies.WORD_BESIDE_SPEECH
    return any(region.start - around <= moment <= region.end + around for region in own)


def _side_by_side(channels: Sequence[NDArray[np.int16]], regions: Sequence[Region]) -> bytes:
    import numpy as np

    frames = np.stack([condensed(channel, regions) for channel in channels], axis=1)
    target = io.BytesIO()
    with wave.open(target, "wb") as file:
        file.setnchannels(len(channels))
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(frames.astype("<i2").tobytes())
    return target.getvalue()
