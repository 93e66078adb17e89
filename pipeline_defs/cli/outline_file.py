"""Reads an outline from a file: YAML or JSON entries, or lines of text, one section each.

YAML and JSON: a list of titles or of `{title, notes}`, or an object with that list as `sections`.
Text and Markdown: one section a line, `title` or `title: notes`; heading marks, bullets and numbers
before the title are left out, and a first-level heading above other lines names the document.
"""

from __future__ import annotations

import json
import re
from typing import Any, cast

Entry = dict[str, str]
MARK = re.compile(r"\s*(?:#{1,6}\s+|[-*+]\s+|\d{1,3}[.)]\s+)")
FIRST_LEVEL = re.compile(r"#\s")
STRUCTURED = {".json": "JSON", ".yaml": "YAML", ".yml": "YAML"}
EXAMPLE = "write entries such as {title: Light, notes: Start with pigments}"


class OutlineError(Exception):
    """What is wrong with an outline, said of the file: `it is not ...`."""


def parse_outline(text: str, suffix: str) -> list[Entry]:
    """The sections in `text`; `suffix` is the ending of its file. OutlineError says what is
    wrong."""
    form = STRUCTURED.get(suffix.lower())
    entries = _structured(text, form) if form else _lines(text)
    if not entries:
        raise OutlineError("it names no section")
    return entries


def _lines(text: str) -> list[Entry]:
    lines = [line for line in text.splitlines() if line.strip()]
    if len(lines) > 1 and sum(1 for line in lines if FIRST_LEVEL.match(line)) == 1:
        lines = [line for line in lines if not FIRST_LEVEL.match(line)]
    entries: list[Entry] = []
    for number, line in enumerate(lines, start=1):
        title, _, notes = MARK.sub("", line, count=1).partition(": ")
        entries.append(_entry(number, title.strip().removesuffix(":"), notes.strip()))
    return entries


def _structured(text: str, form: str) -> list[Entry]:
    found = _load(text, form)
    if isinstance(found, dict):
        found = cast("dict[str, Any]", found).get("sections")
    if not isinstance(found, list):
        raise OutlineError(f"it is not a list of sections: {EXAMPLE}")
    return [_read(n, entry) for n, entry in enumerate(cast("list[Any]", found), start=1)]


def _load(text: str, form: str) -> Any:
    import yaml

    try:
        return json.loads(text) if form == "JSON" else yaml.safe_load(text)
    except (ValueError, yaml.YAMLError, RecursionError) as error:
        raise OutlineError(f"it is not {form}: {' '.join(str(error).split())}") from error


def _read(number: int, entry: Any) -> Entry:
    if isinstance(entry, str):
        return _entry(number, entry.strip(), "")
    if not isinstance(entry, dict):
        raise OutlineError(f"entry {number} is not a section: {EXAMPLE}")
    fields = cast("dict[Any, Any]", entry)
    unknown = [str(name) for name in fields if name not in ("title", "notes")]
    if unknown:
        raise OutlineError(f"entry {number} has an unknown field {unknown[0]!r}: {EXAMPLE}")
    title, notes = fields.get("title"), fields.get("notes") or ""
    if not isinstance(title, str) or not isinstance(notes, str):
        raise OutlineError(f"entry {number} needs a title, and notes only as text: {EXAMPLE}")
    return _entry(number, title.strip(), notes.strip())


def _entry(number: int, title: str, notes: str) -> Entry:
    if not title:
        raise OutlineError(f"entry {number} has no title")
    return {"title": title, "notes": notes} if notes else {"title": title}
