"""Studio's page of a lecture: the video, its segments, what a rebuild would make."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from pipeline_defs.domain.graph import Node, affected, in_words
from pipeline_defs.domain.keys import is_unit_id, part_key
from pipeline_defs.domain.kinds import LECTURES
from pipeline_defs.domain.lectures.graph import build, standing_of
from pipeline_defs.domain.lectures.models import (
    SEGMENT_ASSETS,
    SEGMENT_WIDTH,
    Lecture,
    LectureRebuild,
)
from pipeline_defs.domain.lectures.outcomes import title_of
from pipeline_defs.domain.states import FINAL_STATES
from pipeline_defs.storage.database import Transaction
from pipeline_defs.storage.lecture_changes import to_make
from pipeline_defs.storage.prices import prices_of
from pipeline_defs.web.gateway import gateway_of
from pipeline_defs.web.identity import Identity
from pipeline_defs.web.lecture_shape import LectureView, lecture_shape, read_lecture
from pipeline_defs.web.plan_shape import PlanShape, plan_shape
from pipeline_defs.web.studio.rendering import page, signed_in
from pipeline_defs.web.unit_routes import missing

router = APIRouter(include_in_schema=False)


@router.get("/studio/lectures/{lecture_id}")
async def lecture_page(request: Request, lecture_id: str) -> Response:
    """One lecture: video, progress, segments, actions."""
    caller = await signed_in(request)
    if not isinstance(caller, Identity):
        return caller
    if not is_unit_id(lecture_id):
        raise missing(LECTURES)
    gateway = gateway_of(request)

    async def read(
        tx: Transaction,
    ) -> tuple[LectureView | None, dict[str, Any] | None, PlanShape | None]:
        view = await read_lecture(tx, lecture_id)
        plan = await _plan(tx, view.lecture) if view else None
        return view, await tx.one("progress.bounds", unit_id=lecture_id), plan

    view, bounds, plan = await gateway.database.transact(caller.org_id, read)
    if view is None:
        raise missing(LECTURES)
    lecture = view.lecture
    resting = lecture.status in FINAL_STATES
    context = {
        "u": lecture_shape(view, gateway.links),
        "usage": view.usage,
        "plan": plan if resting else None,
        "again": _again(lecture),
        "titles": {asset: title_of(asset) for asset in SEGMENT_ASSETS},
        "resting": resting,
        "last_seq": (bounds["last_seq"] or 0) if bounds else 0,
        "organization": caller.org_id,
    }
    return page("lecture.html", context)


async def _plan(tx: Transaction, lecture: Lecture) -> PlanShape:
    todo = to_make(lecture, LectureRebuild())
    return plan_shape(standing_of(lecture), todo, await prices_of(tx, todo))


def _again(lecture: Lecture) -> dict[str, str]:
    """What making an asset of a segment anew takes along, in words; the same for every segment."""
    graph = build(lecture.id, 1, music=lecture.music_tracks > 0)
    key = part_key(lecture.id, 1, SEGMENT_WIDTH)
    asked = {asset: [Node(asset, key)] for asset in SEGMENT_ASSETS}
    asked["all"] = [node for nodes in asked.values() for node in nodes]
    return {name: in_words(graph, affected(graph, nodes)) for name, nodes in asked.items()}
