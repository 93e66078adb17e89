"""Lectures: create, list, read, cancel, resume, edit a segment."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import BackgroundTasks, Body, Path, Request
from fastapi.exceptions import RequestValidationError
from starlette.responses import Response

from pipeline_defs.domain.kinds import LECTURES
from pipeline_defs.domain.lectures.models import MAX_SEGMENTS, LectureRequest, SegmentEdit
from pipeline_defs.runtime import control
from pipeline_defs.runtime.inspection import inspect_now
from pipeline_defs.storage import lecture_changes, lectures
from pipeline_defs.web.gateway import Gateway, gateway_of
from pipeline_defs.web.identity import Identity
from pipeline_defs.web.lecture_shape import (
    LectureShape,
    LectureView,
    lecture_shape,
    read_lecture,
)
from pipeline_defs.web.routes import BODY, CONFLICT, MISSING, Caller, api_router, example
from pipeline_defs.web.submissions import IdempotencyKey, submit
from pipeline_defs.web.unit_routes import add_list_route, checked, missing
from pipeline_defs.web.unit_shape import Accepted

router = api_router("lectures")
KIND = LECTURES.name
LectureId = Annotated[str, Path(examples=["lecture-20261123-k7m2qx9c"])]

CREATE_EXAMPLES: dict[str, Any] = {
    **example("from a topic", {"topic": "How volcanoes erupt", "minutes": 1}),
    **example(
        "with wishes",
        {
            "topic": "How volcanoes erupt",
            "minutes": 2.5,
            "voice": "deep",
            "language": "en",
            "music_tracks": 2,
            "images_per_segment": 2,
        },
    ),
    **example(
        "a script of your own",
        {
            "title": "Two facts about volcanoes",
            "script": [
                "A volcano is an opening in the crust of a planet. Through it molten rock, ash and "
                "hot gases escape from a chamber far below.",
                "Most volcanoes stand where plates of the crust pull apart or meet. A few grow "
                "over hot spots, far from any border of a plate.",
            ],
        },
    ),
}
EDIT_EXAMPLES = {
    **example("say it in other words", {"text": "Magma rises because it is lighter than rock."}),
    **example("show something else", {"picture": "A cross-section of a volcano with labels"}),
}


@router.post(
    "/v1/lectures",
    status_code=202,
    response_model=Accepted,
    responses={**BODY, **CONFLICT},
)
async def create_lecture(
    request: Request,
    caller: Caller,
    lecture: Annotated[LectureRequest, Body(openapi_examples=CREATE_EXAMPLES)],
    _key: IdempotencyKey = None,
) -> Response:
    """Create a narrated video from a topic or a script; all of it is made by itself."""
    return await submit(
        request, caller, LECTURES, lambda tx: lectures.create(tx, lecture, caller.actor)
    )


add_list_route(router, LECTURES)


@router.get("/v1/lectures/{lecture_id}", responses=MISSING)
async def get_lecture(request: Request, caller: Caller, lecture_id: LectureId) -> LectureShape:
    """A lecture with its video, segments and their assets, progress and cost."""
    return await shape_of(gateway_of(request), caller, lecture_id)


@router.post("/v1/lectures/{lecture_id}/cancel", responses=MISSING)
async def cancel_lecture(request: Request, caller: Caller, lecture_id: LectureId) -> LectureShape:
    """Cancel in any state; a finished lecture stays as it is."""
    gateway = gateway_of(request)
    unit_id = checked(LECTURES, lecture_id)
    await gateway.database.transact(
        caller.org_id, lambda tx: control.cancel(tx, gateway.lines[KIND], unit_id, caller.actor)
    )
    return await shape_of(gateway, caller, unit_id)


@router.post("/v1/lectures/{lecture_id}/resume", status_code=202, responses={**MISSING, **CONFLICT})
async def resume_lecture(request: Request, caller: Caller, lecture_id: LectureId) -> LectureShape:
    """Go on with a lecture that is not complete; what is ready stays."""
    gateway = gateway_of(request)
    unit_id = checked(LECTURES, lecture_id)
    await gateway.database.transact(
        caller.org_id, lambda tx: lecture_changes.resume(tx, unit_id, caller.actor)
    )
    gateway.wake()
    return await shape_of(gateway, caller, unit_id)


@router.patch("/v1/lectures/{lecture_id}/segments/{n}", responses={**MISSING, **BODY})
async def edit_segment(
    request: Request,
    caller: Caller,
    lecture_id: LectureId,
    n: Annotated[int, Path(ge=1, le=MAX_SEGMENTS, examples=[3])],
    edit: Annotated[SegmentEdit, Body(openapi_examples=EDIT_EXAMPLES)],
    afterwards: BackgroundTasks,
) -> LectureShape:
    """Change what a segment says or shows; what was made from it is stale until it is rebuilt."""
    gateway = gateway_of(request)
    unit_id = checked(LECTURES, lecture_id)
    if not edit.model_dump(exclude_none=True):
        raise RequestValidationError([NOTHING_TO_CHANGE])
    await gateway.database.transact(
        caller.org_id,
        lambda tx: lecture_changes.edit_segment(tx, unit_id, n, edit, caller.actor),
    )
    afterwards.add_task(
        inspect_now,
        gateway.database,
        gateway.settings.dagster_url,
        caller.org_id,
        gateway.lines[KIND],
        unit_id,
    )
    return await shape_of(gateway, caller, unit_id)


NOTHING_TO_CHANGE = {
    "type": "nothing_to_change",
    "loc": ("body",),
    "msg": "changes nothing: give `heading`, `text` or `picture`",
}


async def view_of(gateway: Gateway, caller: Identity, lecture_id: str) -> LectureView:
    """A lecture of the caller's organization; Problem 404 when there is none."""
    unit_id = checked(LECTURES, lecture_id)
    view = await gateway.database.transact(caller.org_id, lambda tx: read_lecture(tx, unit_id))
    if view is None:
        raise missing(LECTURES)
    return view


async def shape_of(gateway: Gateway, caller: Identity, lecture_id: str) -> LectureShape:
    """The same as the API shows it."""
    return lecture_shape(await view_of(gateway, caller, lecture_id), gateway.links)
