"""What can get lost between our database and the world, and what a pass of the reconciler found.

A loss that another part heals by itself counts here only once it has outlasted the time in which
that part heals it (docs/operations.md names both).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from typing import Any, Literal

Area = Literal["inbox", "units", "runs", "record", "permits", "blobs", "providers"]
Scope = Literal["quick", "full"]

LOSSES: Mapping[str, tuple[Area, str]] = {
    "events_overdue": ("inbox", "events stored and not processed in time"),
    "units_forgotten": ("units", "units in work that nobody would look at again"),
    "units_overslept": ("units", "units that rest beyond any rest"),
    "units_overdue": ("units", "units due for dispatch for long"),
    "units_hung": ("units", "units held by a worker of which nothing is heard"),
    "runs_unwanted": ("runs", "runs in the queue that no unit waits for"),
    "runs_stuck": ("runs", "runs that do not start, end or keep to their time"),
    "slots_leaked": ("runs", "pool slots of runs that have ended"),
    "versions_unreported": ("record", "results that Dagster was never told of"),
    "partitions_missing": ("record", "partitions that Dagster has lost"),
    "permits_overlong": ("permits", "permits leased for longer than a lease lasts"),
    "permits_leaked": ("permits", "permits of runs that have ended"),
    "blobs_orphaned": ("blobs", "files that nothing refers to"),
    "blobs_unfinished": ("blobs", "temporary files of writers that died"),
    "blobs_foreign": ("blobs", "files left alone, as most of the store is unknown here"),
    "calls_unheard": ("providers", "phone calls of which nothing is known for long"),
    "clips_unfetched": ("providers", "clips ordered and never fetched"),
}


@dataclass(frozen=True, slots=True)
class Finding:
    """How often a loss was found, and what became of it.

    `repaired`: admitted again or told; `failed`: ended with a reason; `freed`: permits and slots;
    `removed`: files, with their `removed_bytes`. The rest is only told, or was healed meanwhile.
    """

    loss: str
    found: int = 0
    repaired: int = 0
    failed: int = 0
    freed: int = 0
    removed: int = 0
    removed_bytes: int = 0

    def __post_init__(self) -> None:
        if self.loss not in LOSSES:
            raise ValueError(f"{self.loss!r} is no loss that is known")

    @property
    def area(self) -> Area:
        """Where it was found."""
        return LOSSES[self.loss][0]

    @property
    def meaning(self) -> str:
        """The loss in words."""
        return LOSSES[self.loss][1]

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON shape."""
        numbers = {name: getattr(self, name) for name in NUMBERS}
        return {"loss": self.loss, "area": self.area, "meaning": self.meaning, **numbers}


NUMBERS = tuple(f.name for f in fields(Finding) if f.name != "loss")


def totals(findings: Iterable[Finding]) -> dict[str, int]:
    """Each number over all findings."""
    counted = list(findings)
    return {name: sum(getattr(finding, name) for finding in counted) for name in NUMBERS}


def left(finding: Mapping[str, Any]) -> int:
    """How many of a stored finding nothing was done about."""
    done = sum(finding[name] for name in ("repaired", "failed", "freed", "removed"))
    return max(0, finding["found"] - done)
