"""How commands that wait for a unit end: its summary, and exit code 1 where it did not succeed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from pipeline_defs.cli import article_text, batch_text, campaign_text, lecture_text, page_text
from pipeline_defs.cli.client import Api
from pipeline_defs.cli.live import wait_for
from pipeline_defs.cli.output import Output
from pipeline_defs.cli.unit_argument import UnitRef


class Words(Protocol):
    """What a module says of the units of its kind."""

    def overview(self, unit: dict[str, Any], api: Api, /) -> str:
        """Everything about it."""
        ...

    def summary(self, unit: dict[str, Any], api: Api, /) -> str:
        """What became of it."""
        ...

    def facts(self, unit: dict[str, Any], /) -> dict[str, Any]:
        """The figures of a finished one."""
        ...

    def report_lines(self, result: dict[str, Any], /) -> tuple[list[str], list[tuple[str, str]]]:
        """Those figures in words, and labelled links."""
        ...

    def to_try(self, own: str, /) -> list[str]:
        """Commands worth trying on it."""
        ...


WORDS: Mapping[str, Words] = {
    "articles": article_text,
    "lectures": lecture_text,
    "pages": page_text,
    "batches": batch_text,
    "campaigns": campaign_text,
}


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
    output.emit(document, lambda: WORDS[unit.kind].summary(document, api))
    if document["status"] not in wanted:
        raise SystemExit(1)


def report_now(api: Api, unit: UnitRef, output: Output, document: dict[str, Any]) -> None:
    """Print the unit as it is."""
    output.emit(document, lambda: WORDS[unit.kind].overview(document, api))
