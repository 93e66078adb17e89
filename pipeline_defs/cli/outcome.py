"""How commands that wait for a unit end: its summary, and exit code 1 where it did not succeed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from pipeline_defs.cli import article_text
from pipeline_defs.cli.client import Api
from pipeline_defs.cli.live import wait_for
from pipeline_defs.cli.output import Output
from pipeline_defs.cli.unit_argument import UnitRef

Text = Callable[[dict[str, Any], Api], str]
SUMMARIES: Mapping[str, Text] = {"articles": article_text.summary}
OVERVIEWS: Mapping[str, Text] = {"articles": article_text.overview}
FACTS: Mapping[str, Callable[[dict[str, Any]], dict[str, Any]]] = {"articles": article_text.facts}


def report_waited(
    api: Api,
    unit: UnitRef,
    output: Output,
    *,
    title: str,
    from_now: bool = False,
    wanted: frozenset[str] = frozenset({"completed"}),
) -> None:
    """Wait with live progress, print the unit, end with 1 unless its status is a wanted one."""
    document = wait_for(api, unit, output, title=title, from_now=from_now)
    output.emit(document, lambda: SUMMARIES[unit.kind](document, api))
    if document["status"] not in wanted:
        raise SystemExit(1)


def report_now(api: Api, unit: UnitRef, output: Output, document: dict[str, Any]) -> None:
    """Print the unit as it is."""
    output.emit(document, lambda: OVERVIEWS[unit.kind](document, api))
