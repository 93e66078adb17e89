"""What every kind of unit has beside its own rows: state, versions of its assets, generations."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pipeline_defs.domain.errors import Permanent
from pipeline_defs.domain.states import FINAL_STATES
from pipeline_defs.domain.versions import AssetVersion
from pipeline_defs.storage.database import Transaction


@dataclass(frozen=True, slots=True)
class UnitRecord:
    """`versions` and `generations` by (asset, partition); `content_defaults` of the organization.

    `edits`: how often people have changed parts of it. `has_unreported`: Dagster was not told of
    some version.
    """

    status: str
    edits: int
    content_defaults: dict[str, Any]
    versions: dict[tuple[str, str], AssetVersion]
    generations: dict[tuple[str, str], int]
    has_unreported: bool


async def read_record(tx: Transaction, unit_id: str, *, lock: bool) -> UnitRecord | None:
    """The record, or None where there is no such unit.

    `lock`: nobody else may change the unit until the transaction ends.
    """
    unit = await tx.one("units.lock" if lock else "units.get", id=unit_id)
    if unit is None:
        return None
    organization = await tx.one("organizations.get")
    versions = await tx.all("assets.of_unit", unit_id=unit_id)
    generations = await tx.all("ledger.generations_of_unit", unit_id=unit_id)
    return UnitRecord(
        status=unit["status"],
        edits=unit["edits"],
        content_defaults=organization["content_defaults"] if organization else {},
        versions={(v["asset"], v["partition"]): _version(v) for v in versions},
        generations={(g["asset"], g["partition"]): g["generation"] for g in generations},
        has_unreported=any(v["reported_at"] is None for v in versions),
    )


def no_such_unit(noun: str, unit_id: str) -> Permanent:
    """The error for a unit that this organization does not have; `noun`: article, lecture."""
    return Permanent(
        "NOT_FOUND",
        f"there is no {noun} {unit_id}",
        advice=f"List your {noun}s with `GET /v1/{noun}s` or `pipeline list`.",
    )


def must_rest(noun: str, unit_id: str, status: str) -> None:
    """Permanent `BUSY` while a unit waits or is being made."""
    if status not in FINAL_STATES:
        raise Permanent(
            "BUSY",
            f"{noun} {unit_id} is {status}",
            advice="Wait until it is finished, or cancel it first.",
        )


def _version(row: dict[str, Any]) -> AssetVersion:
    return AssetVersion(
        row["data_version"], row["code_version"], row["input_hash"], row["input_versions"]
    )
