"""A lecture's finished video as the API and Studio show it."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, Field

from pipeline_defs.domain.lectures.models import Lecture
from pipeline_defs.web.segment_shape import file_url


class MarkShape(BaseModel):
    """Where a chapter begins."""

    start: float = Field(examples=[20.0])
    title: str


class CheckShape(BaseModel):
    """One check of the finished file, and what it found wrong."""

    name: str = Field(examples=["loudness"])
    faults: list[str]


class FilmShape(BaseModel):
    """The video, its companions, and what was measured on it.

    `loudness` in LUFS, `true_peak` in dBTP, `drift` in seconds between picture and sound;
    `still_segments` are shown as moving stills. `stale`: it no longer follows from its segments.
    """

    url: str
    captions: str | None
    chapters: str | None
    poster: str | None
    manifest: str | None
    version: str
    stale: bool
    seconds: float | None
    size: int
    loudness: float | None
    true_peak: float | None
    drift: float | None
    marks: list[MarkShape]
    still_segments: list[int]
    checks: list[CheckShape]


FILES = {
    "video": "blob",
    "captions": "captions",
    "chapters": "chapters",
    "poster": "poster",
    "manifest": "manifest",
}  # what a file of the film is called in addresses -> its field of the result


def film_shape(lecture: Lecture, *, stale: bool) -> FilmShape | None:
    """The video, None as long as there is none."""
    result = lecture.asset("lecture_video").result
    if result is None:
        return None
    checks: dict[str, list[str]] = result.get("checks") or {}
    return FilmShape(
        url=file_url(lecture.id, result["blob"]),
        captions=_companion(lecture, result, "captions"),
        chapters=_companion(lecture, result, "chapters"),
        poster=_companion(lecture, result, "poster"),
        manifest=_companion(lecture, result, "manifest"),
        version=result["blob"]["sha256"][:16],
        stale=stale,
        seconds=result.get("seconds"),
        size=result["blob"]["size"],
        loudness=result.get("loudness"),
        true_peak=result.get("true_peak"),
        drift=result.get("drift"),
        marks=[MarkShape(start=start, title=title) for start, title in result.get("marks") or ()],
        still_segments=result.get("still_segments") or [],
        checks=[CheckShape(name=name, faults=faults) for name, faults in checks.items()],
    )


def _companion(lecture: Lecture, result: dict[str, Any], name: str) -> str | None:
    reference = result.get(name)
    return file_url(lecture.id, reference) if reference else None
