"""Commands on many units: list, cost."""

from __future__ import annotations

from typing import Any

import click

from pipeline_defs.cli.listing import MORE, listed
from pipeline_defs.cli.output import command, current_output
from pipeline_defs.cli.unit_argument import UnitArgument, UnitRef
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


@command()
@click.argument("unit", metavar="[UNIT]", type=UnitArgument(), required=False)
@click.option("--days", type=click.IntRange(1, 366), help="The last N days (30).")
def cost(*, unit: UnitRef | None, days: int | None) -> None:
    """Show what a unit cost, call by call, or what everything cost in the last days."""
    from pipeline_defs.cli.client import open_api

    if unit is not None and days is not None:
        raise click.UsageError("--days is for all units: leave it out with UNIT.")
    output = current_output()
    with open_api() as api:
        if unit is not None:
            found = api.get(f"{unit.path}/cost")
            output.emit(found, lambda: _unit_cost_text(found))
        else:
            found = api.get("/v1/cost", {"days": days})
            output.emit(found, lambda: _days_text(found))


COMMANDS = (list_units, cost)


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


def _unit_cost_text(found: dict[str, Any]) -> str:
    from pipeline_defs.cli.tables import render, table, usd

    rows = [
        (
            item["partition"].partition("/")[2] or "whole",
            item["step"],
            item["model"] or item["provider"],
            item["calls"],
            item["input_tokens"],
            item["output_tokens"],
            usd(item["cost_usd"]),
        )
        for item in found["items"]
    ]
    columns = ["part", "step", "model", ">calls", ">tokens in", ">tokens out", ">cost"]
    total = f"{found['id']}: {usd(found['total_usd'])}"
    return f"{render(table(columns, rows))}\n\n{total}" if rows else f"{total}, no calls yet"


def _days_text(found: dict[str, Any]) -> str:
    from pipeline_defs.cli.tables import render, table, usd

    rows = [
        (
            item["day"],
            item["kind"],
            item["capability"],
            item["model"] or item["provider"],
            item["calls"],
            usd(item["cost_usd"]),
        )
        for item in found["items"]
    ]
    budget = found["month_budget_usd"]
    of = f" of {usd(budget)}" if budget is not None else ""
    month = f"This month: {usd(found['month_usd'])}{of}"
    total = f"Last {found['days']} days: {usd(found['total_usd'])}. {month}"
    columns = ["day", "kind", "capability", "model", ">calls", ">cost"]
    return f"{render(table(columns, rows))}\n\n{total}" if rows else total
