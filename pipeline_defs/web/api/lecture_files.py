"""Files of a lecture: whatever its results refer to, and nothing else; whole or in ranges."""

from __future__ import annotations

import re
from collections.abc import Callable, Coroutine
from typing import Annotated, Any

from fastapi import Path, Query, Request
from starlette.responses import RedirectResponse, Response, StreamingResponse

from pipeline_defs.domain.kinds import LECTURES
from pipeline_defs.storage import lecture_files, units
from pipeline_defs.storage.database import Transaction
from pipeline_defs.web.api.lectures import LectureId, lecture_routes
from pipeline_defs.web.file_answers import FILE, ServedFile, serve
from pipeline_defs.web.file_names import file_name
from pipeline_defs.web.film_shape import FILES
from pipeline_defs.web.gateway import Gateway, gateway_of
from pipeline_defs.web.identity import Identity
from pipeline_defs.web.problems import Problem, not_found
from pipeline_defs.web.routes import MISSING, Caller, api_router
from pipeline_defs.web.segment_shape import file_url
from pipeline_defs.web.unit_routes import checked

router = api_router("lectures")
SHA256 = re.compile(r"[0-9a-f]{64}")
Download = Annotated[bool, Query(description="Save it under a readable name.")]


@router.head("/v1/lectures/{lecture_id}/files/{sha256}", include_in_schema=False)
@router.get(
    "/v1/lectures/{lecture_id}/files/{sha256}", responses=FILE, response_class=StreamingResponse
)
async def lecture_file(
    request: Request,
    caller: Caller,
    lecture_id: LectureId,
    sha256: Annotated[str, Path(examples=["9f86d081884c7d65..."])],
    download: Download = False,
    film: Annotated[
        str | None,
        Query(
            max_length=20,
            description="Which file of the video is meant, where a segment has the same.",
            examples=["poster"],
        ),
    ] = None,
) -> Response:
    """A picture, narration, clip, video or companion of a lecture; Range requests are answered."""
    gateway = gateway_of(request)
    found = await _find(gateway, caller, checked(LECTURES, lecture_id), sha256, film)
    return await serve(gateway, request, found, download=download)


def _redirect(name: str, field: str) -> Callable[..., Coroutine[Any, Any, Response]]:
    async def current_file(
        request: Request, caller: Caller, lecture_id: LectureId, download: Download = False
    ) -> Response:
        lecture = (await lecture_routes.view_of(gateway_of(request), caller, lecture_id)).lecture
        reference = (lecture.asset("lecture_video").result or {}).get(field)
        if reference is None:
            raise Problem(
                404,
                "NO_VIDEO",
                f"The lecture has no {name} yet.",
                advice="Follow its progress, or look at its error.",
            )
        url = f"{file_url(lecture.id, reference)}?film={name}"
        return RedirectResponse(f"{url}&download=1" if download else url, 303)

    return current_file


for _name, _field in FILES.items():
    router.add_api_route(
        f"/v1/lectures/{{lecture_id}}/{_name}",
        _redirect(_name, _field),
        name=f"lecture_{_name}",
        description=f"The {_name} of the finished lecture: leads to the present file.",
        status_code=303,
        responses={303: {"description": "Where the file is now."}, **MISSING},
        response_class=RedirectResponse,
    )


async def _find(
    gateway: Gateway, caller: Identity, lecture_id: str, sha256: str, film: str | None
) -> ServedFile:
    """The file, when a result refers to it; Problem 404 otherwise."""

    async def read(tx: Transaction) -> ServedFile | None:
        unit = await units.get(tx, lecture_id)
        files = await lecture_files.find(tx, lecture_id, sha256)
        if unit is None or not files:
            return None
        meant = [
            f for f in files if f.asset == "lecture_video" and f.field == FILES.get(film or "")
        ]
        file = (meant or files)[0]
        return ServedFile(file.reference, file_name(file, unit.title), LECTURES.noun)

    known = SHA256.fullmatch(sha256) is not None
    found = await gateway.database.transact(caller.org_id, read) if known else None
    if found is None:
        raise not_found("No current result of this lecture refers to such a file.")
    return found
