"""An article in the terminal: what it is, its sections, what went wrong and what to do next."""

from __future__ import annotations

from typing import Any

from rich.console import RenderableType
from rich.text import Text

from pipeline_defs.cli.client import Api
from pipeline_defs.cli.tables import counted, line, one_line, render, table, usd
from pipeline_defs.domain.states import FINAL_STATES


def overview(article: dict[str, Any], api: Api) -> str:
    """Everything about an article but its text."""
    parts: list[RenderableType] = [*_head(article)]
    if article["sections"]:
        parts += [Text(), _sections(article["sections"])]
    return render(*parts, Text(), *_results(article), *_failures(article), *_next(article, api))


def summary(article: dict[str, Any], api: Api) -> str:
    """What became of an article that was waited for."""
    return render(
        Text(), *_head(article), *_results(article), *_failures(article), *_next(article, api)
    )


def facts(article: dict[str, Any]) -> dict[str, Any]:
    """Title, words, references and publication of a finished article, for short reports."""
    edition = article["article"] or {}
    publication = article["publication"] or {}
    return {
        "title": edition.get("title") or article["title"],
        "words": edition.get("word_count"),
        "references": len(edition["bibliography"]) if edition else None,
        "published": publication.get("link"),
    }


def _head(article: dict[str, Any]) -> list[Text]:
    progress = article["progress"]
    running = article["status"] not in FINAL_STATES
    stage = next((s["title"] for s in progress["stages"] if s["status"] == "running"), "")
    title = (article["article"] or article)["title"]
    return [
        line(title, style="bold"),
        line(
            article["id"],
            article["status"],
            f"{progress['percentage']} %",
            stage if running else "",
            usd(article["cost_usd"]),
        ),
    ]


def _sections(sections: list[dict[str, Any]]) -> RenderableType:
    rows = [
        (
            section["order"],
            section["title"],
            section["status"],
            "stale" if section["stale"] else "",
            section["word_count"],
            len(section["citations"]) if section["word_count"] else None,
            (section["error"] or {}).get("message"),
        )
        for section in sections
    ]
    names = [">#", "section", "status", "stale", ">words", ">citations", "error"]
    if not any(row[-1] for row in rows):
        names, rows = names[:-1], [row[:-1] for row in rows]
    return table(names, rows)


def _results(article: dict[str, Any]) -> list[Text]:
    parts: list[Text] = []
    if edition := article["article"]:
        state = (
            "older than its sections: `rebuild` brings it up to date" if edition["stale"] else ""
        )
        references = counted(len(edition["bibliography"]), "reference")
        parts.append(line(counted(edition["word_count"], "word"), references, state))
    if publication := article["publication"]:
        state = "" if publication["current"] else "not the current edition"
        parts.append(line(f"Published as {publication['status']}", publication["link"], state))
    return parts


def _failures(article: dict[str, Any]) -> list[Text]:
    parts: list[Text] = []
    failed = [s for s in article["sections"] if s["error"] and s["status"] == "failed"]
    found = [(f"Section {s['order']}", s["error"]) for s in failed]
    if article["error"]:
        found.append(("Failed" if article["status"] == "failed" else "Error", article["error"]))
    for where, error in found:
        parts.append(line(f"{where}: {error['message']} ({error['code']})", style="red"))
        if error["advice"]:
            parts.append(Text(f"  {one_line(error['advice'])}"))
    return parts


def _next(article: dict[str, Any], api: Api) -> list[Text]:
    own = article["id"]
    parts = [Text(), _labelled("Studio", api.absolute(article["links"]["studio"]))]
    if dagster := article["links"].get("dagster_asset"):
        parts.append(_labelled("Dagster", dagster))
    if article["article"]:
        parts.append(_labelled("Read", f"pipeline show {own} --markdown"))
    if article["status"] in ("failed", "cancelled"):
        parts.append(_labelled("Go on", f"pipeline resume {own} --wait"))
    elif article["status"] not in FINAL_STATES:
        parts.append(_labelled("Follow", f"pipeline show {own} --wait"))
    elif any(s["stale"] for s in article["sections"]):
        parts.append(_labelled("Update", f"pipeline rebuild {own} --wait"))
    return parts


def _labelled(label: str, value: str) -> Text:
    return Text(f"{label:<9}{one_line(value)}")
