"""Waveforms of a call, a channel each, as Studio's page draws them: an SVG path and its words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pipeline_defs.domain.calls.waves import heights_of
from pipeline_defs.web.call_shape import CallDetail, UtteranceShape
from pipeline_defs.web.studio.wording import clock

HALF = 50  # units from the middle line up, and down
LEAST = 2  # of a bar, also in silence
SPEAKERS = {"AI": "Interviewer", "HUMAN": "Respondent"}


@dataclass(frozen=True, slots=True)
class Wave:
    """A channel: who speaks on it, the bars as one path in a box of `bars` by 100, in words."""

    speaker: str
    title: str
    bars: int
    path: str
    words: str


def waves_of(call: CallDetail, transcript: Mapping[str, Any] | None) -> list[Wave]:
    """Of every channel that was read; of older transcripts none."""
    drawn: list[str] = (transcript or {}).get("waves", [])
    alone = len(drawn) == 1
    found: list[Wave] = []
    for channel, text in enumerate(drawn):
        said = [u for u in call.utterances if alone or u.channel == channel]
        speaker = "" if alone or not said else said[0].speaker
        title = "Everybody" if alone else SPEAKERS.get(speaker, f"Channel {channel + 1}")
        path = "".join(_bar(at, height) for at, height in enumerate(heights_of(text)))
        words = f"Waveform. {title}: {_spoken(said)}"
        found.append(Wave(speaker.lower(), title, len(text), path, words))
    return found


def _bar(at: int, height: float) -> str:
    half = max(LEAST, round(height * HALF))
    return f"M{at + 0.5} {HALF - half}v{2 * half}"


def _spoken(said: list[UtteranceShape]) -> str:
    if not said:
        return "nothing is said."
    seconds = sum(u.end - u.start for u in said)
    first, last = clock(said[0].start), clock(max(u.end for u in said))
    return f"speaks for {seconds:.0f} seconds, between {first} and {last}."
