"""Commands on many units: list."""

from __future__ import annotations

from typing import Any

import click

from pipeline_defs.cli.listing import MORE, listed
from pipeline_defs.cli.output import command, current_output
from pipeline_defs.domain.kinds import KINDS, STATUSES


@command("list")
@click.option("--kind", type=click.Choice(sorted(KINDS)), help="Only those of this kind.")
@click.option("--status", type=click.Choice(STATUSES), help="Only those in this state.")
@click.option("--limit", type=click.IntRange(1, 10_000), default=50, show_default=True)
def list_units(*, kind: str | None, status: str | None, limit: int) -> None:
    """List articles, lectures, pages and campaigns, newest first."""
    from pipeline_defs.cli.client import open_api

    with open_api() as api:
        found = listed(api, "/v1/units", {"kind": kind, "status": status}, limit)
    current_output().emit(found, lambda: _list_text(found))


COMMANDS = (list_units,)


def _list_text(found: dict[str, Any]) -> str:
    from pipeline_defs.cli.creating import EXAMPLES
    from pipeline_defs.cli.program import typed
    from pipeline_defs.cli.tables import moment, render, table, usd

    if not found["items"]:
        examples = (f"  {typed(example)}" for example in EXAMPLES.values())
        return "\n".join(("There are none. Create one:", *examples))
    rows = [
        (
            unit["id"],
            unit["status"],
            f"{unit['progress']['percentage']} %",
            usd(unit["cost_usd"]),
            moment(unit["created_at"]),
            unit["title"],
        )
        for unit in found["items"]
    ]
    text = render(table(["id", "status", ">done", ">cost", "created", "title"], rows))
    return text + (MORE if found["next"] else "")
