"""How much a beat is worth to a listener: central, self-contained, easy on the ear, well fitted."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable
from functools import cache

from pipeline_defs.local.providers.engine.language import stems
from pipeline_defs.local.providers.engine.library import Part
from pipeline_defs.local.providers.engine.search import SearchEngine
from pipeline_defs.local.providers.writer.lecture_beats import Beat, Room
from pipeline_defs.local.providers.writer.lecture_lines import Line

# Rewards and costs, found by reading and hearing scripts. One is what a plain beat is worth.
PLAIN = 1.0
OPENS_PARAGRAPH = 0.35
OPENS_PART = 0.5
OPENS_DOCUMENT = 0.7
DEFINES = 0.15
CENTRAL_MOST = 0.5
ASKED_FOR = 2.0  # names what a narrow topic asks for
OFF_AIM = 0.6  # times the square of the seconds off
CUT = 0.3
HALVED = 0.12
GAP = 0.35  # a sentence is left out between its two
ACROSS_PARAGRAPHS = 0.3
MATHEMATICAL = 0.45  # for each sentence with a formula: hard to follow by ear
BREAKS_OFF = 0.35  # ends with the first of several steps
MANY_FIGURES = 0.12  # for each figure beyond FIGURES_HEARD
FIGURES_HEARD = 2
MANY_NAMES = 0.1
NAMES_HEARD = 2

_FIRST_STEP = re.compile(r"^First\b|\b(?:are|is|was|were|\w+s|\w+ts) first\b|:")
_FIGURE = re.compile(r"\d[\d,]*")
_NAME = re.compile(r"(?<=[a-z,] )[A-Z][\w'-]+")


class Worth:
    """Judges beats on one topic."""

    def __init__(self, parts: Iterable[Part], engine: SearchEngine, asked: Collection[str]) -> None:
        found = list(parts)
        frequency = Counter(stem for part in found for stem in part.stems)
        self._central = {
            stem: count / len(found) * engine.weight(stem) for stem, count in frequency.items()
        }
        self._most = max(self._central.values(), default=1.0)
        self._asked = {stem: engine.weight(stem) for stem in asked}

    def of(self, beat: Beat, room: Room) -> float:
        """Its worth by itself; what stands around it is judged elsewhere."""
        return (
            PLAIN
            + self._content(beat)
            + _place(beat.lines[0])
            - OFF_AIM * (beat.seconds - room.aim) ** 2
            - _roughness(beat)
            - _burden(beat.text)
        )

    def _content(self, beat: Beat) -> float:
        held = _stems(beat.text)
        best = sorted((self._central.get(stem, 0.0) for stem in held), reverse=True)[:3]
        central = sum(best) / (3 * self._most)
        wanted = sum(self._asked.values())
        asked = sum(weight for stem, weight in self._asked.items() if stem in held)
        return CENTRAL_MOST * central + (ASKED_FOR * asked / wanted if wanted else 0.0)


@cache
def _stems(text: str) -> frozenset[str]:
    return frozenset(stems(text))


def _place(first: Line) -> float:
    if not first.opens:
        return 0.0
    worth = OPENS_PARAGRAPH + (OPENS_PART if first.paragraph == 0 else 0.0)
    worth += OPENS_DOCUMENT if first.leads else 0.0
    return worth + (DEFINES if first.tells_what else 0.0)


def _roughness(beat: Beat) -> float:
    """What the cuts of its sentences cost."""
    cost = sum(CUT * line.cut + HALVED * line.is_half for line in beat.lines)
    if not beat.runs_on:
        same = beat.lines[0].paragraph == beat.lines[-1].paragraph
        cost += GAP if same else ACROSS_PARAGRAPHS
        cost += GAP * (beat.lines[-1].sentence - beat.lines[0].sentence > 1 and not same)
    return cost + (BREAKS_OFF if _FIRST_STEP.search(beat.lines[-1].text) else 0.0)


def _burden(text: str) -> float:
    """What a listener, or the voice, stumbles over."""
    figures = max(0, len(_FIGURE.findall(text)) - FIGURES_HEARD)
    names = max(0, len(_NAME.findall(text)) - NAMES_HEARD)
    formulas = sum(word in text for word in (" equals ", " to the power ", " squared", " cubed"))
    return MANY_FIGURES * figures + MANY_NAMES * names + MATHEMATICAL * min(2, formulas)
