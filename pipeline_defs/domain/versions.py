"""Content hashes: data versions, code versions and the hash of a step's inputs."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, is_dataclass
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any

from pydantic import BaseModel

from pipeline_defs.domain.source_code import code_of

LENGTH = 16  # hex characters: 64 bits, enough to tell versions of one thing apart


@dataclass(frozen=True, slots=True)
class AssetVersion:
    """The current result of an asset's partition, and what it was made from."""

    data_version: str
    code_version: str
    input_hash: str
    input_versions: dict[str, str]

    def follows(self, code_version: str, sources: Mapping[str, str | None]) -> bool:
        """Whether it was made by this code from these versions, as Dagster tells by the tags of its
        event. `sources`: all that it is made from; what has no version now has not changed either.
        """
        if self.code_version != code_version or self.input_versions.keys() != sources.keys():
            return False
        used = self.input_versions
        return all(now is None or now == used[name] for name, now in sources.items())


@dataclass(frozen=True, slots=True)
class Maker:
    """What makes an asset: a change of any of it turns what it made stale, and nothing else.

    `rules`: version of its prompts. `code`: modules, or `module:definition`, that decide what comes
    out; what these use and the numbers they read count with them. `templates`: packages whose files
    it fills in. `purposes`: the chains of models it asks. `billed`: whether it is paid for without
    asking a model.
    """

    rules: str
    code: tuple[str, ...] = ()
    templates: tuple[str, ...] = ()
    purposes: tuple[str, ...] = ()
    billed: bool = False

    @property
    def is_free(self) -> bool:
        """Whether nobody is paid for what it makes."""
        return not self.purposes and not self.billed

    def version(self, models: Mapping[str, str]) -> str:
        """The code version, where these models are in use: purpose to version of its chain."""
        return version_of(
            self.rules,
            [source_version(name) for name in self.code],
            [template_version(name) for name in self.templates],
            [models.get(purpose) for purpose in self.purposes],
        )


def maker(
    *rules: Any,
    code: tuple[str, ...] = (),
    templates: tuple[str, ...] = (),
    purposes: tuple[str, ...] = (),
    billed: bool = False,
) -> Maker:
    """A `Maker` by these prompts."""
    return Maker(version_of(*rules), code, templates, purposes, billed)


@cache
def template_version(package: str) -> str:
    """A stable hash of the files of a package that are no code."""
    return version_of(sorted(_texts(files(package), "")))


def _texts(folder: Traversable, path: str) -> Iterator[tuple[str, str]]:
    for entry in folder.iterdir():
        if entry.is_dir() and entry.name != "__pycache__":
            yield from _texts(entry, f"{path}{entry.name}/")
        elif entry.is_file() and not entry.name.endswith(".py"):
            yield f"{path}{entry.name}", entry.read_text(encoding="utf-8")


@cache
def source_version(name: str) -> str:
    """A stable hash of a module, or of one definition as `module:definition`, with all it uses.

    What that is and what is left out is said in `source_code`.
    """
    found = code_of(name)
    return version_of(found.texts, found.values())


def version_of(*parts: Any) -> str:
    """A stable hash of JSON-like values and models; equal inputs give equal versions anywhere."""
    text = json.dumps(parts, sort_keys=True, separators=(",", ":"), default=_plain)
    return hashlib.sha256(text.encode()).hexdigest()[:LENGTH]


def _plain(value: object) -> object:
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json")
    if isinstance(value, (set, frozenset)):
        return sorted(value)
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    raise TypeError(f"no stable version of a {type(value).__name__}")
