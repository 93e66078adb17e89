"""What the brief asks to be seen: whether a person asked, for which form, and of what."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, lru_cache

from pipeline_defs.domain.lectures.scripts import PictureTask
from pipeline_defs.local.providers.engine.language import words
from pipeline_defs.local.providers.engine.library import load_library
from pipeline_defs.local.providers.pictures.analysis.phrases import capitalized, condensed, length
from pipeline_defs.local.providers.pictures.brief import Brief
from pipeline_defs.local.providers.pictures.motifs import own_motif
from pipeline_defs.local.providers.writer.lecture_pictures import picture
from pipeline_defs.local.providers.writer.lecture_rewrites import calm_picture

_NAMES = {
    "timeline": r"time ?-?lines?|chronolog(?:y|ies)",
    "steps": r"steps?|process|sequence|flow ?-?charts?|stages",
    "cycle": r"cycles?|loops?",
    "list": r"(?:check)?lists?|bullet points|bullets",
    "comparison": r"comparisons?|compare[sd]?|comparing|versus|vs|contrasts?|side by side",
    "quote": r"quotes?|quotations?",
    "formula": r"formulas?|formulae|equations?",
    "definition": r"definitions?|defin(?:e[sd]?|ing)",
    "table": r"tables?",
    "chart": r"(?:bar )?(?:charts?|graphs?)",
    "number": r"(?:key |big )?(?:numbers?(?! of\b)|figures?|statistics?|percentages?)",
    "diagram": r"diagrams?|schem(?:e|atic)s?",
}
_NAMED = re.compile(
    r"\b(?:" + "|".join(f"(?P<{name}>{said})" for name, said in _NAMES.items()) + r")\b",
    re.IGNORECASE,
)
_FORM = "|".join(_NAMES.values())
_ASKS = re.compile(
    r"^(?:please,? )?(?:(?:show|draw|make|give|use|display|depict|i want(?: to see)?)\b ?"
    r"(?:me |us )?)?",
    re.IGNORECASE,
)
_PLAIN = (
    "simple|large|big|small|clear|nice|short|long|bold|labell?ed|colou?rful|numbered|key|quick|neat"
    "|beautiful|detailed|little|good|better|new|other|different|bar|line|visual"
)
_OPENS = re.compile(
    rf"^(?:an? |the |one )?(?:(?:{_PLAIN}) ){{0,2}}(?!versus|vs\b)"
    rf"(?:{_FORM}|pictures?|images?|illustrations?|drawings?|photo(?:graph)?s?|sketch(?:es)?|icons?"
    r"|scenes?)(?:$| ?(?::|-|,) ?| (?:(?:that |which )?shows?|showing|illustrating|explaining|of"
    r"|about|for|with|on|between|from)\b ?)",
    re.IGNORECASE,
)
_OPENS_PLAIN = re.compile(rf"^(?:an? |the )?(?:{_FORM})$", re.IGNORECASE)
_CLOSES = re.compile(rf",? (?:as|in the form of|like) (?:an? )?(?:\w+ )?(?:{_FORM})$", re.I)
_FROM_WRITTEN = re.compile(r"A (?:formula showing .+ for (?P<heading>.+)|quote showing the words "
                           r"(?P<words>.+))\.", re.DOTALL)  # fmt: skip
_SUBJECT_WORDS_MOST = 11


@dataclass(frozen=True, slots=True)
class Wish:
    """What a person wants to see; empty where the local writer's own description stands.

    `forms` are names of forms in the order they were named, `subject` is what is to be seen, and
    `motif` the drawing its words call for.
    """

    text: str = ""
    forms: tuple[str, ...] = ()
    subject: str = ""
    motif: str = ""


@lru_cache(maxsize=256)
def wish_of(brief: Brief) -> Wish:
    """The wish in a brief."""
    show = " ".join(brief.show.split())
    if not any(c.isalnum() for c in show) or show == brief.said or _is_writers(brief, show):
        return Wish()
    forms = tuple(dict.fromkeys(str(match.lastgroup) for match in _NAMED.finditer(show)))
    subject = _subject(show)
    return Wish(show, forms, subject, own_motif(subject, f"{brief.heading} {brief.lecture}"))


def _subject(show: str) -> str:
    """What is to be seen, without the form it is to be seen in."""
    asked = _ASKS.sub("", show.strip(" .!?"))
    if _OPENS_PLAIN.match(asked):
        return ""
    text = _CLOSES.sub("", _OPENS.sub("", asked)).strip(" .,;:-–")
    if length(text) > _SUBJECT_WORDS_MOST:
        text = condensed(text, _SUBJECT_WORDS_MOST)
    named = not any(c.isalnum() for c in _NAMED.sub("", text))
    return "" if named else capitalized(text)


def _is_writers(brief: Brief, show: str) -> bool:
    """Whether the local writer describes this text so; from some document, with its keywords."""
    if show in _calm(brief):
        return True
    if match := _FROM_WRITTEN.fullmatch(show):  # formulas and quotes are spoken otherwise
        if match["heading"]:
            return match["heading"] == brief.heading
        return set(words(match["words"])) <= set(words(brief.said))
    return any(
        picture(brief.said, brief.heading, brief.said, keywords) == show for keywords in _keywords()
    )


def _calm(brief: Brief) -> tuple[str, str]:
    """What the writer describes in place of a refused description."""
    task = PictureTask(heading=brief.heading, text=brief.said, refused="", reason="")
    first = calm_picture(task).picture
    return first, calm_picture(task.model_copy(update={"refused": first})).picture


@cache
def _keywords() -> tuple[tuple[str, ...], ...]:
    """The keywords of each document of the corpus; none for what an editor wrote."""
    return ((), *(document.keywords for document in load_library().documents))
