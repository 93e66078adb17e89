"""UNIT and UNIT/NN on the command line: which unit, of which line, and which part of it.

The beginning of an id names the line, so a command needs nothing else to find the unit's address.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import click

from pipeline_defs.cli.program import typed
from pipeline_defs.domain.keys import is_unit_id
from pipeline_defs.domain.kinds import KINDS, Kind, kind_of


@dataclass(frozen=True, slots=True)
class UnitRef:
    """A unit, or its part number `part`."""

    kind: str
    id: str
    part: int | None = None

    @property
    def line(self) -> Kind:
        """What is known of its kind."""
        return KINDS[self.kind]

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
        return f"{self.path}/{self.line.parts}/{self.part}"

    def must_be(self, kind: Kind, what: str) -> None:
        """Usage error that says what `what` is for, when the unit is of another kind."""
        if self.kind != kind.name:
            raise click.UsageError(
                f"{what} is for {kind.name}: {self.id} is {self.line.with_article}."
            )

    def must_know(self, options: Mapping[str, Any], known: Mapping[str, str]) -> None:
        """Usage error for an option that was given and is not for this kind of unit.

        `known` maps each option to the kind it is for; one for all kinds is not in it.
        """
        for option, value in options.items():
            kind = KINDS.get(known.get(option, ""))
            if kind is not None and value not in (None, False, ()):
                self.must_be(kind, option)


class UnitArgument(click.ParamType[UnitRef]):
    """Parses UNIT, or with `parts` UNIT/NN as well; with `parts_of` only where it is of a kind."""

    name = "unit"

    def __init__(
        self, *, parts: bool = False, part_required: bool = False, parts_of: Kind | None = None
    ) -> None:
        self.parts = parts or part_required
        self.part_required = part_required
        self.parts_of = parts_of

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> UnitRef:
        """The unit that `value` names; usage error when it cannot be one."""
        if isinstance(value, UnitRef):
            return value
        unit_id, slash, number = str(value).partition("/")
        kind = kind_of(unit_id)
        if kind is None or not is_unit_id(unit_id):
            known = ", ".join(f"{kind.noun}-..." for kind in KINDS.values())
            self.fail(
                f"{value!r} is not the id of a unit: ids look like {known} (see `{typed('list')}`)",
                param,
                ctx,
            )
        may_name_a_part = self.parts or kind is self.parts_of
        if slash and (not may_name_a_part or not kind.part):
            self.fail(f"{value!r} names a part; give the whole unit: {unit_id}", param, ctx)
        if slash and not (number.isascii() and number.isdigit() and 1 <= int(number) <= 1000):
            self.fail(f"{number!r} is not a number of a {kind.part}: write {unit_id}/2", param, ctx)
        if self.part_required and not kind.part:
            self.fail(f"{kind.with_article} has no parts", param, ctx)
        if self.part_required and not slash:
            self.fail(f"{value!r} names no {kind.part}: write {unit_id}/2", param, ctx)
        return UnitRef(kind.name, unit_id, int(number) if slash else None)
