"""Where somebody speaks on a channel, and the channel without the rest.

A channel of a call is silent most of the time, as the other one speaks. Recognizers invent words in
long silences, and silence is paid for too: so only speech is transcribed, and the times of its
words are counted back.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipeline_defs import policies
from pipeline_defs.media.recordings import RATE

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

PAD_MS = 250  # of a stretch of speech, on both sides: less cuts first and last sounds of words
PAUSE_MS = 500  # of silence that ends a stretch
THRESHOLD = 0.4  # of the probability of speech


@dataclass(frozen=True, slots=True)
class Region:
    """A stretch of speech: seconds of the recording, and where it begins in what is left."""

    start: float
    end: float
    at: float


def speech_regions(channel: NDArray[np.int16]) -> list[Region]:
    """Stretches of speech, by Silero's voice activity detection (its weights ship with
    faster-whisper)."""
    import numpy as np
    from faster_whisper.vad import VadOptions, get_speech_timestamps

    options = VadOptions(
        threshold=THRESHOLD, min_silence_duration_ms=PAUSE_MS, speech_pad_ms=PAD_MS
    )
    found = get_speech_timestamps(channel.astype(np.float32) / 32_768, options)
    regions: list[Region] = []
    at = 0.0
    for stretch in found:
        start, end = stretch["start"] / RATE, stretch["end"] / RATE
        regions.append(Region(start, end, at))
        at += end - start + policies.SPEECH_GAP
    return regions


def condensed(channel: NDArray[np.int16], regions: Sequence[Region]) -> NDArray[np.int16]:
    """The stretches alone, with a short silence between them."""
    import numpy as np

    gap = np.zeros(round(policies.SPEECH_GAP * RATE), np.int16)
    parts: list[NDArray[np.int16]] = []
    for region in regions:
        parts += [channel[round(region.start * RATE) : round(region.end * RATE)], gap]
    return np.concatenate(parts) if parts else gap


def counted_back(start: float, end: float, regions: Sequence[Region]) -> tuple[float, float]:
    """Begin and end of a word in what is left, as times in the recording.

    A word belongs to the stretch its middle is in or next to: recognizers let words begin in the
    silence before them.
    """
    middle = (start + end) / 2
    own = min(regions, key=lambda region: _distance(middle, region))
    first, last = own.start + start - own.at, own.start + end - own.at
    first = min(max(first, own.start), own.end)
    return first, min(max(last, first), own.end)


def _distance(moment: float, region: Region) -> float:
    """Seconds from a moment to a stretch, in what is left; 0 within it."""
    return max(region.at - moment, moment - (region.at + region.end - region.start), 0.0)
