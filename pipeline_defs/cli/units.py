"""Commands on a unit of any line: show, rebuild, resume, cancel, approve, edit."""

from __future__ import annotations

from typing import Any

import click

from pipeline_defs.cli.output import CommandError, command, current_output
from pipeline_defs.cli.unit_argument import UnitArgument, UnitRef
from pipeline_defs.domain.states import FINAL_STATES

ASSETS = ("article_outline", "section_research", "section_draft", "article")
unit_argument = click.argument("unit", metavar="UNIT", type=UnitArgument())
wait_option = click.option("--wait", is_flag=True, help="Show progress until it is finished.")


@command()
@unit_argument
@click.option("--markdown", "form", flag_value="markdown", help="Print the text as Markdown.")
@click.option("--html", "form", flag_value="html", help="Print the text as HTML.")
@wait_option
def show(*, unit: UnitRef, form: str | None, wait: bool) -> None:
    """Show a unit with its parts, its results and what went wrong."""
    from pipeline_defs.cli.client import open_api
    from pipeline_defs.cli.outcome import report_now, report_waited
    from pipeline_defs.cli.tables import plain

    if form and wait:
        raise click.UsageError(f"--wait and --{form} exclude each other.")
    output = current_output()
    with open_api() as api:
        document = api.get(unit.path)
        if wait:
            over = document["status"] in FINAL_STATES  # then its history is of no interest
            report_waited(api, unit, output, title=document["title"], from_now=over)
        elif form is None:
            report_now(api, unit, output, document)
        elif document["article"] is None:
            raise CommandError(
                f"{unit.id} has no text yet: it is {document['status']}, "
                f"{document['progress']['percentage']} %",
                code="NO_TEXT",
            )
        else:
            output.emit(document, plain(document["article"][form]))


@command()
@click.argument("unit", metavar="UNIT[/NN]", type=UnitArgument(parts=True))
@click.option("--asset", "assets", type=click.Choice(ASSETS), multiple=True, help="Only this one.")
@click.option("--fresh", is_flag=True, help="Make and pay for it anew, even if it is up to date.")
@wait_option
def rebuild(*, unit: UnitRef, assets: tuple[str, ...], fresh: bool, wait: bool) -> None:
    """Make again what is stale, missing or failed; with /NN that section."""
    body: dict[str, Any] = {"fresh": fresh}
    if unit.part is not None:
        body["parts"] = [unit.part]
    if assets:
        body["assets"] = list(assets)
    options = {"assets": "--asset", "parts": "UNIT/NN", "fresh": "--fresh"}
    _ask(unit, "rebuild", body, options, wait=wait)


@command()
@unit_argument
@wait_option
def resume(*, unit: UnitRef, wait: bool) -> None:
    """Go on with a failed or cancelled unit; what is finished stays."""
    _ask(unit, "resume", wait=wait)


@command()
@unit_argument
@wait_option
def cancel(*, unit: UnitRef, wait: bool) -> None:
    """Cancel a unit; a finished one stays as it is."""
    _ask(unit, "cancel", wait=wait, wanted=FINAL_STATES)


@command()
@unit_argument
@click.option("--publish", is_flag=True, help="For everyone to see, not only as a draft.")
@wait_option
def approve(*, unit: UnitRef, publish: bool, wait: bool) -> None:
    """Approve publication, as a draft unless --publish is given."""
    body = {"status": "publish" if publish else "draft"}
    _ask(unit, "approve", body, {"status": "--publish"}, wait=wait)


@command()
@click.argument("unit", metavar="UNIT/NN", type=UnitArgument(part_required=True))
@click.option("--title", help="New title.")
@click.option("--notes", help="New notes: what the section is to be about.")
def edit(*, unit: UnitRef, title: str | None, notes: str | None) -> None:
    """Change the brief of a section; what was made from it is stale until it is rebuilt."""
    from pipeline_defs.cli.client import open_api
    from pipeline_defs.cli.outcome import report_now

    body = {k: v for k, v in (("title", title), ("notes", notes)) if v is not None}
    if not body:
        raise click.UsageError("Nothing to change: give --title or --notes.")
    with open_api() as api:
        options = {"title": "--title", "notes": "--notes"}
        document = api.send("PATCH", unit.part_path, body, options=options)
        report_now(api, unit, current_output(), document)


COMMANDS = (show, rebuild, resume, cancel, approve, edit)


def _ask(
    unit: UnitRef,
    action: str,
    body: dict[str, Any] | None = None,
    options: dict[str, str] | None = None,
    *,
    wait: bool,
    wanted: frozenset[str] = frozenset({"completed"}),
) -> None:
    """Ask for an action; show the unit as it is then, or wait for what becomes of it."""
    from pipeline_defs.cli.client import open_api
    from pipeline_defs.cli.outcome import report_now, report_waited

    output = current_output()
    with open_api() as api:
        document = api.send("POST", f"{unit.path}/{action}", body, options=options)
        if wait:
            title = document["title"]
            report_waited(api, unit, output, title=title, from_now=True, wanted=wanted)
        else:
            report_now(api, unit, output, document)
