"""Commands on a unit of any line: show, resume, cancel, approve, reject."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

from pipeline_defs.cli.creating import wait_option
from pipeline_defs.cli.output import CommandError, command, current_output
from pipeline_defs.cli.unit_argument import UnitArgument, UnitRef
from pipeline_defs.domain.kinds import ARTICLES, CAMPAIGNS, PAGES
from pipeline_defs.domain.states import FINAL_STATES

if TYPE_CHECKING:
    from pipeline_defs.cli.client import Api

WRONG_USAGE = 2
version_option = click.option(
    "--version", help="Of a page: the document that was looked at, if not the one there is now."
)
unit_argument = click.argument("unit", metavar="UNIT", type=UnitArgument())


@command()
@click.argument("unit", metavar="UNIT", type=UnitArgument(parts_of=CAMPAIGNS))
@click.option("--markdown", "form", flag_value="markdown", help="Print an article as Markdown.")
@click.option("--html", "form", flag_value="html", help="Print an article or a page as HTML.")
@wait_option
def show(*, unit: UnitRef, form: str | None, wait: bool) -> None:
    """Show a unit with its parts, its results and what went wrong.

    CAMPAIGN/NNN shows one call of a campaign.
    """
    from pipeline_defs.cli.client import open_api
    from pipeline_defs.cli.outcome import report_now, report_waited
    from pipeline_defs.cli.tables import plain

    if form == "html" and unit.line == PAGES:
        _show_page(unit)
        return
    if form:
        unit.must_be(ARTICLES, f"--{form}")
    if form and wait:
        raise click.UsageError(f"--wait and --{form} exclude each other.")
    if unit.part is not None:
        _show_call(unit, wait=wait)
        return
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


def _show_call(unit: UnitRef, *, wait: bool) -> None:
    from pipeline_defs.cli.call_text import call_text
    from pipeline_defs.cli.client import open_api

    if wait:
        raise click.UsageError(f"--wait is for the whole campaign: {unit.id}.")
    with open_api() as api, part_must_exist(api, unit):
        call = api.get(unit.part_path)
        campaign = api.get(unit.path)
    current_output().emit(call, lambda: call_text(call, campaign, api))


def _show_page(unit: UnitRef) -> None:
    from pipeline_defs.cli.client import open_api

    with open_api() as api:
        document = api.get(unit.path)
    if document["document"] is None:
        raise CommandError(
            f"{unit.id} is not assembled yet: it is {document['status']}, "
            f"{document['progress']['percentage']} %",
            code="NO_TEXT",
        )
    current_output().emit(document, document["document"]["html"])


@command()
@unit_argument
@wait_option
def resume(*, unit: UnitRef, wait: bool) -> None:
    """Go on with a unit that is not complete; what is finished stays."""
    ask(unit, "resume", wait=wait)


@command()
@unit_argument
@wait_option
def cancel(*, unit: UnitRef, wait: bool) -> None:
    """Cancel a unit; a finished one stays as it is."""
    ask(unit, "cancel", wait=wait, wanted=FINAL_STATES)


@command()
@unit_argument
@click.option("--publish", is_flag=True, help="For everyone to see, not only as a draft.")
@click.option("--unpublished", is_flag=True, help="The public post was taken back on the site.")
@version_option
@wait_option
def approve(
    *, unit: UnitRef, publish: bool, unpublished: bool, version: str | None, wait: bool
) -> None:
    """Approve publication of an article or a page, as a draft unless --publish is given."""
    body: dict[str, Any] = {"status": "publish" if publish else "draft"}
    if unpublished:
        body["unpublished"] = True
    if unit.line == PAGES:
        body["version"] = version or _present_version(unit)
    else:
        unit.must_be(ARTICLES, "approve")
    ask(unit, "approve", body, {"status": "--publish", "version": "--version"}, wait=wait)


@command()
@click.argument("unit", metavar="PAGE", type=UnitArgument())
@click.argument("reason")
@version_option
def reject(*, unit: UnitRef, reason: str, version: str | None) -> None:
    """Say why a finished page is not published."""
    unit.must_be(PAGES, "reject")
    body = {"version": version or _present_version(unit), "reason": reason}
    ask(unit, "reject", body, {"reason": "REASON", "version": "--version"}, wait=False)


COMMANDS = (show, resume, cancel, approve, reject)


def ask(
    unit: UnitRef,
    action: str,
    body: dict[str, Any] | None = None,
    options: dict[str, str] | None = None,
    *,
    wait: bool,
    wanted: frozenset[str] = frozenset({"completed"}),
) -> None:
    """Ask for an action; show the unit as it is then, or wait for what becomes of it.

    Where there is nothing to make that is said, and nothing is waited for.
    """
    from pipeline_defs.cli.client import open_api
    from pipeline_defs.cli.graph_text import fresh_option
    from pipeline_defs.cli.outcome import report_now, report_waited

    output = current_output()
    with open_api() as api, part_must_exist(api, unit):
        document = api.send("POST", f"{unit.path}/{action}", body, options=options)
        if action == "cancel" and document["status"] in FINAL_STATES - {"cancelled"}:
            output.emit(document, f"Already {document['status']}: there is nothing to cancel.")
            return
        making = document.get("making")
        if making is not None and not making["total"]:
            output.emit(document, f"Nothing to do. {fresh_option(making['advice'])}")
            return
        if making is not None:
            output.say(f"Making {making['summary']}.")
        if wait:
            title = document["title"]
            report_waited(api, unit, output, title=title, from_now=True, wanted=wanted)
        else:
            report_now(api, unit, output, document)


def _present_version(unit: UnitRef) -> str:
    from pipeline_defs.cli.client import open_api

    with open_api() as api:
        page = api.get(unit.path)
    if page["approval"]["version"] is None:
        raise CommandError(f"{unit.id} has no finished document to decide about", code="NO_TEXT")
    return page["approval"]["version"]


@contextmanager
def part_must_exist(api: Api, unit: UnitRef) -> Generator[None]:
    """Within the block a refusal is wrong usage where the unit has parts, but not this one."""
    from pipeline_defs.cli.client import Refused

    try:
        yield
    except Refused as refusal:
        if (
            refusal.status == 404
            and unit.part is not None
            and api.get(unit.path)[unit.line.parts]  # refused likewise where there is no unit
        ):
            raise CommandError(refusal.message, WRONG_USAGE, refusal.code) from refusal
        raise
