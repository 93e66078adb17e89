"""References to stored files within results: `{sha256, size, media_type}`, at any depth."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pipeline_defs.domain.graph import Node

Files = list[tuple[Node, dict[str, Any]]]  # what a result refers to, and which result


def files_in(result: Any) -> Iterator[dict[str, Any]]:
    """Every reference to a stored file within a result."""
    if isinstance(result, dict):
        if "sha256" in result and "media_type" in result:
            yield result
            return
        for value in result.values():
            yield from files_in(value)
    elif isinstance(result, (list, tuple)):
        for value in result:
            yield from files_in(value)
