"""The latency model: named capabilities answer after a fixed time with something ready-made.

Benchmarks use it: calls cost next to nothing here, so what is measured is the product.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from pydantic import Field, RootModel

from pipeline_defs.local.providers.server.faults import MediaCapability

LONGEST = 600.0


class LatencyModel(RootModel[dict[MediaCapability, Annotated[float, Field(ge=0, le=LONGEST)]]]):
    """Seconds by capability."""


class Latency:
    """The model in force; empty at first and after a restart."""

    def __init__(self) -> None:
        self._seconds: Mapping[str, float] = {}

    def replace(self, model: LatencyModel) -> None:
        """Put another model in force."""
        self._seconds = {str(name): seconds for name, seconds in model.root.items()}

    def state(self) -> dict[str, float]:
        """Seconds by capability."""
        return dict(self._seconds)

    def of(self, capability: str) -> float | None:
        """Seconds until an answer, or None where the real engine is at work."""
        return self._seconds.get(capability)
