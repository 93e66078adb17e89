"""From a brief to what the picture shows: every form makes its offer, the best one is taken."""

from __future__ import annotations

import re
from collections.abc import Sequence

from pipeline_defs.local.providers.engine.language import sentences
from pipeline_defs.local.providers.pictures.analysis import contents
from pipeline_defs.local.providers.pictures.analysis.asked import asked_first, is_asked_for
from pipeline_defs.local.providers.pictures.analysis.charts import find_chart
from pipeline_defs.local.providers.pictures.analysis.comparisons import (
    find_comparison,
    is_bare_claim,
)
from pipeline_defs.local.providers.pictures.analysis.contents import Closing, Content, Found, Title
from pipeline_defs.local.providers.pictures.analysis.dates import find_timeline
from pipeline_defs.local.providers.pictures.analysis.formulas import find_formula
from pipeline_defs.local.providers.pictures.analysis.links import (
    find_concept,
    find_links,
    find_process,
)
from pipeline_defs.local.providers.pictures.analysis.listings import find_listing
from pipeline_defs.local.providers.pictures.analysis.numbers import find_figure
from pipeline_defs.local.providers.pictures.analysis.phrases import condensed
from pipeline_defs.local.providers.pictures.analysis.quotes import find_quote
from pipeline_defs.local.providers.pictures.analysis.wishes import wish_of
from pipeline_defs.local.providers.pictures.brief import Brief

_WISHED = 0.25  # what a form gains that the brief asks for
_ANY_DIAGRAM = 0.08  # the same where it asks for a diagram, which most things are
_FORMS: dict[str, tuple[type[Content], ...]] = {
    "diagram": (contents.Process, contents.Links, contents.Concept, contents.Formula),
    "list": (contents.Listing,),
    "comparison": (contents.Comparison,),
    "timeline": (contents.Timeline,),
    "quote": (contents.Quote,),
    "formula": (contents.Formula,),
    "number": (contents.Figure,),
    "chart": (contents.Chart,),
}
_WISH = re.compile(rf"\b({'|'.join(_FORMS)})\b", re.IGNORECASE)
_SUBTITLE_WORDS_MOST = 16
_THOUGHT_WORDS_MOST = 24


def choose(brief: Brief) -> Content:
    """What the picture of a brief shows; variations of a picture take the next best forms."""
    said = _sentences(brief.said)
    ranked = offers(brief, said)
    if brief.variation == 1 and not is_asked_for(wish_of(brief), ranked[0]):
        if brief.opens:
            subtitle = condensed(said[0], _SUBTITLE_WORDS_MOST) if said else ""
            return Title(brief.lecture or brief.heading, subtitle)
        if brief.closes and said:
            return Closing(condensed(said[0], _THOUGHT_WORDS_MOST))
    forms: dict[type[Content], Content] = {}
    for found in ranked:
        forms.setdefault(type(found.content), found.content)
    distinct = list(forms.values())
    return distinct[(brief.variation - 1) % len(distinct)]


def offers(brief: Brief, said: Sequence[str]) -> list[Found]:
    """The offers of all forms, best first; before them those of a form a person asks for."""
    told = [sentence for sentence in said if not is_bare_claim(sentence)] or list(said)
    hints = f"{brief.heading} {brief.lecture}"
    found = [
        *find_formula(brief, told),
        *find_process(told),
        *find_listing(told),
        *find_comparison(list(said)),
        *find_timeline(told),
        *find_chart(told),
        *find_figure(told),
        *find_concept(told),
        *find_links(told),
        *find_quote(told, hints),
    ]
    wish = wish_of(brief)
    if wish.forms:
        found = sorted(found, key=lambda one: -one.score)
        return asked_first(wish, found, told)
    match = _WISH.search(brief.show)
    name = match[1].lower() if match else ""
    gain = _ANY_DIAGRAM if name == "diagram" else _WISHED
    weighed = [
        Found(
            one.score + (gain if isinstance(one.content, _FORMS.get(name, ())) else 0), one.content
        )
        for one in found
    ]
    return sorted(weighed, key=lambda one: -one.score)


def _sentences(text: str) -> list[str]:
    found = sentences(text)
    kept = " ".join(found)
    rest = " ".join(text.split()).removeprefix(kept).strip() if len(kept) < len(text) else ""
    return [*found, rest] if rest else found
