"""Content hashes: data versions, code versions and the hash of a step's inputs."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

LENGTH = 16  # hex characters: 64 bits, enough to tell versions of one thing apart


@dataclass(frozen=True, slots=True)
class AssetVersion:
    """The current result of an asset's partition, and what it was made from."""

    data_version: str
    code_version: str
    input_hash: str
    input_versions: dict[str, str]


def version_of(*parts: Any) -> str:
    """A stable hash of JSON-like values and models; equal inputs give equal versions anywhere."""
    text = json.dumps(parts, sort_keys=True, separators=(",", ":"), default=_plain)
    return hashlib.sha256(text.encode()).hexdigest()[:LENGTH]


def _plain(value: object) -> object:
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json")
    if isinstance(value, (set, frozenset)):
        return sorted(value)
    raise TypeError(f"no stable version of a {type(value).__name__}")
