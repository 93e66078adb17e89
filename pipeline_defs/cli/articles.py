"""`pipeline article new`: an article from a topic."""

from __future__ import annotations

import sys
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pipeline_defs import policies
from pipeline_defs.cli.output import command, current_output, group
from pipeline_defs.cli.unit_argument import UnitRef

if TYPE_CHECKING:
    from pipeline_defs.cli.client import Api

LANGUAGES = ("en", "de", "fr", "es", "it", "nl", "pt", "pl")
OPTIONS = {  # field of the request -> what the user typed it as
    "topic": "TOPIC",
    "sections": "--sections",
    "language": "--language",
    "publish": "--publish",
}


@group()
def article() -> None:
    """Articles: from a topic to a published text with sources."""


@command("new")
@click.argument("topic")
@click.option(
    "--sections",
    type=click.IntRange(1, policies.ARTICLE_MAX_SECTIONS),
    help="How many sections to plan (6 when nothing is said).",
)
@click.option(
    "--outline",
    type=click.Path(exists=True, dir_okay=False, allow_dash=True, path_type=Path),
    help="Your own sections: YAML, JSON, or text with one `title: notes` a line; - for input.",
)
@click.option("--language", type=click.Choice(LANGUAGES), help="Language of the text.")
@click.option(
    "--publish",
    type=click.Choice(("draft", "publish")),
    help="Publish when finished: as a draft, or for everyone to see.",
)
@click.option("--idempotency-key", help="The same key again returns the same article.")
@click.option("--wait", is_flag=True, help="Show progress and wait until it is finished.")
def new(
    *,
    topic: str,
    sections: int | None,
    outline: Path | None,
    language: str | None,
    publish: str | None,
    idempotency_key: str | None,
    wait: bool,
) -> None:
    """Create an article on TOPIC; research and writing follow by themselves."""
    from pipeline_defs.cli.client import open_api

    if not topic.strip():
        raise click.BadParameter("must not be empty", param_hint="TOPIC")
    if sections is not None and outline is not None:
        raise click.UsageError("--sections and --outline exclude each other: give one of them.")
    body: dict[str, Any] = {"topic": topic}
    options = dict(OPTIONS)
    if outline is not None:
        body["sections"] = _read_outline(outline)
        options["sections"] = "--outline"
    elif sections is not None:
        body["sections"] = sections
    body |= {k: v for k, v in (("language", language), ("publish", publish)) if v is not None}
    with open_api() as api:
        key = uuid.uuid4().hex if idempotency_key is None else idempotency_key
        accepted = api.send("POST", "/v1/articles", body, options=options, idempotency_key=key)
        _report(api, accepted, title=topic, wait=wait)


article.add_command(new)
COMMANDS = (article,)


def _report(api: Api, accepted: dict[str, Any], *, title: str, wait: bool) -> None:
    output = current_output()
    if not wait:
        output.emit(accepted, lambda: _accepted_text(accepted, api))
        return
    from pipeline_defs.cli.outcome import report_waited

    output.say(accepted["id"])
    report_waited(api, UnitRef(accepted["kind"], accepted["id"]), output, title=title)


def _accepted_text(accepted: dict[str, Any], api: Api) -> str:
    own = accepted["id"]
    return (
        f"{own}\n"
        f"Studio   {api.absolute(accepted['links']['studio'])}\n"
        f"Follow   pipeline show {own} --wait"
    )


def _read_outline(path: Path) -> list[dict[str, str]]:
    from pipeline_defs.cli.outline_file import OutlineError, parse_outline

    try:
        if str(path) == "-":
            return parse_outline(sys.stdin.read(), "")
        return parse_outline(path.read_text(encoding="utf-8-sig"), path.suffix)
    except UnicodeDecodeError as error:
        raise click.BadParameter(f"{path}: it is not UTF-8 text", param_hint="--outline") from error
    except OSError as error:
        raise click.BadParameter(f"{path}: {error.strerror}", param_hint="--outline") from error
    except OutlineError as error:
        raise click.BadParameter(f"{path}: {error}", param_hint="--outline") from error
