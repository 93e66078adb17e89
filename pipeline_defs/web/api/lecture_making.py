"""Making a lecture again, and checking its files."""

from __future__ import annotations

from typing import Annotated

from fastapi import Body, Request, Response
from pydantic import BaseModel, Field

from pipeline_defs import policies
from pipeline_defs.domain.graph import Node
from pipeline_defs.domain.lectures import recipe
from pipeline_defs.domain.lectures.graph import standing_of
from pipeline_defs.domain.lectures.models import Lecture, LectureRebuild
from pipeline_defs.domain.states import FINAL_STATES
from pipeline_defs.runtime.integrity import Broken
from pipeline_defs.storage import lecture_changes
from pipeline_defs.storage.database import Transaction
from pipeline_defs.storage.prices import prices_of
from pipeline_defs.web.api.lectures import LectureId, lecture_routes
from pipeline_defs.web.gateway import Gateway, gateway_of
from pipeline_defs.web.identity import Identity
from pipeline_defs.web.lecture_shape import RebuiltShape, lecture_fields
from pipeline_defs.web.plan_shape import BrokenShape, broken_shapes, plan_shape
from pipeline_defs.web.routes import BODY, CONFLICT, MISSING, Caller, api_router, example

router = api_router("lectures")
REBUILD_EXAMPLES = {
    **example("whatever is stale, failed or broken", {}),
    **example("the image of segment 3, made anew", {
        "parts": [3], "assets": ["segment_image"], "fresh": True,
    }),
}  # fmt: skip


class CheckReport(BaseModel):
    """Whether every file of a lecture is there and unchanged."""

    id: str
    healthy: bool
    files: int = Field(examples=[25])
    broken: list[BrokenShape]
    advice: str | None = None


@router.post(
    "/v1/lectures/{lecture_id}/rebuild",
    status_code=202,
    responses={
        200: {"model": RebuiltShape, "description": "There was nothing to make."},
        **MISSING,
        **CONFLICT,
        **BODY,
    },
)
async def rebuild_lecture(
    request: Request,
    answer: Response,
    caller: Caller,
    lecture_id: LectureId,
    rebuild: Annotated[LectureRebuild | None, Body(openapi_examples=REBUILD_EXAMPLES)] = None,
) -> RebuiltShape:
    """Make again what is stale, missing, failed or broken, or what is named; what follows from it
    follows. `fresh` pays for it anew. `making` says what it is; 200 when there is nothing."""
    gateway = gateway_of(request)
    wanted = rebuild or LectureRebuild()
    before = (await lecture_routes.view_of(gateway, caller, lecture_id)).lecture
    broken = await broken_files(gateway, caller, before) if before.status in FINAL_STATES else []

    lost = {result.node: result.as_error() for result in broken}

    async def queue(tx: Transaction) -> tuple[list[Node], dict[Node, float | None]]:
        todo = await lecture_changes.rebuild(tx, lecture_id, wanted, caller.actor, lost)
        return todo, await prices_of(tx, todo)

    todo, prices = await gateway.database.transact(caller.org_id, queue)
    gateway.wake()
    view = await lecture_routes.view_of(gateway, caller, lecture_id)
    if view.unit.status in FINAL_STATES:
        answer.status_code = 200
    fields = lecture_fields(view, gateway.links)
    making = plan_shape(standing_of(view.lecture), todo, prices, broken)
    return RebuiltShape(**fields, making=making)


@router.post("/v1/lectures/{lecture_id}/check", responses=MISSING)
async def check_lecture(request: Request, caller: Caller, lecture_id: LectureId) -> CheckReport:
    """Read every file of a lecture and compare it with its hash. Nothing is changed by it."""
    gateway = gateway_of(request)
    lecture = (await lecture_routes.view_of(gateway, caller, lecture_id)).lecture
    broken = await gateway.files.find_broken(recipe.files(lecture), deep=True)
    return CheckReport(
        id=lecture.id,
        healthy=not broken,
        files=len(recipe.files(lecture)),
        broken=broken_shapes(broken),
        advice="Rebuild the lecture: what is broken is made again, and what follows from it."
        if broken
        else None,
    )


async def broken_files(gateway: Gateway, caller: Identity, lecture: Lecture) -> list[Broken]:
    """What is wrong with the files: read where they are few, else only looked for."""
    files = recipe.files(lecture)
    deep = sum(file["size"] for _, file in files) <= policies.REBUILD_DEEP_CHECK_BYTES
    return await gateway.files.find_broken(files, deep=deep)
