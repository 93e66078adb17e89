"""Paths into a JSON object: `org`, `data.campaign_id`, `data.items[0].sku`.

Names, dots and numbers in brackets, nothing else: nothing is computed or called. What a path does
not find counts as null.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

NAME = "[A-Za-z_][A-Za-z0-9_-]*"
PATH = re.compile(rf"{NAME}(?:\.{NAME}|\[[0-9]{{1,6}}\])*")
STEP = re.compile(rf"({NAME})|\[([0-9]+)\]")
PATH_CHARS_MOST = 200
CANONICAL_CHARS_MOST = 200


@dataclass(frozen=True, slots=True)
class Path:
    """A path that was read. Use `Path.parse`."""

    text: str
    steps: tuple[str | int, ...]

    @classmethod
    def parse(cls, text: str, roots: tuple[str, ...]) -> Path:
        """Read a path that begins with one of `roots`; ValueError says what is wrong with it."""
        return _parse(text, roots)

    def of(self, document: Mapping[str, Any]) -> Any:
        """The value at the path, None where there is none."""
        value: Any = document
        for step in self.steps:
            if isinstance(step, str):
                value = value.get(step) if isinstance(value, Mapping) else None
            else:
                found = isinstance(value, list) and step < len(value)
                value = value[step] if found else None
        return value


@lru_cache(1000)
def _parse(text: str, roots: tuple[str, ...]) -> Path:
    if len(text) > PATH_CHARS_MOST or not PATH.fullmatch(text):
        raise ValueError(
            f"{text[:PATH_CHARS_MOST]!r} is not a path: names joined by dots, numbers in brackets, "
            "such as data.items[0].sku"
        )
    steps = tuple(name or int(number) for name, number in STEP.findall(text))
    if steps[0] not in roots:
        raise ValueError(f"{text!r} begins with {steps[0]!r}: expected one of {', '.join(roots)}")
    return Path(text, steps)


def canonical(value: Any) -> str:
    """A text that is equal for equal JSON values of the same type; a hash of one that is long."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    if len(text) <= CANONICAL_CHARS_MOST:
        return text
    return "sha256:" + hashlib.sha256(text.encode()).hexdigest()
