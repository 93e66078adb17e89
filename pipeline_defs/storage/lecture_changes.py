"""The changes users may ask for of a lecture: edit, rebuild, resume."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from pipeline_defs.domain.errors import Permanent
from pipeline_defs.domain.graph import Node, affected, in_words, requested
from pipeline_defs.domain.kinds import LECTURES
from pipeline_defs.domain.lectures import recipe
from pipeline_defs.domain.lectures.graph import graph_of, standing_of
from pipeline_defs.domain.lectures.models import (
    SEGMENT_ASSETS,
    Lecture,
    LectureRebuild,
    Segment,
    SegmentEdit,
)
from pipeline_defs.domain.states import FINAL_STATES
from pipeline_defs.domain.stored_files import files_in
from pipeline_defs.storage import lectures, units
from pipeline_defs.storage.database import Transaction
from pipeline_defs.storage.unit_records import must_rest


async def edit_segment(
    tx: Transaction, lecture_id: str, order: int, edit: SegmentEdit, actor: str
) -> None:
    """Change a segment; what was made from it is stale from now on, also while it is being made."""
    lecture = await lectures.required(tx, lecture_id)
    segment = required_segment(lecture, order)
    changed = edit.model_dump(exclude_none=True)
    picture = edit.picture
    if picture is None and edit.text is not None and edit.text != segment.text:
        picture = ""  # the old description illustrates the old text
    await tx.run(
        "lectures.edit_segment",
        lecture_id=lecture_id,
        segment_order=order,
        heading=edit.heading,
        text=edit.text,
        picture=picture,
        own_text=edit.text is not None,
    )
    await tx.run("units.touch", id=lecture_id)
    if lecture.status not in FINAL_STATES:
        await _make_anew(tx, lecture_id)  # else it waits for a rebuild
    await units.audit(
        tx, actor, "lectures.segment_edited", lecture_id, order=order, fields=sorted(changed)
    )


async def _make_anew(tx: Transaction, lecture_id: str) -> None:
    """What an edit made stale of a lecture at work is due again in the same work."""
    lecture = await lectures.required(tx, lecture_id)
    stale = {
        Node(asset, partition)
        for asset, partition in recipe.nodes(lecture)
        if asset in SEGMENT_ASSETS
        and lecture.state(asset, partition).status == "ready"
        and recipe.is_stale(lecture, asset, partition)
    }
    ready = [
        (node.asset, node.partition)
        for node in affected(graph_of(lecture), stale)
        if lecture.state(node.asset, node.partition).status == "ready"
    ]
    await lectures.reset(tx, lecture_id, ready)


async def rebuild(
    tx: Transaction,
    lecture_id: str,
    request: LectureRebuild,
    actor: str,
    broken: Mapping[Node, dict[str, Any]] | None = None,
) -> list[Node]:
    """Queue what is stale, missing, failed, broken or named, and what depends on it; those nodes.

    `broken`: results whose files were found missing or corrupt, with the error to note. Raises
    Permanent `BUSY` while the lecture is being generated.
    """
    lecture = await _at_rest(tx, lecture_id)
    named = _named(lecture, request)
    if request.fresh:
        for node in named:
            await tx.run(
                "ledger.raise_generation",
                unit_id=lecture_id,
                asset=node.asset,
                partition=node.partition,
            )
    lost = await _lose(tx, lecture, broken or {})
    todo = to_make(lecture, request, lost)
    if not todo and lecture.status == "completed":
        return []
    await _begin_anew(tx, lecture, todo)
    await units.requeue(
        tx, lecture.id, lecture.status, actor, "lectures.rebuild_requested", **request.model_dump()
    )
    return todo


async def repair(
    tx: Transaction,
    lecture_id: str,
    nodes: Collection[Node],
    broken: Mapping[Node, dict[str, Any]],
    actor: str,
) -> None:
    """Queue these nodes, those that are broken, and what depends on them; nothing else is tried
    again, however it stands. Raises Permanent `BUSY` as a rebuild does."""
    lecture = await _at_rest(tx, lecture_id)
    lost = await _lose(tx, lecture, broken)
    graph = graph_of(lecture)
    todo = affected(graph, {*nodes, *lost})
    await _begin_anew(tx, lecture, todo)
    await units.requeue(
        tx,
        lecture.id,
        lecture.status,
        actor,
        "lectures.repair_requested",
        making=in_words(graph, todo),
    )


async def resume(tx: Transaction, lecture_id: str, actor: str) -> None:
    """Go on with a lecture that is not complete: what is ready stays, the rest is tried again.

    A completed one stays as it is.
    """
    lecture = await _at_rest(tx, lecture_id)
    unfinished = {
        Node(asset, partition)
        for asset, partition in recipe.nodes(lecture)
        if lecture.state(asset, partition).status != "ready"
    }
    if not unfinished and lecture.status == "completed":
        return
    todo = affected(graph_of(lecture), unfinished)
    await _begin_anew(tx, lecture, todo)
    await units.requeue(tx, lecture.id, lecture.status, actor, "lectures.resume_requested")


async def _at_rest(tx: Transaction, lecture_id: str) -> Lecture:
    lecture = await lectures.required(tx, lecture_id)
    must_rest(LECTURES.noun, lecture.id, lecture.status)
    return lecture


async def _lose(
    tx: Transaction, lecture: Lecture, broken: Mapping[Node, dict[str, Any]]
) -> Collection[Node]:
    """Take back the results that still name a broken file; which these are."""
    lost = {n: error for n, error in broken.items() if _is_lost(lecture, n, error)}
    for node, error in lost.items():
        await lectures.lose_result(tx, lecture.id, (node.asset, node.partition), error)
    await tx.run("ledger.forget_losses", unit_id=lecture.id)
    return lost.keys()


async def _begin_anew(tx: Transaction, lecture: Lecture, todo: Iterable[Node]) -> None:
    """These wait again, and the lecture's progress says so."""
    await lectures.reset(tx, lecture.id, [(node.asset, node.partition) for node in todo])
    await lectures.count(tx, lecture.id, "queued")


