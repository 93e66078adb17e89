"""All that a finished page says to people and machines, block by block, read from its document."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from functools import cache
from typing import Any

from pipeline_defs.domain.languages import Language
from pipeline_defs.domain.pages.labels.catalogue import LABELS
from pipeline_defs.domain.pages.outline import Outline
from pipeline_defs.domain.pages.plain_text import SPACES

TOLD_METAS = ("description", "og:title", "og:description", "twitter:title", "twitter:description")
# Texts of structured data that are for machines: figures_agree compares them with the facts.
_MACHINE_KEYS = frozenset(
    ("sku", "gtin", "mpn", "price", "lowPrice", "highPrice", "priceCurrency", "itemCondition",
     "availability", "inLanguage", "url", "image", "item", "mainEntityOfPage", "datePublished",
     "dateModified")
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Block:
    """A text that stands by itself, under a heading or none."""

    text: str
    heading: str = ""


def shown(outline: Outline, language: Language) -> Iterator[Block]:
    """What the page shows, then what its head, its pictures and its structured data say.

    Labels are the page's own words, not claims; the figures within them stay.
    """
    for block in _visible(outline):
        yield Block(_unlabelled(block.text, language), block.heading)
    told = [*outline.titles, *(t for name in TOLD_METAS for t in outline.metas.get(name, []))]
    told += [alt for _, alt in outline.images if alt]
    yield from map(Block, told)
    for node in _data(outline):
        yield from _strings(node)


def _visible(outline: Outline) -> Iterator[Block]:
    """The lines of the page; a paragraph speaks of what the heading above it names."""
    headings = {text for _, text in outline.headings}
    paragraphs = set(outline.paragraphs)
    heading = ""
    for line in outline.spoken.splitlines():
        if line in headings:
            heading = line
            yield Block(line)
        else:
            yield Block(line, heading if line in paragraphs else "")


def _data(outline: Outline) -> list[Any]:
    try:
        return outline.data()
    except ValueError:  # no JSON: structured_data_is_valid says so
        return []


def _strings(node: Any, heading: str = "") -> Iterator[Block]:
    if isinstance(node, str):
        yield Block(node, heading)
    elif isinstance(node, list):
        for entry in node:
            yield from _strings(entry, heading)
    elif isinstance(node, dict):
        name = node.get("name")
        above = name if isinstance(name, str) else heading
        for key, value in node.items():
            if key not in _MACHINE_KEYS and (key == "@graph" or not key.startswith("@")):
                yield from _strings(value, "" if key == "name" else above)


def _unlabelled(text: str, language: Language) -> str:
    """A line without the labels in it: all of it where it is one, else those of several words."""
    for pattern in _labels(language):
        found = pattern.fullmatch(text)
        if found:
            return " ".join(found.groups())
        if pattern.groups or r"\ " in pattern.pattern:
            text = pattern.sub(lambda match: " ".join(["", *match.groups(), ""]), text)
    return text.strip()


@cache
def _labels(language: Language) -> tuple[re.Pattern[str], ...]:
    """The labels of a language, the longest first, with groups for what is filled in."""
    found = sorted(_texts(asdict(LABELS[language])), key=len, reverse=True)
    return tuple(_pattern(text) for text in found)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        if re.search(r"\w", re.sub(r"[{].*?[}]", "", value)):
            yield value
    elif isinstance(value, dict):
        for entry in value.values():
            yield from _texts(entry)


def _pattern(label: str) -> re.Pattern[str]:
    """A label with what is filled in; the date of the page is no product's."""
    label = SPACES.sub(" ", label)
    if "{date}" in label:
        return re.compile(".+".join(map(re.escape, label.split("{date}"))))
    pieces = re.split(r"[{]\w+[}]", label)
    return re.compile(r"(\S+|\S.*\S)".join(map(re.escape, pieces)))
