"""A lecture as the API and Studio show it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, Field

from pipeline_defs.domain.graph import Node, affected
from pipeline_defs.domain.lectures import outcomes, recipe
from pipeline_defs.domain.lectures.graph import graph_of
from pipeline_defs.domain.lectures.models import Lecture
from pipeline_defs.domain.units import Unit
from pipeline_defs.storage import lectures, units
from pipeline_defs.storage.database import Transaction
from pipeline_defs.web.film_shape import FilmShape, film_shape
from pipeline_defs.web.lecture_stages import stages
from pipeline_defs.web.links import Links
from pipeline_defs.web.plan_shape import PlanShape
from pipeline_defs.web.segment_shape import (
    AssetShape,
    SegmentShape,
    asset_fields,
    file_url,
    segment_shape,
)
from pipeline_defs.web.unit_shape import UnitShape, unit_fields


class TrackShape(BaseModel):
    """A piece of music."""

    url: str
    seconds: float | None = None


class MusicAsset(AssetShape):
    """The music of a lecture."""

    tracks: list[TrackShape] = []


class LectureAssets(BaseModel):
    """What is made for the lecture as a whole; no music where none was wanted."""

    lecture_script: AssetShape
    lecture_music: MusicAsset | None
    lecture_video: AssetShape


class LectureShape(UnitShape):
    """A lecture with everything a viewer or a producer needs."""

    topic: str
    language: str
    voice: str
    seconds: int = Field(examples=[60])
    music_tracks: int
    images_per_segment: int
    description: str | None
    warnings: list[str] = Field(examples=[["segment 3: shown as a moving still, without its clip"]])
    video: FilmShape | None
    assets: LectureAssets
    segments: list[SegmentShape]


class RebuiltShape(LectureShape):
    """A lecture that was asked for again, and what is made of it."""

    making: PlanShape


@dataclass(frozen=True, slots=True)
class LectureView:
    """A lecture as read in one transaction."""

    unit: Unit
    lecture: Lecture
    usage: list[dict[str, Any]]


async def read_lecture(tx: Transaction, lecture_id: str) -> LectureView | None:
    """Everything about a lecture; None when it is not there."""
    lecture = await lectures.read(tx, lecture_id)
    unit = await units.get(tx, lecture_id)
    if lecture is None or unit is None:
        return None
    return LectureView(unit, lecture, await tx.all("usage.of_unit", unit_id=lecture_id))


def lecture_shape(view: LectureView, links: Links) -> LectureShape:
    """The public shape of a lecture."""
    return LectureShape(**lecture_fields(view, links))


def lecture_fields(view: LectureView, links: Links) -> dict[str, Any]:
    """The fields of that shape."""
    lecture = view.lecture
    stale = stale_nodes(lecture)
    costs = _costs(view.usage)
    video = film_shape(lecture, stale=Node("lecture_video", lecture.id) in stale)
    fields = unit_fields(view.unit, links, stages(lecture, stale))
    if video is not None:
        fields["links"]["video"] = f"{fields['links']['self']}/video"
    return fields | {
        "topic": lecture.topic,
        "language": lecture.language,
        "voice": lecture.voice,
        "seconds": lecture.seconds,
        "music_tracks": lecture.music_tracks,
        "images_per_segment": lecture.images_per_segment,
        "description": lecture.description,
        "warnings": outcomes.warnings(lecture),
        "video": video,
        "assets": _assets(lecture, stale),
        "segments": [
            segment_shape(lecture, segment, stale, costs.get(segment.key, 0.0))
            for segment in lecture.segments
        ],
    }


def stale_nodes(lecture: Lecture) -> frozenset[Node]:
    """What has a result that no longer follows from what it was made from, near or far."""
    own = {Node(*node) for node in recipe.nodes(lecture) if recipe.is_stale(lecture, *node)}
    reached = affected(graph_of(lecture), own)
    return frozenset(node for node in reached if lecture.version(node.asset, node.partition))


def _assets(lecture: Lecture, stale: frozenset[Node]) -> LectureAssets:
    def fields(name: str) -> dict[str, Any]:
        node = Node(name, lecture.id)
        return asset_fields(lecture.id, lecture.asset(name), stale=node in stale)

    music = None
    if lecture.music_tracks:
        found: list[dict[str, Any]] = (lecture.asset("lecture_music").result or {}).get(
            "tracks", []
        )
        tracks = [
            TrackShape(url=file_url(lecture.id, track["blob"]), seconds=track.get("seconds"))
            for track in found
        ]
        music = MusicAsset(**fields("lecture_music"), tracks=tracks)
    return LectureAssets(
        lecture_script=AssetShape(**fields("lecture_script")),
        lecture_music=music,
        lecture_video=AssetShape(**fields("lecture_video")),
    )


def _costs(usage: list[dict[str, Any]]) -> Mapping[str, float]:
    costs: defaultdict[str, float] = defaultdict(float)
    for line in usage:
        costs[line["partition"]] += float(line["cost_usd"])
    return costs
