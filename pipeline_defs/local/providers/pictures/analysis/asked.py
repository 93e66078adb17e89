"""The forms a person can ask for by name, and the contents they take where the text is no help."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from pipeline_defs.local.providers.pictures.analysis import contents
from pipeline_defs.local.providers.pictures.analysis.contents import Content, Found
from pipeline_defs.local.providers.pictures.analysis.grammar import clauses
from pipeline_defs.local.providers.pictures.analysis.phrases import condensed, hangs, length
from pipeline_defs.local.providers.pictures.analysis.wishes import Wish

_SHOWN_BY: dict[str, tuple[type[Content], ...]] = {
    "timeline": (contents.Timeline, contents.Process),
    "steps": (contents.Process, contents.Timeline, contents.Listing),
    "cycle": (contents.Process,),
    "list": (contents.Listing, contents.Process),
    "comparison": (contents.Comparison,),
    "quote": (contents.Quote,),
    "formula": (contents.Formula,),
    "definition": (contents.Concept,),
    "table": (contents.Comparison, contents.Chart, contents.Listing),
    "chart": (contents.Chart,),
    "number": (contents.Figure,),
    "diagram": (contents.Process, contents.Links, contents.Concept, contents.Formula),
}
_ANY = {"diagram"}  # forms of which none comes before another
_STEPS = (2, 4)
_STEP_WORDS = (2, 11)
_CYCLE_STEPS_LEAST = 3


def asked_first(wish: Wish, found: list[Found], told: Sequence[str]) -> list[Found]:
    """The offers, those of the forms that were asked for before all others."""
    rest = [*found, *_in_pieces(wish, told)]
    first: list[Found] = []
    for name in wish.forms:
        kinds = _SHOWN_BY[name]
        for group in [kinds] if name in _ANY else [(kind,) for kind in kinds]:
            taken = [one for one in rest if isinstance(one.content, group)]
            rest = [one for one in rest if not isinstance(one.content, group)]
            first += sorted(taken, key=lambda one: -one.score)
    if "cycle" in wish.forms:
        first = [_closed(one) for one in first]
    return first + [one for one in found if one in rest]


def is_asked_for(wish: Wish, found: Found) -> bool:
    """Whether a content is of a form that was asked for."""
    return any(isinstance(found.content, _SHOWN_BY[name]) for name in wish.forms)


def _in_pieces(wish: Wish, told: Sequence[str]) -> list[Found]:
    """The statements of the text one by one, where steps or a list were asked for."""
    if not {"timeline", "steps", "cycle", "list"} & set(wish.forms):
        return []
    for pieces in (list(told), [clause for sentence in told for clause in clauses(sentence)]):
        low, high = _STEP_WORDS
        steps = tuple(condensed(piece.strip(" .!?"), high - 1) for piece in pieces)
        fit = all(low <= length(step) <= high and not hangs(step) for step in steps)
        if fit and _STEPS[0] <= len(steps) <= _STEPS[1]:
            return [Found(0.1, contents.Process(steps))]
    return []


def _closed(found: Found) -> Found:
    """Steps that return to the first one."""
    content = found.content
    if isinstance(content, contents.Process) and len(content.steps) >= _CYCLE_STEPS_LEAST:
        return Found(found.score, replace(content, cycle=True))
    return found
