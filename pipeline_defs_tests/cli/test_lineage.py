"""`pipeline lineage`: the tree, what is folded in it, and the export."""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import Any

import pytest

from pipeline_defs.cli.lineage_text import lineage_text
from pipeline_defs.domain.lectures import graph, recipe
from pipeline_defs_tests.cli.conftest import GatewayThread, Pipeline
from pipeline_defs_tests.web.filming import Studio
from pipeline_defs_tests.web.open_lineage_rules import assert_is_run_event

LECTURE = "lecture-20260101-zzzzzzzz"


@pytest.fixture
def finished(served: GatewayThread) -> str:
    """A finished lecture of three segments."""
    return served.do(Studio(served.world).made())


def lecture_of(segments: int, stale: Collection[str] = ()) -> dict[str, Any]:
    """The lineage of a finished lecture; of `stale` segments the image is no more what it was."""
    nodes: list[dict[str, Any]] = []
    built = graph.build(LECTURE, segments, music=True)
    for node in built.nodes:
        is_stale = node.asset == "segment_image" and node.partition[-3:] in stale
        rests_on: dict[str, list[str]] = {}
        for need in sorted(built.needs[node]):
            rests_on.setdefault(need.asset, []).append(need.partition)
        nodes.append(
            {
                "asset": node.asset,
                "partition": node.partition,
                "standing": "stale" if is_stale else "fresh",
                "version": "1f2e3d4c5b6a7988",
                "made_from": [
                    {"asset": source, "version": "0123456789abcdef", "is_current": not is_stale}
                    for source in recipe.NEEDS[node.asset]
                ],
                "rests_on": rests_on,
                "cost_usd": 0.25,
                "made_at": "2026-11-28T05:00:00+00:00",
            }
        )
    return {"id": LECTURE, "title": "Tides", "nodes": nodes}


def row_of(shown: str, name: str) -> str:
    """The one row of the tree that begins so, behind its lines."""
    (row,) = (r for r in shown.splitlines() if r.lstrip("│├└─ ").startswith(name))
    return row


def test_below_each_result_stands_what_it_was_made_from(pipeline: Pipeline, finished: str) -> None:
    result = pipeline("lineage", finished)
    assert result.exit_code == 0, result.output
    heading, columns, top, media, *_ = result.stdout.splitlines()
    assert heading.startswith("How honey bees dance · 15 results · $")
    assert columns.split() == ["stands", "version", "cost", "made", "at"]
    assert top.startswith("lecture_video ")
    assert media.startswith("└─ lecture_media ")
    depths = [
        row_of(result.stdout, name).index("segment_")
        for name in ("segment_clip 002", "segment_start_frame 002", "segment_image 002",
                     "segment_prompt 002")
    ]  # fmt: skip
    assert depths == [6, 9, 12, 15]
    told = json.loads(pipeline("lineage", finished, "--json").stdout)
    nodes = {(node["asset"], node["part"]): node for node in told["nodes"]}
    image = nodes["segment_image", 2]
    shown = row_of(result.stdout, "segment_image 002").split()
    assert {"fresh", image["version"][:8]} <= set(shown)


def test_what_several_were_made_from_stands_there_once_and_is_referred_to(
    pipeline: Pipeline, finished: str
) -> None:
    rows = [r for r in pipeline("lineage", finished).stdout.splitlines() if "lecture_script" in r]
    assert [r.split()[-1] == "above" for r in rows] == [False, *[True] * 6]


def test_what_changed_since_is_said_where_it_was_used(pipeline: Pipeline, finished: str) -> None:
    pipeline("edit", f"{finished}/2", "--picture", "A single bee on a comb")
    shown = pipeline("lineage", finished).stdout
    image = row_of(shown, "segment_image 002")
    assert " stale " in image
    assert "from segment_prompt " in image
    assert image.endswith(", changed since")
    assert shown.count("changed since") == 1


def test_a_lecture_of_six_segments_is_shown_whole() -> None:
    shown = lineage_text(lecture_of(6), whole=False)
    assert shown == lineage_text(lecture_of(6), whole=True)
    assert " more " not in shown


def test_of_many_branches_that_are_alike_the_first_stands_for_all() -> None:
    shown = lineage_text(lecture_of(99), whole=False)
    assert len(shown.splitlines()) < 20
    clips = row_of(shown, "98 more segment_clip")
    assert clips.endswith("002 to 099, like 001")
    assert f"${98 * 3 * 0.25:.2f}" in clips, "what is not shown is counted: clip, frame and image"
    whole = lineage_text(lecture_of(99), whole=True)
    assert "more" not in whole
    assert all(row_of(whole, f"segment_clip {order:03d}") for order in range(1, 100))


def test_a_branch_that_is_not_like_the_others_is_not_folded() -> None:
    shown = lineage_text(lecture_of(99, stale={"050"}), whole=False)
    assert " stale " in row_of(shown, "segment_image 050")
    assert row_of(shown, "97 more segment_clip").endswith("002 to 049, 051 to 099, like 001")


def test_the_export_is_one_open_lineage_event_a_line(pipeline: Pipeline, finished: str) -> None:
    result = pipeline("lineage", finished, "--open-lineage")
    assert result.exit_code == 0, result.output
    events = [json.loads(text) for text in result.stdout.splitlines()]
    assert len(events) == 15
    for event in events:
        assert_is_run_event(event)
    assert events[-1]["job"]["name"] == "lecture_video"
    assert events[-1]["run"]["facets"]["parent"]["job"]["name"] == "dagster"
