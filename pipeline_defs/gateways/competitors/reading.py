"""What a page speaks of: its title, its headings, how long it is. Nothing of it is run or kept."""

from __future__ import annotations

import re
from html.parser import HTMLParser

from pipeline_defs import policies
from pipeline_defs.domain.pages.facts import CompetitorPage

HEADINGS = frozenset({"h1", "h2", "h3"})
UNSEEN = frozenset({"script", "style", "noscript", "template", "svg"})
CHARSET = re.compile(rb"charset\s*=\s*[\"']?\s*([A-Za-z0-9_.:-]{1,40})", re.IGNORECASE)
WORD = re.compile(r"[^\W_]+")


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.title = ""
        self.headings: list[str] = []
        self.words = 0
        self._unseen = 0
        self._open = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in UNSEEN:
            self._unseen += 1
        elif tag in HEADINGS or (tag == "title" and not self.title):
            self._open = tag
            if tag in HEADINGS:
                self.headings.append("")

    def handle_endtag(self, tag: str) -> None:
        if tag in UNSEEN and self._unseen:
            self._unseen -= 1
        elif tag == self._open:
            self._open = ""

    def handle_data(self, data: str) -> None:
        if self._unseen:
            return
        if self._open == "title":
            self.title += data
            return
        self.words += len(WORD.findall(data))
        if self._open:
            self.headings[-1] += data


def read_page(url: str, body: bytes, content_type: str) -> CompetitorPage:
    """The page at `url`; broken markup and unknown character sets are read as far as they go."""
    reader = _Reader()
    reader.feed(_decoded(body, content_type))
    reader.close()
    headings = [_line(heading) for heading in reader.headings]
    return CompetitorPage(
        source=url,
        title=_line(reader.title),
        headings=tuple(h for h in headings if h)[: policies.COMPETITOR_HEADINGS],
        words=reader.words,
    )


def _decoded(body: bytes, content_type: str) -> str:
    named = CHARSET.search(content_type.encode()) or CHARSET.search(body[:2048])
    try:
        return body.decode(named[1].decode() if named else "utf-8", "replace")
    except LookupError:
        return body.decode("utf-8", "replace")


def _line(text: str) -> str:
    return " ".join(text.split())[: policies.COMPETITOR_HEADING_CHARS]
