"""`pipeline queue ...`: the queue of pages, and what failed in it."""

from __future__ import annotations

from typing import Any

import click

from pipeline_defs.cli.listing import MORE, limit_option, listed
from pipeline_defs.cli.output import JsonGroup, command, current_output
from pipeline_defs.cli.pages import PRIORITIES
from pipeline_defs.cli.unit_argument import UnitArgument, UnitRef
from pipeline_defs.domain.kinds import PAGES

STATUSES = ("pending", "processing", "completed", "failed", "cancelled")
batch_option = click.option("--batch", "batch_id", help="Only those of this batch.")
code_option = click.option("--code", help="Only those with this error code.")
retryable_option = click.option(
    "--retryable/--not-retryable",
    default=None,
    help="Only those that may succeed when they are tried again, or only the others.",
)
page_argument = click.argument("unit", metavar="PAGE", type=UnitArgument())


@click.group(cls=JsonGroup, invoke_without_command=True)
@click.pass_context
def queue(context: click.Context) -> None:
    """Show how many pages wait and are in work; or change that."""
    if context.invoked_subcommand is None:
        _show("GET", "/v1/queue")


@command("pause")
def pause() -> None:
    """Begin no further page; those in work are finished."""
    _show("POST", "/v1/queue/pause")


@command("resume")
def resume() -> None:
    """Begin pages again."""
    _show("POST", "/v1/queue/resume")


@command("boost")
@page_argument
@click.argument("priority", type=click.Choice(PRIORITIES, case_sensitive=False))
def boost(*, unit: UnitRef, priority: str) -> None:
    """Give a page that waits another priority."""
    from pipeline_defs.cli.client import open_api

    unit.must_be(PAGES, "queue boost")
    with open_api() as api:
        found = api.send("POST", f"{unit.path}/priority", {"priority": priority})
    current_output().emit(found, f"{unit.id} has priority {found['job']['priority']}.")


@command("jobs")
@click.option("--status", type=click.Choice(STATUSES))
@click.option("--priority", type=click.Choice(PRIORITIES, case_sensitive=False))
@batch_option
@limit_option
def jobs(*, limit: int, **filters: Any) -> None:
    """List the pages of the queue, newest first; those of a batch as they stand in its file."""
    from pipeline_defs.cli.client import open_api

    with open_api() as api:
        found = listed(api, "/v1/queue/jobs", filters, limit)
    current_output().emit(found, lambda: _jobs_text(found))


@command("failed")
@batch_option
@code_option
@retryable_option
@limit_option
def failed(*, limit: int, **filters: Any) -> None:
    """List pages that failed for good."""
    from pipeline_defs.cli.client import open_api

    with open_api() as api:
        found = listed(api, "/v1/dead-letters", filters, limit)
    current_output().emit(found, lambda: _failed_text(found))


@command("replay")
@click.argument("pages", metavar="[PAGE]...", nargs=-1)
@batch_option
@code_option
@retryable_option
@click.option("--since", help="Only those that failed at this moment or later (ISO 8601).")
def replay(*, pages: tuple[str, ...], **filters: Any) -> None:
    """Queue failed pages again: the named ones, or all that fit."""
    from pipeline_defs.cli.client import open_api

    wanted = {"ids": list(pages) or None, **filters}
    chosen = {name: value for name, value in wanted.items() if value is not None}
    with open_api() as api:
        found = api.send("POST", "/v1/dead-letters/replay", {"filter": chosen})
    more = "; there are more: run it again" if found["more"] else ""
    current_output().emit(found, f"{len(found['replayed'])} queued again{more}.")


for _command in (pause, resume, boost, jobs, failed, replay):
    queue.add_command(_command)
COMMANDS = (queue,)


def _show(method: str, path: str) -> None:
    from pipeline_defs.cli.client import open_api
    from pipeline_defs.cli.page_text import queue_text

    with open_api() as api:
        found = api.get(path) if method == "GET" else api.send(method, path)
    current_output().emit(found, lambda: queue_text(found))


def _jobs_text(found: dict[str, Any]) -> str:
    from pipeline_defs.cli.tables import render, table, usd

    rows = [
        (
            job["batch_row"] or "",
            job["id"],
            "waits for approval" if job["waits_for_approval"] else job["status"],
            job["priority"],
            job["score"],
            f"{job['percentage']} %",
            usd(job["cost_usd"]),
            job["title"],
        )
        for job in found["items"]
    ]
    names = [">row", "id", "status", "priority", ">score", ">done", ">cost", "title"]
    return render(table(names, rows)) + _more(found) if rows else "There are none."


def _failed_text(found: dict[str, Any]) -> str:
    from pipeline_defs.cli.tables import moment, render, table

    rows = [
        (
            letter["id"],
            moment(letter["failed_at"]),
            (letter["error"] or {}).get("code"),
            (letter["error"] or {}).get("message"),
            letter["title"],
        )
        for letter in found["items"]
    ]
    names = ["id", "failed", "code", "reason", "title"]
    return render(table(names, rows)) + _more(found) if rows else "None."


def _more(found: dict[str, Any]) -> str:
    return MORE if found["next"] else ""
