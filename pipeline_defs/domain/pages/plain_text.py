"""A stranger's words as one line that can be shown: nothing in them is hidden or controls anything.

Feeds and models bring control characters, direction overrides and zero-width signs along. In HTML
some are parse errors, others make a text read differently from what it says.
"""

from __future__ import annotations

import re
import unicodedata
from html.parser import HTMLParser

SPACES = re.compile(r"\s+")
WORD = re.compile(r"[^\W_]+(?:['’.,-][^\W_]+)*")
JOINERS = "\u200c\u200d"  # needed by some scripts and by emoji
LAST_OF_PLANE = (0xFFFE, 0xFFFF)
BLOCKS = frozenset({
    "article", "br", "caption", "dd", "details", "div", "dl", "dt", "h1", "h2", "h3", "header",
    "li", "main", "nav", "ol", "p", "section", "summary", "table", "tbody", "td", "th", "thead",
    "tr", "ul",
})  # fmt: skip


def plain(text: str) -> str:
    """`text` on one line, without control, format, private and unassignable characters."""
    visible = "".join(c if c.isspace() or _can_be_seen(c) else "" for c in text)
    return SPACES.sub(" ", visible).strip()


def words(text: str) -> list[str]:
    """The words and numbers of a text: `1.9` and `mother-in-law` are one each."""
    return WORD.findall(text)


def text_of(html: str) -> str:
    """What a fragment says, block by block on lines of their own. For our own, clean HTML."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    lines = (SPACES.sub(" ", line).strip() for line in "".join(reader.pieces).split("\n"))
    return "\n".join(line for line in lines if line)


def _can_be_seen(character: str) -> bool:
    if character in JOINERS:
        return True
    category = unicodedata.category(character)
    if category in ("Cc", "Cf", "Cs", "Co"):
        return False
    point = ord(character)
    return not (0xFDD0 <= point <= 0xFDEF or point & 0xFFFF in LAST_OF_PLANE)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in BLOCKS:
            self.pieces.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in BLOCKS:
            self.pieces.append("\n")

    def handle_data(self, data: str) -> None:
        self.pieces.append(SPACES.sub(" ", data))