def to_make(lecture: Lecture, request: LectureRebuild, broken: Collection[Node] = ()) -> list[Node]:
    """What a rebuild makes: see `rebuild`. Permanent `NOT_FOUND` for a segment it has not."""
    named = _named(lecture, request)
    return sorted(affected(graph_of(lecture), {*named, *broken}))


def required_segment(lecture: Lecture, order: int) -> Segment:
    """The segment with this number; Permanent `NOT_FOUND` says which there are."""
    if not 1 <= order <= len(lecture.segments):
        raise Permanent(
            "NOT_FOUND",
            f"lecture {lecture.id} has no segment {order}",
            advice=f"Its segments are numbered 1 to {len(lecture.segments)}."
            if lecture.segments
            else "Its script is not written yet.",
        )
    return lecture.segments[order - 1]


def _named(lecture: Lecture, request: LectureRebuild) -> frozenset[Node]:
    """What a request means: the named assets of the named parts, or everything that wants it."""
    for order in request.parts or ():
        required_segment(lecture, order)
    whole = [asset for asset in request.assets or () if asset not in SEGMENT_ASSETS]
    if request.parts is not None and whole:
        raise Permanent(
            "NOT_A_PART",
            "parts were named together with an asset of the whole lecture",
            advice="Name parts only with segment_image, segment_narration, "
            "segment_start_frame or segment_clip.",
        )
    return requested(
        standing_of(lecture), parts=request.parts, assets=request.assets, fresh=request.fresh
    )


def _is_lost(lecture: Lecture, node: Node, error: Mapping[str, object]) -> bool:
    """Whether the result still names the file that was found broken: it may be another by now."""
    result = lecture.state(node.asset, node.partition).result
    return "sha256" not in error or any(
        blob["sha256"] == error["sha256"] for blob in files_in(result)
    )
