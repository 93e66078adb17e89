"""What arrives from outside, and what became of it."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from typing import Any, Literal

from pipeline_defs.domain.errors import Permanent

Status = Literal["received", "done", "ignored", "dead"]


@dataclass(frozen=True, slots=True)
class Arrival:
    """Something that arrived, under the id its sender gave it. `body` is kept byte for byte.

    `same` stands for the body where the same thing may be told with other bytes.
    """

    source: str
    event_id: str
    event_type: str
    body: bytes = field(repr=False)
    same: bytes | None = field(default=None, repr=False)

    @property
    def body_hash(self) -> bytes:
        """Tells whether a second arrival of the same id is the same thing."""
        return hashlib.sha256(self.event_type.encode() + b"\0" + (self.same or self.body)).digest()


@dataclass(frozen=True, slots=True)
class Event:
    """A stored event that is to take effect."""

    org_id: str
    source: str
    id: str
    type: str
    body: bytes = field(repr=False)

    @property
    def data(self) -> dict[str, Any]:
        """What it carries; Permanent where that cannot be read or stored as text."""
        try:
            data = json.loads(self.body).get("data", {})
            text = json.dumps(data, ensure_ascii=False)
            text.encode()
        except (ValueError, AttributeError, RecursionError) as error:
            raise Permanent("INVALID_EVENT", "the body is not a readable event") from error
        if not isinstance(data, dict):
            raise Permanent("INVALID_EVENT", "data: must be an object")
        if "\\u0000" in text:
            raise Permanent("INVALID_EVENT", "data: contains a NUL character")
        return data

    @property
    def fields(self) -> dict[str, Any]:
        """What paths lead into; Permanent as with `data`."""
        about = {"org": self.org_id, "source": self.source, "type": self.type, "id": self.id}
        return {**about, "data": self.data}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of an arrival."""

    status: Status
    unit_id: str | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Receipt:
    """The answer to an arrival: `duplicate`: it was here before; `conflict`: another thing was."""

    outcome: Outcome
    duplicate: bool = False
    conflict: bool = False
