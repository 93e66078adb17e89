"""`pipeline campaign ...`: phone interviews that decide hypotheses."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from pipeline_defs.cli.creating import create, key_option, wait_option
from pipeline_defs.cli.output import CommandError, command, current_output, group
from pipeline_defs.cli.unit_argument import UnitArgument, UnitRef
from pipeline_defs.cli.units import ask, part_must_exist
from pipeline_defs.domain.kinds import CAMPAIGNS

WRONG_USAGE = 2
campaign_argument = click.argument("unit", metavar="CAMPAIGN", type=UnitArgument())


@group()
def campaign() -> None:
    """Campaigns: phone interviews, their transcripts, claims and verdicts."""


@command("new")
@click.argument(
    "file", type=click.Path(exists=True, dir_okay=False, allow_dash=True, path_type=Path)
)
@key_option
@wait_option
def new(*, file: Path, idempotency_key: str | None, wait: bool) -> None:
    """Create a campaign from a YAML or JSON FILE; its contacts are called by themselves.

    - stands for input. docs/campaigns.md says what a file holds.
    """
    from pipeline_defs.cli.campaign_file import read_campaign
    from pipeline_defs.domain.calls.files import CampaignFileError

    try:
        body = read_campaign(file)
    except CampaignFileError as error:
        text = "\n".join(f"  {line}" for line in str(error).splitlines())
        raise CommandError(f"{file} cannot be used:\n{text}", WRONG_USAGE, "BAD_FILE") from error
    title = str(body.get("title") or file)
    create(CAMPAIGNS, body, options={}, title=title, key=idempotency_key, wait=wait)


@command("pause")
@campaign_argument
def pause(*, unit: UnitRef) -> None:
    """Place no further calls; those on the line go on, and are read."""
    unit.must_be(CAMPAIGNS, "campaign pause")
    ask(unit, "pause", wait=False)


@command("unpause")
@campaign_argument
def unpause(*, unit: UnitRef) -> None:
    """Place calls again."""
    unit.must_be(CAMPAIGNS, "campaign unpause")
    ask(unit, "unpause", wait=False)


@command("transcript")
@click.argument("unit", metavar="CAMPAIGN/NNN", type=UnitArgument(part_required=True))
def transcript(*, unit: UnitRef) -> None:
    """Print what was said in a call, and what was taken from it."""
    from pipeline_defs.cli.campaign_text import transcript_text
    from pipeline_defs.cli.client import open_api

    unit.must_be(CAMPAIGNS, "campaign transcript")
    with open_api() as api, part_must_exist(api, unit):
        found = api.get(unit.part_path)
    current_output().emit(found, lambda: transcript_text(found))


@command("report")
@campaign_argument
@click.option(
    "--to",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder to save into, made if it is not there (one named after the campaign's id).",
)
def report(*, unit: UnitRef, folder: Path | None) -> None:
    """Save the report of a campaign: Markdown with quotes, tables as CSV."""
    from pipeline_defs.cli.client import open_api

    unit.must_be(CAMPAIGNS, "campaign report")
    with open_api() as api:
        found = api.get(unit.path)
        if found["report"] is None:
            raise CommandError(
                f"{unit.id} has no report yet: it is {found['status']}, "
                f"{found['progress']['percentage']} %",
                code="NO_REPORT",
            )
        to = Path(unit.id) if folder is None else folder
        files: dict[str, str] = found["report"]["files"]
        saved = {name: str(api.download(path, to)) for name, path in files.items()}
    document: dict[str, Any] = {"id": unit.id, "files": saved}
    current_output().emit(document, "\n".join(saved.values()))


for _command in (new, pause, unpause, transcript, report):
    campaign.add_command(_command)
COMMANDS = (campaign,)
