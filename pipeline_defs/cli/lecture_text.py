"""A lecture in the terminal: its video, its segments, what went wrong and what to do next."""

from __future__ import annotations

from typing import Any

from rich.console import RenderableType
from rich.text import Text

from pipeline_defs.cli.client import Api
from pipeline_defs.cli.program import typed
from pipeline_defs.cli.tables import counted, line, one_line, render, table, usd
from pipeline_defs.cli.unit_text import failures, head, labelled, next_steps, unit_failure

# States that the table says in other words.
SHOWN = {"pending": "-", "failed": "FAILED"}
COLUMNS = {
    "segment_image": "image",
    "segment_narration": "voice",
    "segment_start_frame": "frame",
    "segment_clip": "clip",
}
TEXT_MOST = 60  # characters of a narration in the table


def overview(lecture: dict[str, Any], api: Api) -> str:
    """Everything about a lecture."""
    parts: list[RenderableType] = [*head(lecture, lecture["title"])]
    if lecture["segments"]:
        parts += [Text(), _segments(lecture["segments"])]
    return render(*parts, Text(), *_end(lecture, api))


def summary(lecture: dict[str, Any], api: Api) -> str:
    """What became of a lecture that was waited for."""
    return render(Text(), *head(lecture, lecture["title"]), *_end(lecture, api))


def facts(lecture: dict[str, Any]) -> dict[str, Any]:
    """Title, length, segments, loudness and video of a finished lecture, for short reports."""
    video = lecture["video"] or {}
    return {
        "title": lecture["title"],
        "length": video.get("seconds"),
        "segments": len(lecture["segments"]),
        "loudness": video.get("loudness"),
        "video": lecture["links"].get("video"),
    }


def report_lines(result: dict[str, Any]) -> tuple[list[str], list[tuple[str, str]]]:
    """What the demo's report says of those facts: short remarks, and labelled links.

    The film is no link: a browser has no key to open it with.
    """
    remarks = [counted(result["segments"], "segment")] if result["segments"] else []
    if result["length"] is not None:
        remarks.insert(0, f"{result['length']:g} s of video")
    if result["loudness"] is not None:
        remarks.append(f"{result['loudness']:.1f} LUFS")
    return remarks, []


def to_try(own: str) -> list[str]:
    """Commands worth trying on a finished lecture."""
    return [
        typed(f"download {own}"),
        typed(f'edit {own}/2 --picture "A timeline of the most important steps"'),
        typed(f"plan {own}"),
        typed(f"rebuild {own} --wait"),
    ]


def _segments(segments: list[dict[str, Any]]) -> RenderableType:
    rows = [
        (
            segment["n"],
            segment["heading"],
            *(_state(segment["assets"][asset]) for asset in COLUMNS),
            _seconds(segment["narration_seconds"]),
            usd(segment["cost_usd"]),
            _short(segment["text"]),
            _error(segment),
        )
        for segment in segments
    ]
    names = [">#", "heading", *COLUMNS.values(), ">seconds", ">cost", "text", "error"]
    if not any(row[-1] for row in rows):
        names, rows = names[:-1], [row[:-1] for row in rows]
    return table(names, rows)


def _state(asset: dict[str, Any]) -> str:
    status: str = asset["status"]
    return "stale" if asset["stale"] else SHOWN.get(status, status)


def _error(segment: dict[str, Any]) -> str | None:
    errors = [asset["error"] for asset in segment["assets"].values() if asset["error"]]
    return errors[0]["message"] if errors else None


def _seconds(seconds: float | None) -> str:
    return f"{seconds:.2f}" if seconds is not None else ""


def _short(text: str) -> str:
    text = one_line(text)
    return text if len(text) <= TEXT_MOST else f"{text[: TEXT_MOST - 1]}…"


def _end(lecture: dict[str, Any], api: Api) -> list[Text]:
    failed = [
        (segment["n"], asset, state["error"])
        for segment in lecture["segments"]
        for asset, state in segment["assets"].items()
        if state["error"]
    ]
    errors = [(f"Segment {n}, {COLUMNS[asset]}", error) for n, asset, error in failed]
    edits = [(f'{lecture["id"]}/{n} {_field(asset)} "..."', error) for n, asset, error in failed]
    stale = _is_stale(lecture)
    return [
        *_results(lecture),
        *failures([*errors, *unit_failure(lecture)]),
        *next_steps(lecture, api, _links(lecture, api), stale=stale, edits=edits),
    ]


def _field(asset: str) -> str:
    """The option of `edit` that says what an asset of a segment is made from."""
    return "--text" if asset == "segment_narration" else "--picture"


def _results(lecture: dict[str, Any]) -> list[Text]:
    parts: list[Text] = []
    if video := lecture["video"]:
        faults = [check["name"] for check in video["checks"] if check["faults"]]
        parts.append(
            line(
                f"{video['seconds']:g} s of video" if video["seconds"] is not None else "Video",
                f"{video['loudness']:.1f} LUFS" if video["loudness"] is not None else "",
                f"{video['drift'] * 1000:.0f} ms drift" if video["drift"] is not None else "",
                f"faulty: {', '.join(faults)}" if faults else "",
                "older than its segments: `rebuild` brings it up to date" if video["stale"] else "",
            )
        )
    parts += [line(f"Note: {warning}", style="yellow") for warning in lecture["warnings"]]
    return parts


def _links(lecture: dict[str, Any], api: Api) -> list[Text]:
    video = lecture["links"].get("video")
    if video is None:
        return []
    save = labelled("Save", typed(f"download {lecture['id']}"))
    return [labelled("Video", api.absolute(video)), save]


def _is_stale(lecture: dict[str, Any]) -> bool:
    video = lecture["video"]
    return any(s["stale"] for s in lecture["segments"]) or bool(video and video["stale"])
