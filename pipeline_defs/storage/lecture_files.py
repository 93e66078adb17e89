"""Which files the results of a lecture refer to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pipeline_defs.storage.database import Transaction


@dataclass(frozen=True, slots=True)
class ResultFile:
    """A file of a result; `field` is where it is named there: `blob`, `images.0.blob`."""

    asset: str
    partition: str
    field: str
    reference: dict[str, Any]


async def find(tx: Transaction, lecture_id: str, sha256: str) -> list[ResultFile]:
    """Every place where a result of the lecture refers to the file with this hash."""
    rows = await tx.all("lectures.results_with", lecture_id=lecture_id, sha256=sha256)
    return [
        ResultFile(row["asset"], row["partition"], field, reference)
        for row in rows
        for field, reference in _files(row["result"])
        if reference["sha256"] == sha256
    ]


def _files(value: Any, field: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    if isinstance(value, dict) and "sha256" in value and "media_type" in value:
        yield field, value
        return
    items: list[tuple[Any, Any]] = []
    if isinstance(value, dict):
        items = list(value.items())
    elif isinstance(value, list):
        items = list(enumerate(value))
    for name, inner in items:
        yield from _files(inner, f"{field}.{name}" if field else str(name))
