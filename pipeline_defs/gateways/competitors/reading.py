"""What a page speaks of: its title, its headings, how long it is. Nothing of it is run or kept.

Whatever a page holds, reading it takes time in proportion to its length, which is bounded.
"""

from __future__ import annotations

import codecs
import re

from pipeline_defs import policies
from pipeline_defs.domain.pages.facts import CompetitorPage
from pipeline_defs.domain.pages.hypertext import Piece, pieces

HEADINGS = frozenset({"h1", "h2", "h3"})
UNSEEN = frozenset({"script", "style", "noscript", "template", "svg", "iframe", "textarea"})
CHARSET = re.compile(rb"charset\s{0,20}=\s{0,20}[\"']?\s{0,20}([A-Za-z0-9_.:-]{1,40})", re.I)
MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# Python knows many more codecs under such names, some of which decode to bytes, run for long or
# fail whatever is asked of them: these are the character sets that web pages are written in.
CHARSETS = re.compile(
    r"utf8|utf16(?:le|be)?|ascii|usascii|latin1|iso8859(?:[1-9]|1[013456])?|iso2022jp|"
    r"windows(?:125[0-8]|874)|cp(?:125[0-8]|437|85[0258]|866|874|932|949|950)|koi8[ru]|"
    r"mac(?:intosh|roman)|shiftjis|sjis|eucjp|euckr|gb2312|gbk|gb18030|big5(?:hkscs)?|tis620"
)
WORD = re.compile(r"[^\W_]+")


class _Reader:
    def __init__(self) -> None:
        self.title: list[str] = []
        self.headings: list[list[str]] = []
        self.words = 0
        self._unseen = 0
        self._open = ""

    def take(self, piece: Piece) -> None:
        """Note a tag or a text."""
        if piece.kind == "text":
            self._text(piece.content)
        elif piece.kind == "open":
            self._opened(piece.content)
        elif piece.kind == "close":
            self._closed(piece.content)

    def _opened(self, tag: str) -> None:
        if tag in UNSEEN:
            self._unseen += 1
        elif tag in HEADINGS:
            self._open = tag
            self.headings.append([])
        elif tag == "title" and not self.title:
            self._open = tag

    def _closed(self, tag: str) -> None:
        if tag in UNSEEN and self._unseen:
            self._unseen -= 1
        elif tag == self._open:
            self._open = ""

    def _text(self, text: str) -> None:
        if self._unseen:
            return
        if self._open == "title":
            self.title.append(text)
            return
        self.words += sum(1 for _ in WORD.finditer(text))
        if self._open:
            self.headings[-1].append(text)


def read_page(url: str, body: bytes, content_type: str) -> CompetitorPage:
    """The page at `url`; broken markup and unknown character sets are read as far as they go.

    Beyond `COMPETITOR_BYTES` nothing is read. Keeps a processor busy: not for an event loop.
    """
    reader = _Reader()
    for piece in pieces(_decoded(body[: policies.COMPETITOR_BYTES], content_type)):
        reader.take(piece)
    headings = [_line("".join(heading)) for heading in reader.headings]
    return CompetitorPage(
        source=url,
        title=_line("".join(reader.title)),
        headings=tuple(h for h in headings if h)[: policies.COMPETITOR_HEADINGS],
        words=reader.words,
    )


def _decoded(body: bytes, content_type: str) -> str:
    """The text by its mark, else by what the answer or the page itself names, else as UTF-8."""
    for mark, name in MARKS:
        if body.startswith(mark):
            return body.decode(name, "replace")
    announced = CHARSET.search(content_type.encode("utf-8", "replace"))
    within = CHARSET.search(body[:2048])
    name = _charset(announced) or _charset(within)
    if name is None or (announced is None and name.startswith("utf-16")):
        return body.decode("utf-8", "replace")  # what is said in ASCII is not said in UTF-16
    return body.decode(name, "replace")


def _charset(named: re.Match[bytes] | None) -> str | None:
    """Python's name of a character set; None for all that is none."""
    if named is None:
        return None
    name = named[1].decode("ascii").lower()
    if not CHARSETS.fullmatch(re.sub("[-_:.]", "", name)):
        return None
    try:
        found = codecs.lookup(name).name
    except LookupError:
        return None
    return "cp1252" if found in ("iso8859-1", "ascii") else found  # as browsers do


def _line(text: str) -> str:
    return " ".join(text.split())[: policies.COMPETITOR_HEADING_CHARS]
