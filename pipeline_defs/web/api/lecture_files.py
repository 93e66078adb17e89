"""Files of a lecture: whatever its results refer to, and nothing else; whole or in ranges."""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator, Callable, Coroutine
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Path, Query, Request
from starlette.responses import RedirectResponse, Response, StreamingResponse

from pipeline_defs import policies
from pipeline_defs.domain.errors import Permanent
from pipeline_defs.domain.kinds import LECTURES
from pipeline_defs.storage import lecture_files, units
from pipeline_defs.storage.database import Transaction
from pipeline_defs.storage.lecture_files import ResultFile
from pipeline_defs.web.api.lectures import LectureId, view_of
from pipeline_defs.web.byte_ranges import NotSatisfiable, asked_bytes
from pipeline_defs.web.file_names import content_type, disposition
from pipeline_defs.web.film_shape import FILES
from pipeline_defs.web.gateway import Gateway, gateway_of
from pipeline_defs.web.identity import Identity
from pipeline_defs.web.problems import Problem, not_found
from pipeline_defs.web.routes import MISSING, Caller, api_router, problem
from pipeline_defs.web.segment_shape import file_url
from pipeline_defs.web.streaming import BoundedStream
from pipeline_defs.web.unit_routes import checked

router = api_router("lectures")
SHA256 = re.compile(r"[0-9a-f]{64}")
LOST = frozenset({"BLOB_MISSING", "BLOB_CORRUPT"})
BYTES: dict[str, Any] = {"schema": {"type": "string", "format": "binary"}}
FILE: dict[int | str, dict[str, Any]] = {
    200: {"description": "The whole file.", "content": {"*/*": BYTES}},
    206: {"description": "The range that was asked for.", "content": {"*/*": BYTES}},
    304: {"description": "The client has it already."},
    410: problem("The file is lost or broken; a rebuild makes it again."),
    416: problem("The range begins beyond the end of the file."),
    **MISSING,
}
Download = Annotated[bool, Query(description="Save it under a readable name.")]
# Whatever a file holds, a browser that opens it runs nothing of it.
POLICY = "default-src 'none'; img-src 'self'; media-src 'self'; style-src 'unsafe-inline'"


@dataclass(frozen=True, slots=True)
class Found:
    """A file that is there, and the title of its lecture."""

    file: ResultFile
    title: str

    @property
    def size(self) -> int:
        """Bytes."""
        return int(self.file.reference["size"])

    def headers(self, *, download: bool) -> dict[str, str]:
        """Headers of every answer with this file."""
        return {
            "Accept-Ranges": "bytes",
            "Cache-Control": f"private, max-age={policies.FILE_CACHE_SECONDS}, immutable",
            "Content-Disposition": disposition(self.file, self.title, download=download),
            "Content-Security-Policy": POLICY,
            "ETag": self.etag,
        }

    @property
    def etag(self) -> str:
        """A file is its hash."""
        return f'"{self.file.reference["sha256"]}"'


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
    headers = found.headers(download=download)
    if found.etag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    try:
        asked = asked_bytes(_range(request, found), found.size)
    except NotSatisfiable:
        raise Problem(
            416,
            "RANGE_NOT_SATISFIABLE",
            f"The file has only {found.size} bytes.",
            headers={"Content-Range": f"bytes */{found.size}"},
        ) from None
    start, end = asked or (0, found.size)
    if asked is not None:
        headers["Content-Range"] = f"bytes {start}-{end - 1}/{found.size}"
    headers["Content-Length"] = str(end - start)
    status = 200 if asked is None else 206
    media_type = content_type(found.file.reference["media_type"])
    if request.method == "HEAD":
        return Response(status_code=status, headers=headers, media_type=media_type)
    source = gateway.files.stream(found.file.reference, start, end)
    if end - start <= policies.FILE_READ_FIRST_BYTES:
        return Response(await _read(source), status, headers, media_type)
    return BoundedStream(source, status, headers, media_type)


def _redirect(name: str, field: str) -> Callable[..., Coroutine[Any, Any, Response]]:
    async def current_file(
        request: Request, caller: Caller, lecture_id: LectureId, download: Download = False
    ) -> Response:
        lecture = (await view_of(gateway_of(request), caller, lecture_id)).lecture
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
) -> Found:
    """The file, when a result refers to it and it is stored; Problem 404 or 410 otherwise."""

    async def read(tx: Transaction) -> Found | None:
        unit = await units.get(tx, lecture_id)
        files = await lecture_files.find(tx, lecture_id, sha256)
        if unit is None or not files:
            return None
        meant = [
            f for f in files if f.asset == "lecture_video" and f.field == FILES.get(film or "")
        ]
        return Found((meant or files)[0], unit.title)

    known = SHA256.fullmatch(sha256) is not None
    found = await gateway.database.transact(caller.org_id, read) if known else None
    if found is None:
        raise not_found("No current result of this lecture refers to such a file.")
    if not await gateway.files.is_stored(found.file.reference):
        raise _lost("BLOB_MISSING", "The file is not stored any more.")
    return found


def _range(request: Request, found: Found) -> str | None:
    """The Range header, unless it was meant for another version of the file."""
    condition = request.headers.get("if-range")
    return request.headers.get("range") if condition in (None, found.etag) else None


async def _read(source: AsyncGenerator[bytes]) -> bytes:
    """All of a small file, so that a broken one is never sent; Problem 410 for such a one."""
    try:
        return b"".join([chunk async for chunk in source])
    except Permanent as error:
        if error.code not in LOST:
            raise
        raise _lost(error.code, "The stored file is not what it was.") from error


def _lost(code: str, detail: str) -> Problem:
    return Problem(
        410, code, detail, advice="Rebuild the lecture: what is lost is noticed and made again."
    )
