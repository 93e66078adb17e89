"""An article in the terminal: what it is, its sections, what went wrong and what to do next."""

from __future__ import annotations

from typing import Any

from rich.console import RenderableType
from rich.text import Text

from pipeline_defs.cli.client import Api
from pipeline_defs.cli.program import typed
from pipeline_defs.cli.tables import counted, line, render, table
from pipeline_defs.cli.unit_text import failures, head, labelled, next_steps, unit_failure


def overview(article: dict[str, Any], api: Api) -> str:
    """Everything about an article but its text."""
    parts: list[RenderableType] = [*_head(article)]
    if article["sections"]:
        parts += [Text(), _sections(article["sections"])]
    return render(*parts, Text(), *_end(article, api))


def summary(article: dict[str, Any], api: Api) -> str:
    """What became of an article that was waited for."""
    return render(Text(), *_head(article), *_end(article, api))


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


def report_lines(result: dict[str, Any]) -> tuple[list[str], list[tuple[str, str]]]:
    """What the demo's report says of those facts: short remarks, and labelled links."""
    remarks = [
        counted(result[name], noun)
        for name, noun in (("words", "word"), ("references", "reference"))
        if result[name]
    ]
    return remarks, [("Post", result["published"])] if result["published"] else []


def to_try(own: str) -> list[str]:
    """Commands worth trying on a finished article."""
    return [
        typed(f"show {own} --markdown"),
        typed(f'edit {own}/2 --notes "Begin with an everyday example"'),
        typed(f"rebuild {own} --wait"),
    ]


def _head(article: dict[str, Any]) -> list[Text]:
    return head(article, (article["article"] or article)["title"])


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


def _end(article: dict[str, Any], api: Api) -> list[Text]:
    failed = [s for s in article["sections"] if s["error"] and s["status"] == "failed"]
    errors = [(f"Section {s['order']}", s["error"]) for s in failed]
    read = labelled("Read", typed(f"show {article['id']} --markdown"))
    stale = any(section["stale"] for section in article["sections"])
    edits = [(f'{article["id"]}/{s["order"]} --notes "..."', s["error"]) for s in failed]
    links = [read] if article["article"] else []
    return [
        *_results(article),
        *failures([*errors, *unit_failure(article)]),
        *next_steps(article, api, links, stale=stale, edits=edits),
    ]


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
