"""JSON as Postgres can keep it: `jsonb` and `text` refuse NUL and halves of surrogate pairs.

Answers of providers and messages of errors may hold either. A paid answer must not be lost over it.
"""

from __future__ import annotations

import json
import re
from typing import Any

from psycopg.types.json import JsonbDumper

_REFUSED = re.compile("[\x00\ud800-\udfff]")


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
        return json.dumps(storable(value))
