"""The shape every unit has in the API, whatever its line (architecture, section 9)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, Field

from pipeline_defs.domain.units import Unit
from pipeline_defs.web.links import Links

StageStatus = Literal["pending", "running", "completed", "failed", "cancelled", "skipped"]

# How a stage that is not done stands, by the status of its unit.
OPEN_STAGE: Mapping[str, StageStatus] = {
    "generating": "running",
    "failed": "failed",
    "cancelled": "cancelled",
}


class StageShape(BaseModel):
    """One stage: `done` of `total` parts."""

    name: str = Field(examples=["sections"])
    title: str = Field(examples=["Writing sections"])
    status: StageStatus
    done: int
    total: int


class ProgressShape(BaseModel):
    """How far a unit is."""

    percentage: int = Field(ge=0, le=100)
    current_stage: str
    stages: list[StageShape] = []


class ErrorShape(BaseModel):
    """Why something failed, and what to do."""

    code: str = Field(examples=["RATE_LIMITED"])
    message: str
    retryable: bool
    advice: str = ""
    user_action_required: bool = False


class UnitShape(BaseModel):
    """A unit in lists and progress snapshots."""

    id: str = Field(examples=["article-20261123-k7m2qx9c"])
    kind: str = Field(examples=["articles"])
    title: str
    status: str = Field(examples=["generating"])
    progress: ProgressShape
    cost_usd: float
    error: ErrorShape | None = None
    links: dict[str, str]
    created_at: datetime
    updated_at: datetime


class UnitList(BaseModel):
    """A page of units, newest first; `next` is the cursor of the page after, if there is one."""

    items: list[UnitShape]
    next: str | None = None


class Accepted(BaseModel):
    """The answer to a creation: where the unit will be."""

    id: str = Field(examples=["article-20261123-k7m2qx9c"])
    kind: str = Field(examples=["articles"])
    status: str = Field(default="queued", examples=["queued"])
    links: dict[str, str]


def unit_fields(unit: Unit, links: Links, stages: list[StageShape]) -> dict[str, Any]:
    """The fields all units share."""
    return {
        "id": unit.id,
        "kind": unit.kind,
        "title": unit.title,
        "status": unit.status,
        "progress": ProgressShape(
            percentage=unit.percentage, current_stage=unit.stage, stages=stages
        ),
        "cost_usd": float(unit.cost_usd),
        "error": error_shape(unit.error),
        "links": links.of_unit(unit),
        "created_at": unit.created_at,
        "updated_at": unit.updated_at,
    }


def unit_shape(unit: Unit, links: Links) -> dict[str, Any]:
    """A unit as plain JSON, without its line's details."""
    return UnitShape(**unit_fields(unit, links, [])).model_dump(mode="json")


def error_shape(error: dict[str, Any] | None) -> ErrorShape | None:
    """A stored error; fields an older version did not write get defaults."""
    if not error:
        return None
    return ErrorShape(
        code=str(error.get("code", "UNKNOWN")),
        message=str(error.get("message", "")),
        retryable=bool(error.get("retryable", False)),
        advice=str(error.get("advice", "")),
        user_action_required=bool(error.get("user_action_required", False)),
    )
