"""Code and numbers of the product, changed for one test."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import pytest

from pipeline_defs import policies
from pipeline_defs.definitions import defs
from pipeline_defs.domain import source_code
from pipeline_defs.domain.articles import recipe as articles
from pipeline_defs.domain.calls import recipe as campaigns
from pipeline_defs.domain.lectures import recipe as lectures
from pipeline_defs.domain.pages import recipe as pages
from pipeline_defs.domain.versions import source_version

RECIPES: dict[str, ModuleType] = {
    "articles": articles,
    "lectures": lectures,
    "pages": pages,
    "campaigns": campaigns,
}
READ_ONCE = (source_version, source_code.code_of, source_code._defined, source_code._read)


@dataclass(frozen=True)
class Product:
    """The makers of all lines, and what they are made from, which can be changed."""

    monkeypatch: pytest.MonkeyPatch

    def versions(self, models: dict[str, str] | None = None) -> dict[str, str]:
        """The code version of every asset, as a process that starts now knows it."""
        made = {name: maker for recipe in RECIPES.values() for name, maker in recipe.MAKERS.items()}
        return {name: maker.version(models or {}) for name, maker in made.items()}

    def number(self, name: str, value: Any) -> None:
        """Change a number of policies.py."""
        self.monkeypatch.setattr(policies, name, value)
        source_version.cache_clear()

    def text(self, module: str, before: str, after: str) -> None:
        """Change a text of a module."""
        read = source_code.text_of
        assert before in read(module)
        self.monkeypatch.setattr(
            source_code,
            "text_of",
            lambda name: read(name).replace(before, after) if name == module else read(name),
        )
        forget()

    def put_back(self) -> None:
        """All as it was."""
        self.monkeypatch.undo()
        forget()


@pytest.fixture
def product(monkeypatch: pytest.MonkeyPatch) -> Iterator[Product]:
    """The product, which is put back after the test.

    Its definitions are loaded before: they would keep the changed versions for all later tests.
    """
    defs()
    changed = Product(monkeypatch)
    yield changed
    changed.put_back()


def forget() -> None:
    for read_once in READ_ONCE:
        read_once.cache_clear()


def other(value: Any) -> Any:
    """Another value of the same kind."""
    match value:
        case dict():
            return {key: other(each) for key, each in value.items()}
        case tuple():
            return tuple(other(each) for each in value)
        case str():
            return f"{value} "
        case None:
            return 1
        case _:
            return value + 1
