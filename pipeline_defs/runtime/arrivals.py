"""What arrives from outside, and what became of it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import Literal

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
