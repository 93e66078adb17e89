"""The last page of a demo: the finished results, where everything is, what to try next."""

from __future__ import annotations

from typing import Any

from rich.text import Text

from pipeline_defs.cli.outcome import WORDS
from pipeline_defs.cli.program import typed
from pipeline_defs.cli.tables import line, one_line, render, usd


def report_text(document: dict[str, Any]) -> str:
    """The report for people."""
    results = document["results"]
    return render(
        *(part for result in results for part in _result(result)),
        Text(),
        _label("Studio", f"{document['studio']}  (sign in with the API key)"),
        _label("Dagster", document["dagster"]["url"]),
        _label("API", document["api_docs"]),
        _label("API key", document["api_key"]),
        Text(),
        Text("Try next", style="bold"),
        *(_label("", command) for command in _commands(results)),
    )


def _result(result: dict[str, Any]) -> list[Text]:
    done = result["status"] == "completed"
    remarks, results = WORDS[result["kind"]].report_lines(result)
    parts = [
        Text(),
        Text.assemble(
            ("✓ " if done else "✗ ", "green" if done else "red"),
            (one_line(result["title"]), "bold"),
        ),
        _joined(result["demo"], "made by an earlier demo" if result["reused"] else ""),
        _joined(
            result["status"],
            *remarks,
            usd(result["cost_usd"]),
            f"{result['seconds']} s",
        ),
    ]
    if error := result["error"]:
        parts.append(Text(f"  {one_line(error['message'])} ({error['code']})", style="red"))
        parts.append(Text(f"  {one_line(error['advice'])}"))
    links = result["links"]
    names = (("Studio", links.get("studio")), ("Dagster", links.get("dagster_asset")), *results)
    return parts + [_label(name, link) for name, link in names if link]


def _commands(results: list[dict[str, Any]]) -> list[str]:
    own = [
        command
        for result in results
        if result["status"] == "completed"
        for command in WORDS[result["kind"]].to_try(result["id"])
    ]
    return [
        *own,
        typed('article new "Black holes" --sections 4 --wait'),
        typed('lecture new "Why we sleep" --minutes 1 --wait'),
        typed("status"),
    ]


def _joined(*parts: str) -> Text:
    return Text.assemble("  ", line(*parts))


def _label(label: str, value: str) -> Text:
    return Text(f"  {label:<9}{one_line(value)}" if label else f"  {one_line(value)}")
