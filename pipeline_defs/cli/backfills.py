"""`pipeline backfill`: make again what stands otherwise than it should, of many units at once;
`pipeline backfills`: those of the past."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import click

from pipeline_defs import policies
from pipeline_defs.cli.listing import MORE, limit_option, listed
from pipeline_defs.cli.output import command, current_output
from pipeline_defs.domain.kinds import KINDS

REASONS = ("failed", "missing", "stale", "corrupt")
OPTIONS = {
    "line": "--line",
    "since": "--since",
    "reasons": "--reason",
    "budget_usd": "--budget",
    "limit": "--limit",
}
WORDS = {
    "queued": "queued",
    "would_queue": "would be queued",
    "over_budget": "beyond the budget",
    "price_unknown": "price not known",
    "nothing_to_do": "as it should be",
    "busy": "at work",
}


@command()
@click.option("--line", type=click.Choice(sorted(KINDS)), help="Only units of this line.")
@click.option(
    "--since",
    type=click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"]),
    help="Only units that finished then or later, by the clock of this machine.",
)
@click.option(
    "--reason",
    "reasons",
    type=click.Choice(REASONS),
    multiple=True,
    help="Only for this reason; may be repeated. All of them when nothing is said.",
)
@click.option("--budget", "budget_usd", type=click.FloatRange(min=0), help="USD at most.")
@click.option(
    "--limit", type=click.IntRange(1, policies.BACKFILL_MOST), help="Units at most (200)."
)
@click.option("--dry-run", is_flag=True, help="Only say what would be made, and at what cost.")
def backfill(*, since: datetime | None, reasons: tuple[str, ...], **wishes: Any) -> None:
    """Make again what is failed, missing, stale or corrupt; what is up to date stays."""
    from pipeline_defs.cli.client import open_api

    body = {name: value for name, value in wishes.items() if value is not None}
    if since is not None:
        body["since"] = since.astimezone().isoformat()
    if reasons:
        body["reasons"] = list(reasons)
    with open_api() as api:
        found = api.send("POST", "/v1/backfills", body, options=OPTIONS)
    current_output().emit(found, lambda: backfill_text(found))


@command()
@limit_option
def backfills(*, limit: int) -> None:
    """List backfills, newest first, and how many of their units are whole by now."""
    from pipeline_defs.cli.client import open_api

    with open_api() as api:
        found = listed(api, "/v1/backfills", {}, limit)
    current_output().emit(found, lambda: past_text(found))


COMMANDS = (backfill, backfills)


def backfill_text(found: dict[str, Any]) -> str:
    """What was queued or would be, a unit a line, and what was left out."""
    from pipeline_defs.cli.tables import line, render, table, usd

    if not found["units"]:
        return "Nothing to do: everything that was looked at is as it should be."
    rows = [
        (
            unit["id"],
            unit["title"],
            ", ".join(f"{count} {reason}" for reason, count in unit["found"].items()),
            unit["parts"],
            usd(unit["cost_usd"]),
            WORDS[unit["outcome"]],
        )
        for unit in found["units"]
    ]
    verb = "Would queue" if found["dry_run"] else "Queued"
    units = f"{found['queued']} unit{'' if found['queued'] == 1 else 's'}"
    summary = f"{verb} {units}, at most about {usd(found['cost_usd'])}."
    if found["unpriced"]:
        summary += f" {found['unpriced']} parts are not in that: they were never made before."
    if found["over_budget"]:
        summary += f" {found['over_budget']} more would exceed the budget."
    if found["price_unknown"]:
        summary += f" Of {found['price_unknown']} more the price is not known: leave out --budget."
    names = ["unit", "title", "found", ">parts", ">cost", "outcome"]
    return render(line(summary, style="bold"), table(names, rows))


def past_text(found: dict[str, Any]) -> str:
    """Past backfills, a line each."""
    from pipeline_defs.cli.tables import moment, render, table, usd

    if not found["items"]:
        return "No backfill has queued anything yet."
    rows = [
        (
            moment(past["started_at"]),
            past["actor"],
            past["line"] or "all lines",
            ", ".join(past["reasons"]),
            past["units"],
            usd(past["cost_usd"]),
            past["whole"],
            past["in_work"],
            past["wanting"],
        )
        for past in found["items"]
    ]
    names = ["at", "who", "line", "what", ">queued", ">cost", ">whole", ">in work", ">wanting"]
    return render(table(names, rows)) + (MORE if found["next"] else "")
