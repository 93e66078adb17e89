"""Ids and partition keys: ours, never user text; `[a-z0-9_-]{1,64}`, two joined by one `/`."""

from __future__ import annotations

import re
import secrets
from datetime import datetime

PART = re.compile(r"[a-z0-9_-]{1,64}")
ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"  # without letters that look like digits


def new_unit_id(prefix: str, now: datetime) -> str:
    """A readable id that sorts by day: `article-20261123-k7m2qx9c`."""
    tail = "".join(secrets.choice(ALPHABET) for _ in range(8))
    return f"{prefix}-{now:%Y%m%d}-{tail}"


def is_unit_id(text: str) -> bool:
    """Whether `text` could be the id of a unit."""
    return PART.fullmatch(text) is not None


def part_key(unit_id: str, order: int, width: int) -> str:
    """The partition key of the n-th part of a unit: `article-.../03`."""
    return f"{unit_id}/{order:0{width}d}"


def split_part(key: str) -> tuple[str, int]:
    """`(unit id, order)` of a part's key; ValueError when it is not one."""
    unit_id, slash, order = key.partition("/")
    if not slash or not is_unit_id(unit_id) or not re.fullmatch("[0-9]+", order):
        raise ValueError(f"not a part's key: {key!r}")
    return unit_id, int(order)
