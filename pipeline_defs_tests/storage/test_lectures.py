"""Lectures in a real database: creation, edits, what a rebuild and a resume set back to waiting."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

from pipeline_defs.domain.errors import Permanent
from pipeline_defs.domain.graph import Node
from pipeline_defs.domain.lectures import recipe
from pipeline_defs.domain.lectures.models import (
    Lecture,
    LectureRebuild,
    LectureRequest,
    SegmentEdit,
)
from pipeline_defs.domain.lectures.scripts import LectureDraft, SegmentDraft
from pipeline_defs.storage import lecture_changes, lectures, units
from pipeline_defs.storage.database import Database, Transaction
from pipeline_defs.storage.models_in_use import models_in_use

ORG = "acme"
BLOB = {"sha256": "0" * 64, "size": 3, "media_type": "image/png"}
SCRIPT = LectureDraft(
    title="Tides",
    segments=tuple(
        SegmentDraft(heading=f"Part {n}", text=f"Sentence {n}.", picture=f"A diagram of {n}")
        for n in (1, 2, 3)
    ),
)


async def new_lecture(db: Database) -> str:
    request = LectureRequest(topic="Tides", minutes=0.5)
    return await db.transact(ORG, lambda tx: lectures.create(tx, request, "tester"))


async def read(db: Database, lecture_id: str) -> Lecture:
    return await db.transact(ORG, lambda tx: lectures.required(tx, lecture_id))


async def finished(db: Database) -> Lecture:
    """A lecture with everything made, as its workers leave it."""
    lecture_id = await new_lecture(db)

    async def make(tx: Transaction) -> None:
        await units.set_status(tx, lecture_id, "generating")
        await lectures.set_status(tx, lecture_id, ("lecture_script", lecture_id), "working")
        await lectures.put_script(tx, await lectures.required(tx, lecture_id), SCRIPT)

    await db.transact(ORG, make)
    for asset, partition in recipe.nodes(await read(db, lecture_id)):
        await make_asset(db, lecture_id, asset, partition)
    await db.transact(ORG, lambda tx: units.finish(tx, lecture_id, "completed"))
    return await read(db, lecture_id)


async def make_asset(db: Database, lecture_id: str, asset: str, partition: str) -> None:
    lecture = await read(db, lecture_id)
    inputs = recipe.inputs_of(lecture, asset, partition)

    async def write(tx: Transaction) -> None:
        if lecture.state(asset, partition).status == "pending":
            await lectures.set_status(tx, lecture_id, (asset, partition), "working")
        await lectures.store_result(tx, lecture_id, (asset, partition), {"blob": BLOB})
        await tx.each(
            "assets.put",
            unit_id=lecture_id,
            asset=asset,
            partition=partition,
            data_version=f"v-{inputs}",
            code_version=recipe.MAKERS[asset].version(models_in_use()),
            input_hash=inputs,
            input_versions=recipe.sources_of(lecture, asset, partition),
            metadata={},
            cost_usd=0,
            run_id=None,
        )
        await tx.run(
            "assets.reported",
            assets=[asset],
            partitions=[partition],
            data_versions=[f"v-{inputs}"],
        )

    await db.transact(ORG, write)


def pending(lecture: Lecture) -> set[str]:
    """Short names of what waits: `image 2`, `video`."""
    return {
        asset.removeprefix("segment_").removeprefix("lecture_")
        + (f" {int(partition[-3:])}" if "/" in partition else "")
        for asset, partition in recipe.nodes(lecture)
        if lecture.state(asset, partition).status == "pending"
    }


async def rebuild(db: Database, lecture: Lecture, **request: Any) -> list[Node]:
    wanted = LectureRebuild(**request)
    return await db.transact(
        ORG, lambda tx: lecture_changes.rebuild(tx, lecture.id, wanted, "tester")
    )


async def edit(db: Database, lecture: Lecture, order: int, **changes: Any) -> None:
    wanted = SegmentEdit(**changes)
    await db.transact(
        ORG, lambda tx: lecture_changes.edit_segment(tx, lecture.id, order, wanted, "tester")
    )


async def test_a_new_lecture_waits_for_its_script(db: Database) -> None:
    lecture = await read(db, await new_lecture(db))
    assert lecture.segments_wanted == 3
    work = recipe.next_work(lecture)
    assert work is not None
    assert (work.job, work.partitions) == ("write_lecture_script", (lecture.id,))


async def test_a_finished_lecture_needs_nothing(db: Database) -> None:
    lecture = await finished(db)
    assert recipe.wanting(lecture) == []
    assert recipe.next_work(lecture) is None
    assert await rebuild(db, lecture) == []


async def test_a_new_text_is_spoken_and_illustrated_anew_and_nothing_else(db: Database) -> None:
    lecture = await finished(db)
    await edit(db, lecture, 2, text="Another sentence.")
    edited = await read(db, lecture.id)
    assert edited.segments[1].picture == "", "the old description illustrates the old text"
    assert edited.segments[1].own_text
    await rebuild(db, edited)
    assert pending(await read(db, lecture.id)) == {
        "image 2",
        "narration 2",
        "start_frame 2",
        "clip 2",
        "video",
    }


async def test_a_new_picture_leaves_the_narration_alone(db: Database) -> None:
    lecture = await finished(db)
    await edit(db, lecture, 3, picture="A timeline")
    await rebuild(db, lecture)
    assert pending(await read(db, lecture.id)) == {"image 3", "start_frame 3", "clip 3", "video"}


async def test_one_asset_is_made_anew_only_when_asked(db: Database) -> None:
    lecture = await finished(db)
    assert await rebuild(db, lecture, parts=[1], assets=["segment_narration"]) == []
    await rebuild(db, lecture, parts=[1], assets=["segment_narration"], fresh=True)
    assert pending(await read(db, lecture.id)) == {"narration 1", "video"}
    assert recipe.is_stale(await read(db, lecture.id), "segment_narration", lecture.segments[0].key)


async def test_a_broken_file_is_made_again_with_what_rests_on_it(db: Database) -> None:
    lecture = await finished(db)
    key = lecture.segments[0].key
    broken = {Node("segment_start_frame", key): {"code": "BLOB_MISSING", "message": "gone"}}
    wanted = LectureRebuild(assets=["lecture_video"])
    await db.transact(
        ORG, lambda tx: lecture_changes.rebuild(tx, lecture.id, wanted, "tester", broken)
    )
    healed = await read(db, lecture.id)
    assert pending(healed) == {"start_frame 1", "clip 1", "video"}
    assert healed.segments[0].asset("segment_start_frame").result is None


async def test_resume_tries_what_failed_and_what_was_skipped_for_it(db: Database) -> None:
    lecture = await finished(db)
    key = lecture.segments[2].key

    async def fail(tx: Transaction) -> None:
        for asset, status in (("segment_image", "failed"), ("segment_clip", "skipped")):
            await lectures.reset(tx, lecture.id, [(asset, key)])
            if status == "failed":
                await lectures.set_status(tx, lecture.id, (asset, key), "working")
            await lectures.set_status(tx, lecture.id, (asset, key), status, {"code": "X"})

    await db.transact(ORG, fail)
    await db.transact(ORG, lambda tx: lecture_changes.resume(tx, lecture.id, "tester"))
    assert pending(await read(db, lecture.id)) == {"image 3", "start_frame 3", "clip 3", "video"}


async def test_resume_leaves_a_completed_lecture_as_it_is(db: Database) -> None:
    lecture = await finished(db)
    await db.transact(ORG, lambda tx: lecture_changes.resume(tx, lecture.id, "tester"))
    assert (await read(db, lecture.id)).status == "completed"


async def test_a_rebuild_begins_with_the_progress_of_what_stays(db: Database) -> None:
    lecture = await finished(db)
    await edit(db, lecture, 2, picture="Another diagram")
    waiting = await rebuild(db, lecture)
    unit = await db.transact(ORG, lambda tx: units.get(tx, lecture.id))
    assert unit is not None
    nodes = list(recipe.nodes(lecture))
    assert (unit.steps_done, unit.steps_total) == (len(nodes) - len(waiting), len(nodes))


async def test_a_lecture_at_work_refuses_a_rebuild_but_takes_edits(db: Database) -> None:
    lecture = await finished(db)
    await rebuild(db, lecture, fresh=True)
    with pytest.raises(Permanent, match="BUSY"):
        await rebuild(db, lecture)
    await edit(db, lecture, 1, heading="New")
    assert (await read(db, lecture.id)).segments[0].heading == "New"


async def test_the_database_refuses_an_illegal_move_of_an_asset(db: Database) -> None:
    lecture = await finished(db)
    node = ("lecture_video", lecture.id)
    with pytest.raises(psycopg.errors.CheckViolation, match="ready -> working"):
        await db.transact(ORG, lambda tx: lectures.set_status(tx, lecture.id, node, "working"))


async def test_what_was_in_work_waits_again_when_its_worker_is_gone(db: Database) -> None:
    lecture = await finished(db)
    await rebuild(db, lecture, parts=[1], assets=["segment_image"], fresh=True)
    node = ("segment_image", lecture.segments[0].key)
    await db.transact(ORG, lambda tx: lectures.set_status(tx, lecture.id, node, "working"))
    await db.transact(ORG, lambda tx: lectures.settle(tx, lecture.id))
    assert (await read(db, lecture.id)).state(*node).status == "pending"


@pytest.mark.parametrize("order", [0, 4])
async def test_a_segment_that_is_not_there_is_named(db: Database, order: int) -> None:
    lecture = await finished(db)
    with pytest.raises(Permanent, match=f"no segment {order}"):
        await edit(db, lecture, order, heading="New")
