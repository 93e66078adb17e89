"""The README's map, `Where to change what`: everything it names is there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
LINES = ("articles", "lectures", "pages", "calls")
BASES = (ROOT, ROOT / "pipeline_defs")


def rows() -> list[tuple[str, str]]:
    """What is to be changed, and where."""
    text = (ROOT / "README.md").read_text().partition("\n## Where to change what\n")[2]
    cells = re.findall(r"^\| (.+?) \| (.+) \|$", text.partition("\n## ")[0], re.MULTILINE)
    return [(change, place) for change, place in cells if change != "to change"]


def is_path(name: str) -> bool:
    return "/" in name or re.search(r"\.(py|html|toml)$", name) is not None


def expanded(name: str) -> list[str]:
    """A path for each line it stands for."""
    return [name.replace("<line>", line) for line in LINES] if "<line>" in name else [name]


def existing(name: str, bases: tuple[Path, ...]) -> list[Path]:
    return [base / name for base in bases if (base / name).exists()]


def texts(place: Path) -> Iterator[str]:
    """Of a file, or of all files below a folder."""
    files = [place] if place.is_file() else [p for p in place.rglob("*") if p.is_file()]
    for file in files:
        if file.suffix in {".py", ".toml", ".sql", ".html"}:
            yield file.read_text()


def as_pattern(symbol: str) -> str:
    """A name with `*` for any ending; `[models]` also stands for the tables below it."""
    if symbol.startswith("["):
        return rf"(?m)^{re.escape(symbol[:-1])}[.\]]"
    return rf"\b{re.escape(symbol)}\b".replace(r"\*\b", "")


@pytest.mark.parametrize(("change", "place"), rows(), ids=[change for change, _ in rows()])
def test_every_path_and_symbol_of_the_map_is_there(change: str, place: str) -> None:
    names = re.findall(r"`([^`]+)`", place)
    named = [path for name in names if "/" in name for path in expanded(name)]
    places: list[Path] = []
    for path in named:
        assert existing(path, BASES), path
        places += existing(path, BASES)
    folders = tuple(place if place.is_dir() else place.parent for place in places)
    for name in names:
        if is_path(name) and "/" not in name:
            assert existing(name, (*folders, *BASES)), name
            places += existing(name, (*folders, *BASES))
    found = [text for there in places for text in texts(there)]
    for symbol in (name for name in names if not is_path(name) and name != "..."):
        assert any(re.search(as_pattern(symbol), text) for text in found), symbol


@pytest.mark.parametrize(("change", "place"), rows(), ids=[change for change, _ in rows()])
def test_every_link_of_the_map_leads_to_a_heading(change: str, place: str) -> None:
    for address in re.findall(r"\]\(([^)]+)\)", place):
        file, _, heading = address.partition("#")
        headings = re.findall(r"^#+ (.+)$", (ROOT / file).read_text(), re.MULTILINE)
        slugs = {re.sub(r"[^\w\- ]", "", text.lower()).replace(" ", "-") for text in headings}
        assert not heading or heading in slugs, address


def test_the_map_is_not_empty() -> None:
    assert len(rows()) > 15
