"""`pipeline audit`: who did what."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import click

from pipeline_defs.cli.listing import MORE, limit_option, listed
from pipeline_defs.cli.output import command, current_output
from pipeline_defs.cli.unit_argument import UnitArgument, UnitRef

DAY = click.DateTime(["%Y-%m-%d"])


@command("audit")
@click.argument("unit", metavar="[UNIT]", type=UnitArgument(), required=False)
@click.option("--actor", help="Only what this key or part of the system did: `key:0123abcd`.")
@click.option("--action", help="Only this action, or those that begin so: `lectures`.")
@click.option("--since", type=DAY, help="The first day, in UTC.")
@click.option("--until", type=DAY, help="The last day, in UTC.")
@limit_option
def audit(
    *,
    unit: UnitRef | None,
    actor: str | None,
    action: str | None,
    since: datetime | None,
    until: datetime | None,
    limit: int,
) -> None:
    """Show who did what, newest first, in all or to one unit."""
    from pipeline_defs.cli.client import open_api

    filters = {
        "unit": unit.id if unit else None,
        "actor": actor,
        "action": action,
        "since": f"{since:%Y-%m-%d}" if since else None,
        "until": f"{until:%Y-%m-%d}" if until else None,
    }
    with open_api() as api:
        found = listed(api, "/v1/audit", filters, limit)
    current_output().emit(found, lambda: _audit_text(found))


COMMANDS = (audit,)


def _audit_text(found: dict[str, Any]) -> str:
    from pipeline_defs.cli.tables import moment, render, table

    rows = [
        (
            moment(entry["at"]),
            entry["actor"],
            entry["action"],
            entry["unit_id"],
            json.dumps(entry["detail"], ensure_ascii=False) if entry["detail"] else "",
        )
        for entry in found["items"]
    ]
    names = ["at", "who", "what", "unit", "detail"]
    text = render(table(names, rows)) if rows else "No entry fits."
    return text + (MORE if found["next"] else "")
