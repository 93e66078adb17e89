"""What a lecture consists of: scripts, media and the video, and how each of them stands."""

from __future__ import annotations

from collections.abc import Mapping

from pipeline_defs import policies
from pipeline_defs.domain.graph import (
    AssetKind,
    Bridge,
    Graph,
    Node,
    Standing,
    UnitGraph,
    refused,
    standing_by,
)
from pipeline_defs.domain.keys import part_key
from pipeline_defs.domain.lectures import recipe
from pipeline_defs.domain.lectures.models import SEGMENT_ASSETS, SEGMENT_WIDTH, Lecture

_LIMITS = policies.CAPABILITY_LIMITS
KINDS: Mapping[str, AssetKind] = {
    "lecture_script": AssetKind(
        "script", "scripts", _LIMITS["text"], whole=True, by_name_only=True
    ),
    "segment_image": AssetKind("image", "images", _LIMITS["image"]),
    "segment_narration": AssetKind("narration", "narrations", _LIMITS["speech"]),
    "segment_start_frame": AssetKind("start frame", "start frames", policies.SEGMENTS_AT_ONCE),
    "segment_clip": AssetKind("clip", "clips", _LIMITS["video"]),
    "lecture_music": AssetKind("music", "pieces of music", _LIMITS["music"], whole=True),
    "lecture_video": AssetKind("video", "videos", policies.LECTURES_AT_ONCE_PER_RUN, whole=True),
}


def build(lecture_id: str, segments: int, *, music: bool) -> Graph:
    """The graph of a lecture of so many segments; without any while its script is not written."""
    script = Node("lecture_script", lecture_id)
    needs: dict[Node, frozenset[Node]] = {script: frozenset()}
    shown: set[Node] = {script}
    for order in range(1, segments + 1):
        key = part_key(lecture_id, order, SEGMENT_WIDTH)
        image, narration, frame, clip = (Node(asset, key) for asset in SEGMENT_ASSETS)
        needs |= {
            image: frozenset({script}),
            narration: frozenset({script}),
            frame: frozenset({image}),
            clip: frozenset({frame}),
        }
        shown |= {narration, clip}
    if music:
        track = Node("lecture_music", lecture_id)
        needs[track] = frozenset()
        shown.add(track)
    needs[Node("lecture_video", lecture_id)] = frozenset(shown)
    return Graph(needs, KINDS)


def graph_of(lecture: Lecture) -> Graph:
    """The graph of what a lecture consists of."""
    return build(lecture.id, len(lecture.segments), music=lecture.music_tracks > 0)


def standing_of(lecture: Lecture) -> UnitGraph:
    """The same, with how it stands."""
    graph = graph_of(lecture)
    standing: dict[Node, Standing] = {node: _standing(lecture, node) for node in graph.nodes}
    for_good = {node for node in graph.nodes if _failed_for_good(lecture, node)}
    return UnitGraph(
        lecture.id,
        graph,
        standing,
        bridges_of(lecture),
        lecture.versions,
        refused(graph, standing, for_good),
    )


def bridges_of(lecture: Lecture) -> tuple[Bridge, ...]:
    """What was asked for, what its segments say and show, and all its media as one."""
    request = Bridge(Node(recipe.LECTURE_REQUEST, lecture.id), recipe.request_version(lecture))
    of_segments = [
        Bridge(Node(asset, segment.key), version(lecture, segment))
        for segment in lecture.segments
        for asset, version in (
            (recipe.SEGMENT_SCRIPT, recipe.script_version),
            (recipe.SEGMENT_PROMPT, recipe.prompt_version),
        )
    ]
    media = Bridge(Node(recipe.LECTURE_MEDIA, lecture.id), recipe.media_version(lecture))
    return (request, *of_segments, media)


def _standing(lecture: Lecture, node: Node) -> Standing:
    match lecture.state(node.asset, node.partition).status:
        case "ready":
            return _of_ready(lecture, node)
        case "failed":
            return "failed"
        case "skipped":
            return "skipped"
        case _:
            return "missing"


def _failed_for_good(lecture: Lecture, node: Node) -> bool:
    state = lecture.state(node.asset, node.partition)
    return state.status == "failed" and not (state.error or {}).get("retryable")


def _of_ready(lecture: Lecture, node: Node) -> Standing:
    made = lecture.version(node.asset, node.partition)
    if made is None:
        return "fresh"
    return standing_by(
        made,
        recipe.code_version(lecture, node.asset),
        recipe.sources_of(lecture, node.asset, node.partition),
        recipe.inputs_of(lecture, node.asset, node.partition),
    )
