"""`pipeline reconcile`: compare our database with the world now, and say what was found."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from pipeline_defs.cli.output import CommandError, command, current_output

if TYPE_CHECKING:
    from pipeline_defs.cli.client import Api


@command()
@click.option("--blobs", is_flag=True, help="Compare the files of the blob store too.")
def reconcile(*, blobs: bool) -> None:
    """Look for what got lost, repair what is safe to repair, say what was found."""
    from pipeline_defs.cli.client import open_api

    output = current_output()
    with open_api() as api:
        asked = api.send("POST", "/v1/reconciliations", {"blobs": blobs})
        output.say(f"Looking; the run is {asked['links']['dagster']}")
        found = _report(api, asked, blobs=blobs)
    output.emit(found, lambda: _text(found))
    if found["faults"]:
        raise SystemExit(1)


COMMANDS = (reconcile,)


def _report(api: Api, asked: dict[str, Any], *, blobs: bool) -> dict[str, Any]:
    """The report of the run, once it is there."""
    import time

    from pipeline_defs import policies

    wait = policies.RECONCILIATION_WAIT + (policies.BLOBS_SWEEP_DEADLINE if blobs else 0)
    until = time.monotonic() + wait
    while time.monotonic() < until:
        items = api.get("/v1/reconciliations", {"run_id": asked["run_id"]})["items"]
        if items:
            return items[0]
        time.sleep(0.5)
    raise CommandError(
        f"No report came within {wait:g} s: look at the run {asked['links']['dagster']}",
        code="NO_REPORT",
    )


def _text(found: dict[str, Any]) -> str:
    from pipeline_defs.cli.tables import render, table

    numbers = ("found", "repaired", "failed", "freed", "removed", "removed_bytes")
    rows = [
        (finding["area"], finding["meaning"], *[finding[name] for name in numbers])
        for finding in found["findings"]
        if finding["found"]
    ]
    names = ["area", "loss", *[f">{name.replace('_', ' ')}" for name in numbers]]
    lines = [render(table(names, rows)) if rows else "Nothing was lost."]
    lines += [
        f"Not looked at: {area}: {fault['message']}. {fault['advice']}".strip()
        for area, fault in found["faults"].items()
    ]
    return "\n".join(lines)
