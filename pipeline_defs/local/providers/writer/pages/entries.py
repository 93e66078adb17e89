"""Attributes of products as they are spoken of: which topic they belong to, and their values."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pipeline_defs.domain.pages.evidence import untagged
from pipeline_defs.domain.pages.products import Attribute
from pipeline_defs.domain.pages.units import scale
from pipeline_defs.local.providers.writer.pages.naming import (
    NAME_CHARS,
    keeps_case,
    singular,
    small,
)
from pipeline_defs.local.providers.writer.pages.wording import filled, is_several, texts

VALUE_CHARS = 70
_YES = frozenset(("yes", "true", "ja"))
_NO = frozenset(("no", "false", "nein"))
_UNIT = re.compile(r"\s*[(\[](?P<unit>[^()\[\]]*)[)\]]\s*$")
_SENTENCES = re.compile(r"[.!?;]\s|[.!?:;]$|https?:|[{}<>\n\"]")
_ADJECTIVE = re.compile(r".*(?:safe|proof|free|able|ible|resistant|ready|vegan|organic|ing|ed)")


@dataclass(frozen=True, slots=True)
class Entry:
    """An attribute as it is spoken of. `answer`: of what is simply so or not."""

    product: int
    topic: Mapping[str, Any]
    name: str
    value: str
    answer: bool | None = None

    @property
    def label(self) -> str:
        """What it is called in a list."""
        return filled(self.topic["label"], name=self.name)


def entry_of(place: int, attribute: Attribute) -> Entry | None:
    """The attribute, or None for what cannot stand within a sentence."""
    name, value = untagged(attribute.name).strip(" :.?!"), untagged(attribute.value).rstrip(". ")
    unit = _UNIT.search(name)
    if unit and scale(unit["unit"]):
        name = name[: unit.start()]
        value = f"{value} {unit['unit']}" if re.fullmatch(r"[\d.,]+", value) else value
    if not (is_sayable(name, NAME_CHARS) and is_sayable(value, VALUE_CHARS)):
        return None
    lowered = value.casefold()
    answer = True if lowered in _YES else False if lowered in _NO else None
    called = small(name)
    topic = _topic(called.casefold(), value)
    spoken = _spoken(value, proper=topic.get("proper", False))
    if topic["key"] == "people" and value.isdigit():
        spoken = f"{value} {'person' if value == '1' else 'people'}"
    elif value.isdigit() and is_several(called):
        topic = next(t for t in texts("topics", "en")["topic"] if t["key"] == "count")
        called = called.removeprefix("number of ")
        spoken = f"{value} {called if value != '1' else singular(called)}"
    return Entry(place, topic, called, spoken, answer)


def is_sayable(text: str, most: int) -> bool:
    """Whether a text of the data can stand within a sentence."""
    return 0 < len(text) <= most and not _SENTENCES.search(text)


def _spoken(value: str, *, proper: bool) -> str:
    """A value within a sentence: in small letters, unless it may hold names."""
    first, *rest = value.split()
    names = proper or any(word[:1].isupper() for word in rest)
    return value if names or keeps_case(first) else value[0].lower() + value[1:]


def _topic(name: str, value: str) -> Mapping[str, Any]:
    digits = any(character.isdigit() for character in value)
    for topic in texts("topics", "en")["topic"]:
        if (
            re.fullmatch(topic["names"], name)
            and (digits or not topic.get("figures"))
            and re.fullmatch(topic.get("values", ".*"), value)
        ):
            return topic
    raise LookupError("the last topic fits any name")


def is_adjective(name: str) -> bool:
    """Whether a product simply is what an attribute's name says: dishwasher safe."""
    return bool(_ADJECTIVE.fullmatch(name.split()[-1]))
