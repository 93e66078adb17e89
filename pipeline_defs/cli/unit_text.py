"""What the terminal says of a unit of any line: how it stands, what went wrong, what to do next."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from rich.text import Text

from pipeline_defs.cli.client import Api
from pipeline_defs.cli.tables import line, one_line, usd
from pipeline_defs.domain.states import FINAL_STATES


def head(unit: dict[str, Any], title: str) -> list[Text]:
    """Title, id, state, the stage it is in, and cost."""
    progress = unit["progress"]
    running = unit["status"] not in FINAL_STATES
    stage = next((s["title"] for s in progress["stages"] if s["status"] == "running"), "")
    return [
        line(title, style="bold"),
        line(
            unit["id"],
            unit["status"],
            f"{progress['percentage']} %",
            stage if running else "",
            usd(unit["cost_usd"]),
        ),
    ]


def failures(found: Iterable[tuple[str, dict[str, Any]]]) -> list[Text]:
    """Errors with their advice; each is said of a place, such as `Section 2`."""
    parts: list[Text] = []
    for where, error in found:
        parts.append(line(f"{where}: {error['message']} ({error['code']})", style="red"))
        if error["advice"]:
            parts.append(Text(f"  {one_line(error['advice'])}"))
    return parts


def unit_failure(unit: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """The error of the unit as a whole, if it has one."""
    if not unit["error"]:
        return []
    return [("Failed" if unit["status"] == "failed" else "Error", unit["error"])]


def next_steps(unit: dict[str, Any], api: Api, links: Iterable[Text], *, stale: bool) -> list[Text]:
    """Where to look, and the command that comes next. `links` are those of its kind."""
    own = unit["id"]
    parts = [Text(), labelled("Studio", api.absolute(unit["links"]["studio"]))]
    if dagster := unit["links"].get("dagster_asset"):
        parts.append(labelled("Dagster", dagster))
    parts += links
    if unit["status"] in ("failed", "cancelled", "incomplete"):
        parts.append(labelled("Go on", f"pipeline resume {own} --wait"))
    elif unit["status"] not in FINAL_STATES:
        parts.append(labelled("Follow", f"pipeline show {own} --wait"))
    if stale and unit["status"] in ("completed", "incomplete"):
        parts.append(labelled("Update", f"pipeline rebuild {own} --wait"))
    return parts


def labelled(label: str, value: str) -> Text:
    """`Studio   http://...`."""
    return Text(f"{label:<9}{one_line(value)}")
