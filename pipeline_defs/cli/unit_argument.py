"""UNIT and UNIT/NN on the command line: which unit, of which line, and which part of it.

The beginning of an id names the line, so a command needs nothing else to find the unit's address.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import click

from pipeline_defs.domain.keys import is_unit_id

KINDS: Mapping[str, str] = {"article": "articles"}  # beginning of an id -> kind in addresses
PARTS: Mapping[str, str] = {"articles": "sections"}  # what the numbered parts of a kind are called


@dataclass(frozen=True, slots=True)
class UnitRef:
    """A unit, or its part number `part`."""

    kind: str
    id: str
    part: int | None = None

    @property
    def path(self) -> str:
        """Its address in the API."""
        return f"/v1/{self.kind}/{self.id}"

    @property
    def progress_path(self) -> str:
        """The address of its progress stream."""
        return f"/v1/progress/{self.kind}/{self.id}"

    @property
    def part_path(self) -> str:
        """The address of the part."""
        return f"{self.path}/{PARTS[self.kind]}/{self.part}"


class UnitArgument(click.ParamType[UnitRef]):
    """Parses UNIT, or with `parts` UNIT/NN as well."""

    name = "unit"

    def __init__(self, *, parts: bool = False, part_required: bool = False) -> None:
        self.parts = parts or part_required
        self.part_required = part_required

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> UnitRef:
        """The unit that `value` names; usage error when it cannot be one."""
        if isinstance(value, UnitRef):
            return value
        unit_id, slash, number = str(value).partition("/")
        kind = KINDS.get(unit_id.partition("-")[0])
        if kind is None or not is_unit_id(unit_id):
            known = ", ".join(f"{prefix}-..." for prefix in KINDS)
            self.fail(
                f"{value!r} is not the id of a unit: ids look like {known} (see `pipeline list`)",
                param,
                ctx,
            )
        if slash and not self.parts:
            self.fail(f"{value!r} names a part; give the whole unit: {unit_id}", param, ctx)
        if slash and not (number.isascii() and number.isdigit() and 1 <= int(number) <= 1000):
            self.fail(f"{number!r} is not a number of a section: write {unit_id}/2", param, ctx)
        if self.part_required and not slash:
            self.fail(f"{value!r} names no section: write {unit_id}/2", param, ctx)
        return UnitRef(kind, unit_id, int(number) if slash else None)
