"""How a lecture ended: complete, or usable with parts that could not be made."""

from __future__ import annotations

from typing import Any

from pipeline_defs import policies
from pipeline_defs.domain.errors import ErrorRecord
from pipeline_defs.domain.lectures import recipe
from pipeline_defs.domain.lectures.graph import KINDS
from pipeline_defs.domain.lectures.models import Lecture


def outcome_of(lecture: Lecture) -> tuple[str, ErrorRecord | None]:
    """`completed`; `incomplete` with what is missing, why, and what to do about it; `failed` where
    there is no video of what there is."""
    failed = [node for node in recipe.nodes(lecture) if lecture.state(*node).status == "failed"]
    skipped = [node for node in recipe.nodes(lecture) if lecture.state(*node).status == "skipped"]
    if not failed and not skipped:
        return "completed", None
    video = lecture.asset("lecture_video")
    if video.status == "failed":
        return "failed", _record(video.error or {})
    errors = [lecture.state(*node).error or {} for node in failed]
    first = errors[0] if errors else {}
    named = ", ".join(_name(lecture, node) for node in (failed or skipped)[:5])
    more = len(failed or skipped) - 5
    return "incomplete", ErrorRecord(
        code=str(first.get("code") or "PARTS_MISSING"),
        message=f"could not be made: {named}{f' and {more} more' if more > 0 else ''}"
        + (f" ({first['message']})" if first.get("message") else ""),
        retryable=any(bool(error.get("retryable")) for error in errors),
        advice="The video shows what there is. Resume to try the missing parts again, or change "
        "what those segments say or show and rebuild.",
    )


def _record(error: dict[str, Any]) -> ErrorRecord:
    return ErrorRecord(
        code=str(error.get("code") or "UNKNOWN"),
        message=f"the video could not be made: {error.get('message') or 'for no known reason'}",
        retryable=bool(error.get("retryable")),
        advice=str(error.get("advice") or "Resume to try it again."),
    )


def segment_status(lecture: Lecture, key: str) -> str:
    """One word for a segment: pending, working, completed, incomplete or failed."""
    states = [lecture.segment(key).asset(asset).status for asset in recipe.SEGMENT_ASSETS]
    for status in ("working", "failed", "pending", "skipped"):
        if status in states:
            return {"skipped": "incomplete"}.get(status, status)
    return "completed"


def warnings(lecture: Lecture) -> list[str]:
    """What is not as it was asked for, in words: what stands in for it, what a check found."""
    found: list[str] = []
    for segment in lecture.segments:
        kind = (segment.asset("segment_image").result or {}).get("fallback")
        if kind == "title_card":
            found.append(f"segment {segment.order}: a title card stands in for a refused image")
        elif kind == "rewritten":
            found.append(f"segment {segment.order}: drawn from a rewritten prompt")
        narration = segment.asset("segment_narration").result
        if narration is not None:
            found += _of_speech(segment.order, narration)
    film = lecture.asset("lecture_video").result or {}
    without = [
        segment.order
        for segment in lecture.segments
        if segment.asset("segment_clip").status in ("failed", "skipped")
    ]
    stills = film.get("still_segments", without)
    found += [f"segment {n}: shown as a moving still, without its clip" for n in stills]
    faults = [fault for check in film.get("checks", {}).values() for fault in check]
    return found + [f"video: {fault}" for fault in faults]


def _of_speech(order: int, narration: dict[str, Any]) -> list[str]:
    begin, end = narration["speech"]
    if end - begin >= policies.NARRATION_SPOKEN_LEAST:
        return []
    words = len(narration["text"].split())
    wanted = round(words * policies.SEGMENT_SECONDS / max(end - begin, 1.0))
    spoken = f"only {end - begin:.1f} of {policies.SEGMENT_SECONDS} seconds are spoken"
    return [f"segment {order}: {spoken}: about {wanted} words fill them, it has {words}"]


def title_of(asset: str) -> str:
    """An asset in a word or two."""
    return KINDS[asset].one


def _name(lecture: Lecture, node: tuple[str, str]) -> str:
    asset, partition = node
    if partition == lecture.id:
        return title_of(asset)
    return f"{title_of(asset)} of segment {lecture.segment(partition).order}"
