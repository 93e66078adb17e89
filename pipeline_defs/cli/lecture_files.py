"""`pipeline check` and `pipeline download`: the files of a lecture."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from pipeline_defs.cli.output import CommandError, command, current_output
from pipeline_defs.cli.program import typed
from pipeline_defs.cli.unit_argument import UnitArgument, UnitRef
from pipeline_defs.domain.kinds import LECTURES

FILES = ("video", "captions", "chapters", "poster", "manifest")
lecture_argument = click.argument("unit", metavar="LECTURE", type=UnitArgument())


@command()
@lecture_argument
def check(*, unit: UnitRef) -> None:
    """Read every file of a lecture and compare it with its hash; fails when one is broken."""
    from pipeline_defs.cli.client import open_api

    unit.must_be(LECTURES, "check")
    with open_api() as api:
        found = api.send("POST", f"{unit.path}/check")
    current_output().emit(found, lambda: _check_text(found))
    if not found["healthy"]:
        raise SystemExit(1)


@command()
@lecture_argument
@click.option(
    "--to",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder to save into, made if it is not there (one named after the lecture's id).",
)
def download(*, unit: UnitRef, folder: Path | None) -> None:
    """Save the video of a lecture with its captions, chapters, poster and manifest."""
    from pipeline_defs.cli.client import open_api

    unit.must_be(LECTURES, "download")
    with open_api() as api:
        lecture = api.get(unit.path)
        if lecture["video"] is None:
            raise CommandError(
                f"{unit.id} has no video yet: it is {lecture['status']}, "
                f"{lecture['progress']['percentage']} %",
                code="NO_VIDEO",
            )
        there = [name for name in FILES if name == "video" or lecture["video"][name]]
        to = Path(unit.id) if folder is None else folder
        saved = {name: str(api.download(f"{unit.path}/{name}", to)) for name in there}
    document: dict[str, Any] = {"id": unit.id, "files": saved}
    current_output().emit(document, "\n".join(saved.values()))


COMMANDS = (check, download)


def _check_text(found: dict[str, Any]) -> str:
    from pipeline_defs.cli.graph_text import broken_lines
    from pipeline_defs.cli.tables import counted, render

    if found["healthy"]:
        return f"{counted(found['files'], 'file')}: all there and unchanged."
    text = render(*broken_lines(found["broken"]))
    rebuild = typed(f"rebuild {found['id']} --wait")
    return f"{text}\n{found['advice']}\n  {rebuild}"
