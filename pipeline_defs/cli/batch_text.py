"""A batch of pages in the terminal."""

from __future__ import annotations

from typing import Any

from rich.text import Text

from pipeline_defs.cli.client import Api
from pipeline_defs.cli.page_text import duration
from pipeline_defs.cli.program import typed
from pipeline_defs.cli.tables import counted, line, render, usd
from pipeline_defs.cli.unit_text import labelled


def overview(batch: dict[str, Any], api: Api) -> str:
    """How a batch stands."""
    counts = [
        f"{batch[name]} {name}"
        for name in ("completed", "processing", "pending", "failed", "cancelled")
        if batch[name]
    ]
    parts = [
        line(batch["name"] or batch["id"], style="bold"),
        line(
            batch["id"],
            batch["status"],
            f"{batch['percentage']} % of {batch['total']}",
            usd(batch["cost_usd"] or 0),
            duration(batch["eta_seconds"]) if batch["status"] == "processing" else "",
        ),
        line(*counts),
        Text(),
        labelled("Studio", api.absolute(batch["links"]["studio"])),
    ]
    if batch["completed"]:
        parts.append(labelled("Save", typed(f"pages results {batch['id']}")))
    if batch["failed"]:
        parts.append(labelled("Failed", typed(f"pages failures {batch['id']}")))
    return render(*parts)


def summary(batch: dict[str, Any], api: Api) -> str:
    """What became of it."""
    return overview(batch, api)


def facts(batch: dict[str, Any]) -> dict[str, Any]:
    """Name and counts, for short reports."""
    return {name: batch[name] for name in ("total", "completed", "failed")} | {
        "title": batch["name"]
    }


def report_lines(result: dict[str, Any]) -> tuple[list[str], list[tuple[str, str]]]:
    """What the demo's report says of those facts."""
    remarks = [f"{result['completed']} of {counted(result['total'], 'page')}"]
    return remarks, [("Pages", result["links"]["results"])] if result["completed"] else []


def to_try(own: str) -> list[str]:
    """Commands worth trying on it."""
    return [typed("queue"), typed(f"pages results {own} --to ."), typed("pages template")]
