"""The results of a batch as a ZIP that is written while it is read: one page in memory at a time.

Each page is an HTML file and a JSON file; `index.csv` and `index.html` at the end list them.
"""

from __future__ import annotations

import asyncio
import csv
import io
import json
import re
import unicodedata
from collections.abc import AsyncIterable, AsyncIterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from html import escape
from typing import Any
from urllib.parse import unquote, urlsplit
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from pipeline_defs.domain.spreadsheets import harmless

FOLDER = "pages"
NAME_CHARS = 80
UNSAFE = re.compile("[^a-z0-9]+")
RESERVED = re.compile("con|prn|aux|nul|com[0-9]|lpt[0-9]")  # what Windows keeps for devices
HEAD = ("id", "target_url", "title", "language", "words", "html", "json")
INDEX = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Pages of a batch</title>
<style>body{{font:1rem/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}}
td,th{{text-align:left;vertical-align:top;padding:.25rem 1rem .25rem 0;overflow-wrap:anywhere}}
</style>
<h1>{count} pages</h1>
<p>Made on {day}. Each page is an HTML file, ready to publish, and a JSON file with its texts,
structured data and meta. <a href="index.csv">index.csv</a> lists them for a spreadsheet.</p>
<table>
<tr><th>Page<th>Address<th>Data</tr>
{rows}
</table>
</html>
"""
ROW = '<tr><td><a href="{html}">{title}</a><td>{target_url}<td><a href="{json}">JSON</a></tr>'


@dataclass(frozen=True, slots=True)
class ResultPage:
    """A finished page; `document` as it is stored (`domain/pages/document.py`)."""

    id: str
    target_url: str
    document: Mapping[str, Any]


async def results_zip(pages: AsyncIterable[ResultPage]) -> AsyncIterator[bytes]:
    """The ZIP of these pages, in pieces as they are read."""
    archive = _Archive()
    async for page in pages:
        # packing takes milliseconds, and others are waiting for the loop
        yield await asyncio.to_thread(archive.add, page)
    yield await asyncio.to_thread(archive.finish)


class _Outlet(io.RawIOBase):
    """Where the archive is written to; keeps nothing that was taken from it."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, piece: Any, /) -> int:
        self._pieces.append(bytes(piece))
        return len(piece)

    def taken(self) -> bytes:
        """What was written since the last time."""
        pieces, self._pieces = self._pieces, []
        return b"".join(pieces)


@dataclass(slots=True)
class _Archive:
    """A ZIP under way; of each page only its line of the index is kept."""

    made: datetime = field(default_factory=lambda: datetime.now(UTC))
    names: dict[str, int] = field(default_factory=dict[str, int])
    index: list[tuple[str, ...]] = field(default_factory=list[tuple[str, ...]])
    outlet: _Outlet = field(default_factory=_Outlet)
    packed: ZipFile = field(init=False)

    def __post_init__(self) -> None:
        self.packed = ZipFile(self.outlet, "w", ZIP_DEFLATED)

    def add(self, page: ResultPage) -> bytes:
        """Pack a page; the bytes that came of it."""
        name = f"{FOLDER}/{self._name(page)}"
        html, data = f"{name}.html", f"{name}.json"
        about = {key: value for key, value in page.document.items() if key != "html"}
        told = {"id": page.id, "target_url": page.target_url, **about}
        self._write(html, str(page.document["html"]))
        self._write(data, json.dumps(told, ensure_ascii=False, indent=1))
        known = (str(about.get(key, "")) for key in ("title", "language", "words"))
        self.index.append((page.id, page.target_url, *known, html, data))
        return self.outlet.taken()

    def finish(self) -> bytes:
        """Pack the lists of pages and what ends a ZIP."""
        table = io.StringIO(newline="")
        rows = csv.writer(table, lineterminator="\r\n")
        rows.writerows([HEAD, *([harmless(cell) for cell in row] for row in self.index)])
        self._write("index.csv", f"\ufeff{table.getvalue()}")
        shown = (dict(zip(HEAD, map(escape, row), strict=True)) for row in self.index)
        lines = "\n".join(
            ROW.format_map({**row, "title": row["title"] or row["target_url"]}) for row in shown
        )
        self._write(
            "index.html",
            INDEX.format(count=f"{len(self.index):,}", day=f"{self.made:%Y-%m-%d}", rows=lines),
        )
        self.packed.close()
        return self.outlet.taken()

    def _write(self, name: str, text: str) -> None:
        entry = ZipInfo(name, self.made.timetuple()[:6])
        entry.compress_type = ZIP_DEFLATED
        entry.external_attr = 0o644 << 16
        self.packed.writestr(entry, text.encode())

    def _name(self, page: ResultPage) -> str:
        """What the page's files are called: after its address, and like no other's."""
        name = file_name(page.target_url) or page.id
        number = self.names[name] = self.names.get(name, 0) + 1
        while number > 1:
            other = f"{name}-{number}"
            if other not in self.names:
                self.names[name], self.names[other] = number, 1
                return other
            number += 1
        return name


def file_name(url: str) -> str:
    """A name for the files of a page, safe on any system, after the path of its address.

    Empty where the path has nothing that could stand in a name.
    """
    path = unquote(urlsplit(url).path).strip("/")
    if not path:
        return "home"
    plain = unicodedata.normalize("NFKD", path.removesuffix(".html")).encode("ascii", "ignore")
    name = UNSAFE.sub("-", plain.decode().lower()).strip("-")[:NAME_CHARS].strip("-")
    return f"page-{name}" if RESERVED.fullmatch(name) else name
