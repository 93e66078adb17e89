"""The editor's notes on lectures: how one on a topic opens and closes (`lectures.toml`)."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files


@dataclass(frozen=True)
class Frame:
    """The first and the last segment of a lecture; `heading` is the first one's."""

    heading: str
    opening: str
    closing: str


def frame(folder: str) -> Frame | None:
    """The frame for a topic's folder, or None where the editor has none."""
    return _frames().get(folder)


@cache
def _frames() -> dict[str, Frame]:
    text = (
        files("pipeline_defs.local.providers.writer")
        .joinpath("lectures.toml")
        .read_text(encoding="utf-8")
    )
    return {folder: Frame(**note) for folder, note in tomllib.loads(text).items()}
