"""A page in the terminal: its stages, its quality, what went wrong and what to do next."""

from __future__ import annotations

from typing import Any

from rich.console import RenderableType
from rich.text import Text

from pipeline_defs.cli.client import Api
from pipeline_defs.cli.program import typed
from pipeline_defs.cli.tables import counted, line, moment, render, table
from pipeline_defs.cli.unit_text import failures, head, labelled, next_steps, unit_failure


def overview(page: dict[str, Any], api: Api) -> str:
    """Everything about a page but its text."""
    return render(*_head(page), Text(), _stages(page["stages"]), Text(), *_end(page, api))


def summary(page: dict[str, Any], api: Api) -> str:
    """What became of a page that was waited for."""
    return render(Text(), *_head(page), *_end(page, api))


def facts(page: dict[str, Any]) -> dict[str, Any]:
    """Title, words and quality of a finished page, for short reports."""
    document = page["document"] or {}
    return {
        "title": document.get("headline") or page["title"],
        "words": document.get("words"),
        "quality": (page["quality"] or {}).get("score"),
    }


def report_lines(result: dict[str, Any]) -> tuple[list[str], list[tuple[str, str]]]:
    """What the demo's report says of those facts."""
    remarks = [counted(result["words"], "word")] if result["words"] else []
    if result["quality"] is not None:
        remarks.append(f"quality {result['quality']} of 100")
    return remarks, []


def to_try(own: str) -> list[str]:
    """Commands worth trying on a finished page."""
    return [
        typed(f"show {own} --html"),
        typed(f"rebuild {own} --asset page_components --fresh --wait"),
    ]


def queue_text(queue: dict[str, Any]) -> str:
    """How the queue stands, and the units of all lines."""
    wait = f"{queue['high']} high, {queue['normal']} normal, {queue['low']} low"
    at_once, workers = queue["max_concurrency"], counted(queue["workers"], "worker")
    lines = [
        f"{'pending':<12}{queue['pending']:>6}  {wait}",
        f"{'processing':<12}{queue['processing']:>6}  of {at_once} at once, {workers}",
        f"{'total':<12}{queue['total']:>6}  {duration(queue['eta_seconds'])}",
    ]
    if queue["paused"]:
        lines.append(f"The queue is paused: {typed('queue resume')}")
    rows = [
        (kind, status, count)
        for kind, statuses in sorted(queue["kinds"].items())
        for status, count in sorted(statuses.items())
    ]
    units = [Text(), table(["kind", "status", ">units"], rows)] if rows else []
    return render(*(Text(text) for text in lines), *units)


def duration(seconds: float | None) -> str:
    """`about 12 s left`; nothing where it is not known."""
    if not seconds:
        return ""
    if seconds < 100:
        return f"about {seconds:.0f} s left"
    return f"about {seconds / 60:.0f} min left"


def _head(page: dict[str, Any]) -> list[Text]:
    job = page["job"]
    where = line(page["page_type"], page["target_url"], page["language"])
    batch = f"{job['batch_id']}, row {job['batch_row']}" if job["batch_id"] else ""
    queued = line(f"priority {job['priority']}", f"score {job['score']}", batch)
    as_of = [line(f"prices as of {moment(page['as_of'])}")] if page["as_of"] else []
    return [*head(page, page["title"]), where, queued, *as_of]


def _stages(stages: list[dict[str, Any]]) -> RenderableType:
    rows = [
        (
            stage["name"],
            stage["status"],
            None if stage["seconds"] is None else f"{stage['seconds']:.2f}",
            (stage["error"] or {}).get("message") or (stage["detail"] or {}).get("reason"),
        )
        for stage in stages
    ]
    return table(["stage", "status", ">seconds", "remark"], rows)


def _end(page: dict[str, Any], api: Api) -> list[Text]:
    stale = any(asset["stale"] for asset in page["assets"])
    report = page["draft"]["quality"] if page["draft"] else page["quality"]
    links = [labelled("Read", typed(f"show {page['id']} --html"))] if page["document"] else []
    return [
        *_quality(report),
        *_publication(page),
        *(line(remark) for remark in page["remarks"]),
        *failures(unit_failure(page)),
        *next_steps(page, api, links, stale=stale, edits=[]),
    ]


def _publication(page: dict[str, Any]) -> list[Text]:
    """Who said what about publishing it, and where it is."""
    approval, publication = page["approval"], page["publication"]
    state = {
        "waiting": f"Waiting for approval of version {approval['version']}",
        "rejected": f"Rejected: {approval['reason']}",
        "approved": f"Approved as {approval['publish']}",
    }.get(approval["state"])
    found = [line(state)] if state else []
    if publication:
        current = "" if publication["current"] else "an earlier version"
        found.append(line(f"Published as {publication['status']}", publication["link"], current))
    elif approval["state"] == "waiting":
        found.append(labelled("Approve", typed(f"approve {page['id']}")))
    return found


def _quality(quality: dict[str, Any] | None) -> list[Text]:
    if not quality:
        return []
    faults = [f for f in quality["findings"] if not f["passed"]]
    parts = [line(f"Quality {quality['score']} of 100")]
    return parts + [
        line(f"{'!' if f['required'] else '·'} {f['check']}: {f['advice']}") for f in faults
    ]
