"""The stages of a lecture, as its progress shows them: done of total, and how it stands."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from pipeline_defs.domain.graph import Node
from pipeline_defs.domain.lectures.models import SEGMENT_ASSETS, Lecture
from pipeline_defs.domain.states import FINAL_STATES
from pipeline_defs.web.unit_shape import OPEN_STAGE, StageShape, StageStatus

TITLES = {
    "lecture_script": "Writing the script",
    "segment_image": "Drawing images",
    "segment_narration": "Speaking narrations",
    "segment_start_frame": "Preparing start frames",
    "segment_clip": "Making clips",
    "lecture_music": "Composing music",
    "lecture_video": "Assembling the video",
}
# What is made side by side, and after what.
ORDER: tuple[tuple[str, ...], ...] = (
    ("lecture_script",),
    SEGMENT_ASSETS,
    ("lecture_music", "lecture_video"),
)


@dataclass(frozen=True, slots=True)
class Tally:
    """How many of an asset are in which state."""

    asset: str
    total: int
    ready: int
    failed: int
    skipped: int
    working: int

    @property
    def open(self) -> bool:
        """Whether some of it will still be made as things are."""
        return self.ready + self.failed + self.skipped < self.total


def stages(lecture: Lecture, stale: Collection[Node]) -> list[StageShape]:
    """A stage for each asset; what is stale is not done."""
    shapes: list[StageShape] = []
    open_status = OPEN_STAGE.get(lecture.status, "pending")
    resting = lecture.status in FINAL_STATES
    for together in ORDER:
        tallies = [t for asset in together for t in _tally(lecture, asset, stale)]
        shapes += [_shape(tally, open_status, resting=resting) for tally in tallies]
        if any(tally.open for tally in tallies):
            open_status = "pending"  # what comes later waits for these
    return shapes


def _tally(lecture: Lecture, asset: str, stale: Collection[Node]) -> Iterator[Tally]:
    if asset == "lecture_music" and not lecture.music_tracks:
        return
    if asset in SEGMENT_ASSETS:
        partitions = [segment.key for segment in lecture.segments]
        total = len(partitions) or lecture.segments_wanted
    else:
        partitions, total = [lecture.id], 1
    states = [
        "stale" if Node(asset, key) in stale else lecture.state(asset, key).status
        for key in partitions
    ]
    yield Tally(
        asset,
        total,
        ready=states.count("ready"),
        failed=states.count("failed"),
        skipped=states.count("skipped"),
        working=states.count("working"),
    )


def _shape(tally: Tally, open_status: StageStatus, *, resting: bool) -> StageShape:
    if tally.ready >= tally.total:
        status: StageStatus = "completed"
    elif tally.working:
        status = "running"
    elif tally.open and not (resting and tally.failed):
        status = open_status
    else:
        status = "failed" if tally.failed else "skipped"
    return StageShape(
        name=tally.asset,
        title=TITLES[tally.asset],
        status=status,
        done=tally.ready,
        total=tally.total,
    )
