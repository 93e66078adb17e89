"""A segment of a lecture as the API and Studio show it: what it says, and how its assets stand."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from pydantic import BaseModel, Field

from pipeline_defs import policies
from pipeline_defs.domain.graph import Node
from pipeline_defs.domain.lectures import outcomes, recipe
from pipeline_defs.domain.lectures.models import AssetState, Lecture, Segment
from pipeline_defs.web.unit_shape import ErrorShape, error_shape


class AssetShape(BaseModel):
    """One asset: how it stands, and its file where there is one.

    `stale`: it no longer follows from what it was made from. The file of the last result stays
    while a newer one is made.
    """

    status: str = Field(examples=["ready"])
    stale: bool
    error: ErrorShape | None = None
    url: str | None = Field(default=None, examples=["/v1/lectures/lecture-.../files/9f86d0..."])
    media_type: str | None = None
    served_by: str | None = None


class ImageShape(BaseModel):
    """One picture; `kind` is drawn, rewritten (another prompt was needed) or title_card."""

    n: int
    url: str
    width: int | None = None
    height: int | None = None
    kind: str = "drawn"
    prompt: str = ""


class ImageAsset(AssetShape):
    """The pictures of a segment; `fallback` and `refusal` say what stands in, and why."""

    urls: list[str] = []
    images: list[ImageShape] = []
    fallback: str | None = None
    refusal: str | None = None


class NarrationAsset(AssetShape):
    """The spoken text: its length, and how it was brought to it (`method`).

    `speech` is from where to where the voice is heard, in seconds of the segment; `wer` the word
    error rate of what was heard when it was transcribed back.
    """

    seconds: float | None = None
    speech: list[float] | None = None
    text: str | None = None
    method: str | None = None
    speed: float | None = None
    wer: float | None = None
    heard: str | None = None


class ClipAsset(AssetShape):
    """The moving picture of a segment."""

    method: str | None = None


class SegmentAssets(BaseModel):
    """Everything made for one segment."""

    segment_image: ImageAsset
    segment_narration: NarrationAsset
    segment_start_frame: AssetShape
    segment_clip: ClipAsset


class SegmentShape(BaseModel):
    """A segment: ten seconds of the lecture, beginning at `start` seconds."""

    n: int
    start: int
    heading: str
    text: str
    picture: str
    status: str = Field(examples=["completed"])
    stale: bool
    narration_seconds: float | None
    assets: SegmentAssets
    cost_usd: float


def segment_shape(
    lecture: Lecture, segment: Segment, stale: Collection[Node], cost_usd: float
) -> SegmentShape:
    """The public shape of a segment; `stale` are the stale nodes of its lecture."""
    assets = {
        name: asset_fields(lecture.id, segment.asset(name), stale=Node(name, segment.key) in stale)
        for name in recipe.SEGMENT_ASSETS
    }
    narration = NarrationAsset(
        **assets["segment_narration"],
        **_of_result(segment.asset("segment_narration"), *NARRATION_FIELDS),
    )
    return SegmentShape(
        n=segment.order,
        start=(segment.order - 1) * policies.SEGMENT_SECONDS,
        heading=segment.heading,
        text=segment.text,
        picture=segment.picture,
        status=outcomes.segment_status(lecture, segment.key),
        stale=any(fields["stale"] for fields in assets.values()),
        narration_seconds=narration.seconds,
        assets=SegmentAssets(
            segment_image=_image(lecture.id, segment, assets["segment_image"]),
            segment_narration=narration,
            segment_start_frame=AssetShape(**assets["segment_start_frame"]),
            segment_clip=ClipAsset(
                **assets["segment_clip"],
                **_of_result(segment.asset("segment_clip"), "method"),
            ),
        ),
        cost_usd=cost_usd,
    )


NARRATION_FIELDS = ("seconds", "speech", "text", "method", "speed", "wer", "heard")


def asset_fields(lecture_id: str, state: AssetState, *, stale: bool) -> dict[str, Any]:
    """The fields that all assets share."""
    blob = (state.result or {}).get("blob")
    return {
        "status": state.status,
        "stale": stale,
        "error": error_shape(state.error),
        "url": file_url(lecture_id, blob) if blob else None,
        "media_type": blob["media_type"] if blob else None,
        "served_by": (state.result or {}).get("served_by"),
    }


def file_url(lecture_id: str, reference: Mapping[str, Any]) -> str:
    """Where a file of a lecture is served."""
    return f"/v1/lectures/{lecture_id}/files/{reference['sha256']}"


def _image(lecture_id: str, segment: Segment, fields: dict[str, Any]) -> ImageAsset:
    result = segment.asset("segment_image").result or {}
    found: list[dict[str, Any]] = result.get("images") or []
    images = [
        ImageShape(
            n=image["n"],
            url=file_url(lecture_id, image["blob"]),
            width=image.get("width"),
            height=image.get("height"),
            kind=image.get("kind") or "drawn",
            prompt=image.get("prompt") or "",
        )
        for image in found
    ]
    if images:
        first = found[0]
        fields = fields | {
            "url": images[0].url,
            "media_type": first["blob"]["media_type"],
            "served_by": first.get("served_by"),
        }
    return ImageAsset(
        **fields,
        urls=[image.url for image in images],
        images=images,
        fallback=result.get("fallback"),
        refusal=result.get("refusal"),
    )


def _of_result(state: AssetState, *names: str) -> dict[str, Any]:
    result = state.result or {}
    return {name: result[name] for name in names if name in result}
