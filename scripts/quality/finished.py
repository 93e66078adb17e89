"""Finished pages to be judged: from a folder, or from a running stack."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from pipeline_defs.domain.pages.labels.catalogue import LABELS
from pipeline_defs.domain.pages.outline import outline

MAIN = re.compile(r"<main[^>]*>(.*)</main>", re.DOTALL)
MOST = 500
LISTED = 100  # pages of one answer


@dataclass(frozen=True, slots=True)
class Finished:
    """A page as it would be published, and what it is to be found by."""

    name: str
    html: str
    keyword: str
    language: str
    page_type: str

    def paper(self) -> dict[str, Any]:
        """The page as Yoast wants it; its text and head are read from the HTML."""
        read = outline(self.html)
        main = MAIN.search(self.html)
        address = next(iter(read.canonicals), "")
        headline = next((text for level, text in read.headings if level == 1), "")
        return {
            "name": self.name,
            "keyword": self.keyword or headline,
            "language": self.language,
            "locale": {code: labels.locale for code, labels in LABELS.items()}[self.language],
            "page_type": self.page_type,
            "title": next(iter(read.titles), ""),
            "headline": headline,
            "description": next(iter(read.metas.get("description", [])), ""),
            "slug": urlsplit(address).path.rstrip("/").rpartition("/")[2],
            "permalink": address,
            "body": main[1] if main else "",
        }


def in_folder(folder: Path) -> list[Finished]:
    """Every NAME.html that has a NAME.json beside it, which tells keywords, language and type."""
    found: list[Finished] = []
    for file in sorted(folder.rglob("*.html"))[:MOST]:
        facts = file.with_suffix(".json")
        if facts.exists():
            told = json.loads(facts.read_text())
            found.append(_finished(file.stem, file.read_text(), told))
    return found


def of_stack() -> list[Finished]:
    """The completed pages of the organization whose key the command line uses."""
    from pipeline_defs.cli.client import open_api
    from pipeline_defs.cli.output import CommandError

    try:
        with open_api() as api:
            shapes = [api.get(f"/v1/pages/{page_id}") for page_id in _completed(api)]
    except CommandError as error:
        sys.exit(f"{error}\nStart a stack with `make up`, or name a folder of finished pages.")
    return [_finished(s["id"], s["document"]["html"], s) for s in shapes if s["document"]]


def _completed(api: Any) -> Iterator[str]:
    cursor: str | None = None
    for _ in range(MOST // LISTED):
        parameters = {"status": "completed", "limit": LISTED, "next": cursor}
        answer = api.get("/v1/pages", parameters)
        yield from (unit["id"] for unit in answer["items"])
        cursor = answer["next"]
        if cursor is None:
            return


def _finished(name: str, html: str, told: dict[str, Any]) -> Finished:
    request = {**told.get("request", {}), **told}
    keywords = request.get("keywords") or [""]
    return Finished(
        name, html, keywords[0], request.get("language", "en"), request.get("page_type", "guide")
    )
