"""A finished page as a strict reader finds it: nothing here is taken from what it was made from."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from xml.etree.ElementTree import Element

import html5lib
from html5lib.constants import E as MESSAGES

from pipeline_defs.domain.pages.plain_text import BLOCKS, SPACES, words

HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
LINKING = ("href", "src", "action", "formaction", "poster", "data", "srcset", "cite")
PARAGRAPH_WORDS = 8  # fewer are a label


@dataclass(frozen=True, slots=True)
class ShownFigure:
    """A figure of a product where the page shows it: `value` for machines, `text` for people."""

    sku: str
    fact: str
    value: str
    text: str


@dataclass(slots=True)
class Outline:
    """What a page consists of. `errors` are those of the HTML standard's parser.

    `text` is all that is shown, `spoken` the same without the figures in `figures`.
    """

    errors: list[str] = field(default_factory=list)
    language: str = ""
    titles: list[str] = field(default_factory=list)
    metas: dict[str, list[str]] = field(default_factory=dict)
    canonicals: list[str] = field(default_factory=list)
    headings: list[tuple[int, str]] = field(default_factory=list)
    images: list[tuple[str, str | None]] = field(default_factory=list)  # (src, alt)
    addresses: list[str] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)
    paragraphs: list[str] = field(default_factory=list)
    figures: list[ShownFigure] = field(default_factory=list)
    scripts: list[str] = field(default_factory=list)  # that a browser would run
    handlers: list[str] = field(default_factory=list)
    data_blocks: list[str] = field(default_factory=list)
    text: str = ""
    spoken: str = ""

    @property
    def first_paragraph(self) -> str:
        """The first one that is more than a label."""
        return next((p for p in self.paragraphs if len(words(p)) >= PARAGRAPH_WORDS), "")

    def data(self) -> list[Any]:
        """The structured data; ValueError where a block is no JSON."""
        return [json.loads(block) for block in self.data_blocks]


def outline(html: str) -> Outline:
    """Read a whole document."""
    parser = html5lib.HTMLParser(html5lib.getTreeBuilder("etree"), namespaceHTMLElements=False)
    root: Element = parser.parse(html)
    found = Outline(errors=[_error(code, data, at) for at, code, data in parser.errors])
    found.language = root.get("lang", "")
    for element in root.iter():
        _read(element, found)
    main = root.find(".//main")
    if main is not None:
        found.links = [a.get("href", "") for a in main.iter("a")]
        found.paragraphs = [t for p in main.iter("p") if (t := _text(p))]
        found.text = _text(main, lines=True)
        found.spoken = _lines("".join(_pieces(main, figures=False)), "\n")
    return found


def _read(element: Element, found: Outline) -> None:
    tag = str(element.tag)
    if tag in HEADINGS:
        found.headings.append((int(tag[1]), _text(element)))
    elif tag == "title":
        found.titles.append(_text(element))
    elif tag == "meta":
        name = element.get("name") or element.get("property")
        if name:
            found.metas.setdefault(name, []).append(element.get("content", ""))
    elif tag == "link" and element.get("rel") == "canonical":
        found.canonicals.append(element.get("href", ""))
    elif tag == "img":
        found.images.append((element.get("src", ""), element.get("alt")))
    elif tag == "script":
        kind = element.get("type", "")
        (found.data_blocks if kind == "application/ld+json" else found.scripts).append(
            element.text or ""
        )
    _read_attributes(element, found)


def _read_attributes(element: Element, found: Outline) -> None:
    for name, value in element.attrib.items():
        if name == "id":
            found.ids.append(value)
        elif name in LINKING:
            found.addresses.append(value)
        elif name.startswith("on") or name in ("style", "srcdoc"):
            found.handlers.append(f"{name} of {element.tag}")
    fact = element.get("data-fact")
    if fact is not None:
        value = element.get("value", element.get("data-value", ""))
        found.figures.append(ShownFigure(element.get("data-sku", ""), fact, value, _text(element)))


def _text(element: Element, *, lines: bool = False) -> str:
    return _lines("".join(_pieces(element)), "\n" if lines else " ")


def _lines(text: str, joint: str) -> str:
    return joint.join(
        line for piece in text.split("\n") if (line := SPACES.sub(" ", piece).strip())
    )


def _pieces(element: Element, *, figures: bool = True) -> Iterator[str]:
    if element.tag in ("script", "style") or callable(element.tag):  # the latter: a comment
        return
    if not figures and element.get("data-fact") is not None:
        return
    edge = "\n" if element.tag in BLOCKS else ""
    yield edge
    yield SPACES.sub(" ", element.text or "")
    for child in element:
        yield from _pieces(child, figures=figures)
        yield SPACES.sub(" ", child.tail or "")
    yield edge


def _error(code: str, data: dict[str, Any], at: tuple[int, int]) -> str:
    try:
        message = MESSAGES[code] % data
    except (KeyError, TypeError):
        message = code
    return f"{message} (line {at[0]}, column {at[1]})"
