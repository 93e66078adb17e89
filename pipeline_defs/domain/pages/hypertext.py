"""Other people's HTML as a row of tags and texts, in time that grows with its length alone.

Parsers that build a tree as browsers do need quadratic time for what is nested deeply or has many
attributes; `html.parser` does for what is never closed. Nothing here is nested, looked up again or
read twice: a tag that does not end is the end of the document.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

RAW = frozenset({"script", "style", "iframe", "noembed", "noframes", "xmp", "textarea", "title"})
TAG = re.compile(r"<(/?)([a-zA-Z][^\s/>]{0,40}+)")
REST_OF_TAG = re.compile(r"""(?:[^>=]++|=\s*+(?:"[^"]*+"|'[^']*+')?+)*+>""")
COMMENT_END = re.compile("--!?>")
CLOSING = {name: re.compile(rf"</{name}(?=[\s/>])", re.IGNORECASE) for name in RAW}
HUGE_REFERENCE = re.compile(r"&#(?:[0-9]{8,}+|[xX][0-9a-fA-F]{8,}+);?")  # beyond any character


@dataclass(frozen=True, slots=True)
class Piece:
    """A text with its references resolved, or a tag by its name in lower case."""

    kind: Literal["text", "open", "close", "empty"]
    content: str


def pieces(markup: str) -> Iterator[Piece]:
    """What a document consists of, in order; comments and declarations are left out."""
    place = 0
    while place < len(markup):
        begin = markup.find("<", place)
        if begin < 0:
            begin = len(markup)
        if begin > place:
            yield Piece("text", resolved(markup[place:begin]))
        if begin == len(markup):
            return
        tag = TAG.match(markup, begin)
        if tag is None:
            place = _after_other(markup, begin)
            if place == begin + 1:
                yield Piece("text", "<")
            continue
        rest = REST_OF_TAG.match(markup, tag.end())
        if rest is None:
            return
        piece = _piece(tag, rest[0])
        yield piece
        place = rest.end()
        if piece.kind == "open" and piece.content in RAW:
            closing = CLOSING[piece.content].search(markup, place)
            end = closing.start() if closing else len(markup)
            yield Piece("text", resolved(markup[place:end]))
            place = end


def resolved(text: str) -> str:
    """A text with its character references resolved."""
    return html.unescape(HUGE_REFERENCE.sub("\ufffd", text)) if "&" in text else text


def _piece(tag: re.Match[str], rest: str) -> Piece:
    name = tag[2].lower()
    if tag[1]:
        return Piece("close", name)
    return Piece("empty" if rest.endswith("/>") and name not in RAW else "open", name)


def _after_other(markup: str, begin: int) -> int:
    """Where it goes on after what is no tag; one character on where it is text."""
    if markup.startswith("<!--", begin):
        found = COMMENT_END.search(markup, begin + 2)
        return found.end() if found else len(markup)
    if markup.startswith(("<!", "<?", "</"), begin):
        end = markup.find(">", begin)
        return end + 1 if end >= 0 else len(markup)
    return begin + 1
