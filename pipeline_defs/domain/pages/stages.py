"""The seven stages of a page, in order, and which asset each belongs to.

Stages are rows and progress events, not assets: an asset costs an event in Dagster per page.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal, get_args

StageName = Literal[
    "validation",
    "context-building",
    "component-generation",
    "template-assembly",
    "quality-validation",
    "post-processing",
    "storage",
]
StageStatus = Literal["pending", "running", "completed", "skipped", "failed"]
STAGE_NAMES: tuple[StageName, ...] = get_args(StageName)
ASSET_OF: dict[StageName, str] = {
    "validation": "page_context",
    "context-building": "page_context",
    "component-generation": "page_components",
    "template-assembly": "page",
    "quality-validation": "page",
    "post-processing": "page",
    "storage": "page",
}
TITLES: dict[StageName, str] = {
    "validation": "Checking the request",
    "context-building": "Gathering products, searches and competitors",
    "component-generation": "Writing the parts",
    "template-assembly": "Assembling the page",
    "quality-validation": "Checking the quality",
    "post-processing": "Finishing touches",
    "storage": "Storing",
}
DONE: frozenset[StageStatus] = frozenset({"completed", "skipped"})


@dataclass(frozen=True, slots=True)
class StageRecord:
    """How a stage went. `seconds` is None until it ended; `detail` and `error` are JSON."""

    name: StageName
    status: StageStatus
    seconds: float | None = None
    detail: dict[str, Any] | None = None
    error: dict[str, Any] | None = None


def percentage(records: Iterable[StageRecord]) -> int:
    """Completed stages of all, 0 to 100; a skipped one counts as completed."""
    done = sum(record.status in DONE for record in records)
    return round(100 * done / len(STAGE_NAMES))
