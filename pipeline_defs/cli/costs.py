"""`pipeline cost` and `pipeline budget`: what was spent, by what, and a month's limits."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import click

from pipeline_defs.cli.output import command, current_output
from pipeline_defs.cli.unit_argument import UnitArgument, UnitRef
from pipeline_defs.domain.kinds import KINDS

BY = "line,model"
DAY = click.DateTime(["%Y-%m-%d"])
ORGANIZATION = "organization"


@command()
@click.argument("unit", metavar="[UNIT]", type=UnitArgument(), required=False)
@click.option("--by", help=f"Sum by any of day, line, unit, asset, provider, model ({BY}).")
@click.option("--since", type=DAY, help="The first day, in UTC.")
@click.option("--until", type=DAY, help="The last day, in UTC (today).")
@click.option("--days", type=click.IntRange(1, 366), help="The last N days (30).")
@click.option("--line", type=click.Choice(sorted(KINDS)), help="Only this line.")
@click.option("--asset", help="Only what was paid for this asset.")
@click.option("--provider", help="Only this provider.")
@click.option("--model", help="Only this model.")
@click.option("--bills", is_flag=True, help="Beside the providers' own bills, day by day.")
@click.option("--organizations", is_flag=True, help="By organization.")
@click.option("--csv", "folder", type=click.Path(path_type=Path), help="Write a file to a folder.")
def cost(
    *,
    unit: UnitRef | None,
    by: str | None,
    since: datetime | None,
    until: datetime | None,
    days: int | None,
    bills: bool,
    organizations: bool,
    folder: Path | None,
    **filters: str | None,
) -> None:
    """Show what a unit cost, call by call; or what everything cost, by whatever you ask for."""
    from pipeline_defs.cli.client import open_api

    chosen = {name: value for name, value in filters.items() if value is not None}
    if unit is not None and (by or since or until or days or bills or organizations or chosen):
        raise click.UsageError(
            "--days, --by and the others are for all units: leave them out with UNIT."
        )
    if since is not None and days is not None:
        raise click.UsageError("Give --since or --days, not both.")
    if sum((bills, organizations, folder is not None)) > 1:
        raise click.UsageError("Give one of --bills, --organizations and --csv.")
    output = current_output()
    if since is None and days is not None:
        since = (until or datetime.now(UTC)) - timedelta(days=days - 1)
    asked = {"since": _day(since), "until": _day(until), **chosen}
    with open_api() as api:
        if unit is not None:
            found = api.get(f"{unit.path}/cost")
            output.emit(found, lambda: _unit_text(found))
        elif bills:
            found = api.get("/v1/cost/bills", asked)
            output.emit(found, lambda: _bills_text(found))
        elif organizations:
            found = api.get("/v1/cost/organizations", asked)
            output.emit(found, lambda: _organizations_text(found))
        elif folder is not None:
            from urllib.parse import urlencode

            query = {name: value for name, value in {**asked, "by": by or BY}.items() if value}
            path = api.download(f"/v1/cost.csv?{urlencode(query)}", folder)
            output.emit({"file": str(path)}, f"{path}")
        else:
            found = api.get("/v1/cost", {**asked, "by": BY if by is None else by})
            month = api.get("/v1/budgets")
            document = {**found, "month": month}
            output.emit(document, lambda: f"{_costs_text(found)}\n\n{_month_text(month)}")


@command("budget")
@click.argument("line", type=click.Choice([ORGANIZATION, *KINDS]), required=False)
@click.option("--soft", type=click.FloatRange(min=0), help="Tell people at so many US dollars.")
@click.option("--hard", type=click.FloatRange(min=0), help="Stop at so many US dollars.")
@click.option("--none", "none", is_flag=True, help="Take the budget away.")
def budget(*, line: str | None, soft: float | None, hard: float | None, none: bool) -> None:
    """Show the month, its forecast and budgets; or set both limits of a line or of everything."""
    from pipeline_defs.cli.client import open_api

    given = soft is not None or hard is not None
    if line is None and (given or none):
        raise click.UsageError(f"Say whose budget: {ORGANIZATION} or a line.")
    if line is not None and given == none:
        raise click.UsageError("Give --soft, --hard or both; or --none.")
    with open_api() as api:
        if line is None:
            found = api.get("/v1/budgets")
        else:
            limits = {"soft_usd": _text(soft), "hard_usd": _text(hard)}
            found = api.send("PUT", f"/v1/budgets/{line}", limits)
    current_output().emit(found, lambda: _month_text(found))


COMMANDS = (cost, budget)


def _day(moment: datetime | None) -> str | None:
    return f"{moment:%Y-%m-%d}" if moment else None


def _text(usd: float | None) -> str | None:
    return None if usd is None else f"{usd:.4f}"


def _unit_text(found: dict[str, Any]) -> str:
    from pipeline_defs.cli.tables import render, table, usd

    rows = [
        (
            item["partition"].partition("/")[2] or "whole",
            item["asset"],
            item["step"],
            item["model"] or item["provider"],
            item["calls"],
            item["input_tokens"],
            item["output_tokens"],
            usd(item["cost_usd"]),
        )
        for item in found["items"]
    ]
    columns = ["part", "asset", "step", "model", ">calls", ">tokens in", ">tokens out", ">cost"]
    total = f"{found['id']}: {usd(found['total_usd'])}"
    return f"{render(table(columns, rows))}\n\n{total}" if rows else f"{total}, no calls yet"


def _costs_text(found: dict[str, Any]) -> str:
    from pipeline_defs.cli.tables import counted, render, table, usd

    rows = [
        (*(item[name] or "none" for name in found["by"]), item["calls"], usd(item["cost_usd"]))
        for item in found["items"]
    ]
    total = (
        f"{found['since']} to {found['until']}: {usd(found['total_usd'])} "
        f"for {counted(found['calls'], 'call')}."
    )
    if found["more"]:
        total += f" Only the first {len(rows)} rows are shown; --csv writes them all."
    return f"{render(table([*found['by'], '>calls', '>cost'], rows))}\n\n{total}" if rows else total


def _month_text(found: dict[str, Any]) -> str:
    from pipeline_defs.cli.tables import counted, render, table, usd

    ahead = found["forecast"]
    text = f"{found['month']}: {usd(found['spent_usd'])} so far. "
    if ahead["usd"] is None:
        text += "No forecast: there is no whole day yet to go by."
    else:
        text += (
            f"Forecast {usd(ahead['usd'])}: {usd(ahead['daily_usd'])} for each of "
            f"{counted(ahead['days_left'], 'day')} left, the median of the last "
            f"{counted(ahead['days_known'], 'whole day')}, "
            f"{ahead['days_spent']} of which cost something."
        )
    if not found["budgets"]:
        return f"{text}\nNo budget is set."
    states = {"within": "within", "soft": "told", "hard": "stopped"}
    rows = [
        (
            item["line"] or ORGANIZATION,
            "" if item["soft_usd"] is None else usd(item["soft_usd"]),
            "" if item["hard_usd"] is None else usd(item["hard_usd"]),
            usd(item["spent_usd"]),
            states[item["state"]],
        )
        for item in found["budgets"]
    ]
    names = ["budget", ">tell at", ">stop at", ">spent", "state"]
    return f"{text}\n\n{render(table(names, rows))}"


def _bills_text(found: dict[str, Any]) -> str:
    from pipeline_defs.cli.tables import render, table, usd

    if not found["visible"]:
        return "Bills concern all organizations: the operator's sees them."
    rows = [
        (
            item["day"] if item["complete"] else f"{item['day']} (not over)",
            item["provider"],
            item["calls"],
            usd(item["ours_usd"]),
            "not told" if item["theirs_usd"] is None else usd(item["theirs_usd"]),
            "" if item["difference_usd"] is None else usd(item["difference_usd"]),
        )
        for item in found["items"]
    ]
    names = ["day", "provider", ">calls", ">ours", ">theirs", ">difference"]
    return render(table(names, rows)) if rows else "No provider has reported a bill of these days."


def _organizations_text(found: dict[str, Any]) -> str:
    from pipeline_defs.cli.tables import render, table, usd

    rows = [(item["organization"], item["calls"], usd(item["cost_usd"])) for item in found["items"]]
    return render(table(["organization", ">calls", ">cost"], rows)) if rows else "Nothing was paid."
