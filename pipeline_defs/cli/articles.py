"""`pipeline article new`: an article from a topic."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from pipeline_defs import policies
from pipeline_defs.cli.creating import create, key_option, language_option, wait_option
from pipeline_defs.cli.output import command, group
from pipeline_defs.domain.kinds import ARTICLES

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
@language_option
@click.option(
    "--publish",
    type=click.Choice(("draft", "publish")),
    help="Publish when finished: as a draft, or for everyone to see.",
)
@key_option
@wait_option
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
    create(ARTICLES, body, options=options, title=topic, key=idempotency_key, wait=wait)


article.add_command(new)
COMMANDS = (article,)


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
