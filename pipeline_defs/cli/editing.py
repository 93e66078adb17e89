"""`pipeline edit`: changes what a part of a unit is made from."""

from __future__ import annotations

from typing import Any

import click

from pipeline_defs.cli.output import command, current_output
from pipeline_defs.cli.unit_argument import UnitArgument, UnitRef
from pipeline_defs.cli.units import part_must_exist

FIELDS = {  # option -> the kind it is for
    "--title": "articles",
    "--notes": "articles",
    "--heading": "lectures",
    "--text": "lectures",
    "--picture": "lectures",
}


@command()
@click.argument("unit", metavar="UNIT/NN", type=UnitArgument(part_required=True))
@click.option("--title", help="Of a section: its new title.")
@click.option("--notes", help="Of a section: what it is to be about.")
@click.option("--heading", help="Of a segment: its new heading.")
@click.option("--text", help="Of a segment: what is said.")
@click.option("--picture", help="Of a segment: what is to be seen.")
def edit(*, unit: UnitRef, **fields: Any) -> None:
    """Change a section or a segment; what was made from it is stale until it is rebuilt."""
    from pipeline_defs.cli.client import open_api
    from pipeline_defs.cli.outcome import report_now

    unit.must_know({f"--{name}": value for name, value in fields.items()}, FIELDS)
    body = {name: value for name, value in fields.items() if value is not None}
    if not body:
        known = [option for option, kind in FIELDS.items() if kind == unit.kind]
        named = " or ".join((", ".join(known[:-1]), known[-1]))
        raise click.UsageError(f"Nothing to change: give {named}.")
    with open_api() as api, part_must_exist(api, unit):
        options = {name: f"--{name}" for name in fields}
        document = api.send("PATCH", unit.part_path, body, options=options)
        report_now(api, unit, current_output(), document)


COMMANDS = (edit,)
