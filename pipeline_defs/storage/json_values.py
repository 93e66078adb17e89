"""JSON as Postgres can keep it: `jsonb` and `text` refuse NUL and halves of surrogate pairs.

Answers of providers and messages of errors may hold either. A paid answer must not be lost over it.
"""

from __future__ import annotations

import json
import re
from decimal import Decimal
from typing import Any

from psycopg.types.json import JsonbDumper

_REFUSED = re.compile("[\x00\ud800-\udfff]")
_SUSPECT = re.compile(r"\\u(0000|d[89a-f])")  # as `json` writes them, and whole pairs too


def storable(value: Any) -> Any:
    """A JSON value without the characters Postgres refuses."""
    if isinstance(value, str):
        return _REFUSED.sub("", value)
    if isinstance(value, dict):
        return {storable(name): storable(item) for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [storable(item) for item in value]
    return value


class StorableJson(JsonbDumper):
    """Dumps to `jsonb` what Postgres accepts."""

    @staticmethod
    def _dumps(value: Any) -> str:
        text = json.dumps(value, default=_as_text)
        if not _SUSPECT.search(text):
            return text
        return json.dumps(storable(value), default=_as_text)


def _as_text(value: object) -> str:
    """An amount, in the form in which Postgres reads it exactly."""
    if isinstance(value, Decimal):
        return str(value)
    raise TypeError(f"{type(value).__name__} is not JSON")
