"""The base of what we hand around and store: immutable models that know all their fields."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Frozen(BaseModel):
    """Immutable and strict about unknown fields."""

    model_config = ConfigDict(frozen=True, extra="forbid")
