"""Lectures: create, list, read, cancel, resume, edit a segment."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import BackgroundTasks, Body, Path, Request
from fastapi.exceptions import RequestValidationError
from starlette.responses import Response

from pipeline_defs.domain.kinds import LECTURES
from pipeline_defs.domain.lectures.models import MAX_SEGMENTS, LectureRequest, SegmentEdit
from pipeline_defs.storage import lecture_changes, lectures
from pipeline_defs.web.lecture_shape import LectureShape, lecture_shape, read_lecture
from pipeline_defs.web.routes import BODY, CONFLICT, MISSING, Caller, api_router, example
from pipeline_defs.web.submissions import IdempotencyKey, submit
from pipeline_defs.web.unit_routes import UnitRoutes
from pipeline_defs.web.unit_shape import Accepted

router = api_router("lectures")
lecture_routes = UnitRoutes(router, LECTURES, read_lecture, lecture_shape, LectureShape)
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


lecture_routes.add_list()
lecture_routes.add_get("A lecture with its video, segments and their assets, progress and cost.")
lecture_routes.add_cancel("Cancel in any state; a finished lecture stays as it is.")
lecture_routes.add_resume("Go on with a lecture that is not complete; what is ready stays.")


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
    if not edit.model_dump(exclude_none=True):
        raise RequestValidationError([NOTHING_TO_CHANGE])
    return await lecture_routes.edited(
        request,
        caller,
        lecture_id,
        lambda tx: lecture_changes.edit_segment(tx, lecture_id, n, edit, caller.actor),
        afterwards,
    )


NOTHING_TO_CHANGE = {
    "type": "nothing_to_change",
    "loc": ("body",),
    "msg": "changes nothing: give `heading`, `text` or `picture`",
}
