"""What the terminal says of a unit of any line: how it stands, what went wrong, what to do next."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from rich.text import Text

from pipeline_defs.cli.client import Api
from pipeline_defs.cli.creating import EXAMPLES
from pipeline_defs.cli.program import typed
from pipeline_defs.cli.tables import line, one_line, usd
from pipeline_defs.domain.states import FINAL_STATES

# Arguments of `edit` that change what failed, and the error.
Edit = tuple[str, dict[str, Any]]
# Failures of the request itself: it fails again until it is changed. Others are mended elsewhere.
OF_THE_REQUEST = frozenset(
    {
        "BAD_REQUEST",
        "CONTENT_POLICY",
        "NARRATION_TOO_LONG",
        "NO_SOURCES",
        "OUTPUT_TOO_LONG",
        "REFUSED",
        "TOO_LARGE",
    }
)


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


def next_steps(
    unit: dict[str, Any],
    api: Api,
    links: Iterable[Text],
    *,
    stale: bool,
    edits: Sequence[Edit],
) -> list[Text]:
    """Where to look, and the commands that come next. `links` are those of its kind."""
    parts = [Text(), labelled("Studio", api.absolute(unit["links"]["studio"]))]
    if dagster := unit["links"].get("dagster_asset"):
        parts.append(labelled("Dagster", dagster))
    return [*parts, *links, *_commands(unit, stale=stale, edits=edits)]


def _commands(unit: dict[str, Any], *, stale: bool, edits: Sequence[Edit]) -> list[Text]:
    own, status = unit["id"], unit["status"]
    if status not in FINAL_STATES:
        return [labelled("Follow", typed(f"show {own} --wait"))]
    lasting = [e for e in (unit["error"], *(e for _, e in edits)) if e and not e["retryable"]]
    if lasting and status in ("failed", "incomplete"):
        return _mending(unit, edits)
    found: list[Text] = []
    if status != "completed":
        found.append(labelled("Go on", typed(f"resume {own} --wait")))
    if stale and status in ("completed", "incomplete"):
        found.append(labelled("Update", typed(f"rebuild {own} --wait")))
    return found


def _mending(unit: dict[str, Any], edits: Sequence[Edit]) -> list[Text]:
    """What to do about a failure that going on would meet again; its advice is said already."""
    for arguments, error in edits:
        if error["code"] in OF_THE_REQUEST:
            rebuild = labelled("Then", typed(f"rebuild {unit['id']} --wait"))
            return [labelled("Edit", typed(f"edit {arguments}")), rebuild]
    if unit["error"] and unit["error"]["code"] in OF_THE_REQUEST:
        return [labelled("Anew", typed(EXAMPLES[unit["kind"]]))]
    return [labelled("Then", typed(f"resume {unit['id']} --wait"))]


def labelled(label: str, value: str) -> Text:
    """`Studio   http://...`."""
    return Text(f"{label:<9}{one_line(value)}")
