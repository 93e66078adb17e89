"""`pipeline lecture new`: a narrated video from a topic or a script."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any

import click

from pipeline_defs import policies
from pipeline_defs.cli.creating import create, key_option, language_option, wait_option
from pipeline_defs.cli.minutes import HELP, Minutes
from pipeline_defs.cli.output import command, group
from pipeline_defs.domain.kinds import LECTURES

VOICES = ("warm", "deep", "bright")
BLANK_LINE = re.compile(r"\n[ \t]*\n")
OPTIONS = {  # field of the request -> what the user typed it as
    "topic": "TOPIC",
    "script": "--script",
    "minutes": "--minutes",
    "title": "--title",
    "voice": "--voice",
    "language": "--language",
    "music_tracks": "--music",
    "images_per_segment": "--images",
}


@group()
def lecture() -> None:
    """Lectures: from a topic or a script to a narrated video."""


@command("new")
@click.argument("topic", required=False)
@click.option("--minutes", type=Minutes(), help=HELP)
@click.option(
    "--script",
    type=click.Path(exists=True, dir_okay=False, allow_dash=True, path_type=Path),
    help="Your own text instead of a TOPIC; - for input. Blank lines part it into segments.",
)
@click.option(
    "--title", help="Title of the lecture, with a script of your own (only with --script)."
)
@click.option("--voice", type=click.Choice(VOICES), help="Who speaks (warm).")
@language_option
@click.option(
    "--music",
    "music_tracks",
    type=click.IntRange(0, policies.MUSIC_TRACKS_MAX),
    help="Pieces of music (1).",
)
@click.option(
    "--images",
    "images_per_segment",
    type=click.IntRange(1, policies.IMAGES_PER_SEGMENT_MAX),
    help="Images to choose from for each segment (1).",
)
@key_option
@wait_option
def new(
    *,
    topic: str | None,
    script: Path | None,
    idempotency_key: str | None,
    wait: bool,
    **wishes: Any,
) -> None:
    """Create a lecture on TOPIC, or from a script; it is drawn, spoken and filmed by itself."""
    if (topic is None) == (script is None):
        raise click.UsageError("Give either a TOPIC or --script.")
    if topic is not None and not topic.strip():
        raise click.BadParameter("must not be empty", param_hint="TOPIC")
    if topic is not None and wishes["minutes"] is None:
        raise click.UsageError("--minutes is missing: how long shall the lecture be?")
    if topic is not None and wishes["title"] is not None:
        raise click.UsageError(
            "--title belongs to --script: with a TOPIC the title is found by its writer."
        )
    body = {name: value for name, value in wishes.items() if value is not None}
    if script is not None:
        body["script"] = _read_script(script)
    else:
        body["topic"] = topic
    title = str(topic or wishes["title"] or script)
    create(LECTURES, body, options=OPTIONS, title=title, key=idempotency_key, wait=wait)


lecture.add_command(new)
COMMANDS = (lecture,)


def _read_script(path: Path) -> str | list[str]:
    """The text, or the texts of its segments where blank lines part them."""
    try:
        text = sys.stdin.read() if str(path) == "-" else path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise click.BadParameter(f"{path}: it is not UTF-8 text", param_hint="--script") from error
    except OSError as error:
        raise click.BadParameter(f"{path}: {error.strerror}", param_hint="--script") from error
    parts = [part.strip() for part in BLANK_LINE.split(text) if part.strip()]
    if not parts:
        raise click.BadParameter(f"{path}: it is empty", param_hint="--script")
    return parts if len(parts) > 1 else parts[0]
