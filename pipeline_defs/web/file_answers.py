"""Answers with a stored file: whole or in ranges, never a broken one, under a readable name."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass
from typing import Any

from fastapi import Request
from starlette.responses import Response

from pipeline_defs import policies
from pipeline_defs.domain.errors import Permanent
from pipeline_defs.web.byte_ranges import NotSatisfiable, asked_bytes
from pipeline_defs.web.file_names import content_type, disposition
from pipeline_defs.web.gateway import Gateway
from pipeline_defs.web.problems import Problem
from pipeline_defs.web.routes import MISSING, problem
from pipeline_defs.web.streaming import BoundedStream

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
# Whatever a file holds, a browser that opens it runs nothing of it.
POLICY = "default-src 'none'; img-src 'self'; media-src 'self'; style-src 'unsafe-inline'"


@dataclass(frozen=True, slots=True)
class ServedFile:
    """A stored file and the name it is saved under; `unit` is the noun of what it belongs to."""

    reference: Mapping[str, Any]
    name: str
    unit: str

    @property
    def size(self) -> int:
        """Bytes."""
        return int(self.reference["size"])

    @property
    def etag(self) -> str:
        """A file is its hash."""
        return f'"{self.reference["sha256"]}"'

    def headers(self, *, download: bool) -> dict[str, str]:
        """Headers of every answer with this file."""
        media_type = str(self.reference["media_type"])
        return {
            "Accept-Ranges": "bytes",
            "Cache-Control": f"private, max-age={policies.FILE_CACHE_SECONDS}, immutable",
            "Content-Disposition": disposition(self.name, media_type, download=download),
            "Content-Security-Policy": POLICY,
            "ETag": self.etag,
        }

    def lost(self, code: str, detail: str) -> Problem:
        """Problem 410."""
        return Problem(
            410,
            code,
            detail,
            advice=f"Rebuild the {self.unit}: what is lost is noticed and made again.",
        )


async def serve(
    gateway: Gateway, request: Request, file: ServedFile, *, download: bool
) -> Response:
    """The file, or the part of it that was asked for. Problem 410 where it is lost."""
    if not await gateway.files.is_stored(dict(file.reference)):
        raise file.lost("BLOB_MISSING", "The file is not stored any more.")
    headers = file.headers(download=download)
    if file.etag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    try:
        asked = asked_bytes(_range(request, file), file.size)
    except NotSatisfiable:
        raise Problem(
            416,
            "RANGE_NOT_SATISFIABLE",
            f"The file has only {file.size} bytes.",
            headers={"Content-Range": f"bytes */{file.size}"},
        ) from None
    start, end = asked or (0, file.size)
    if asked is not None:
        headers["Content-Range"] = f"bytes {start}-{end - 1}/{file.size}"
    headers["Content-Length"] = str(end - start)
    status = 200 if asked is None else 206
    media_type = content_type(str(file.reference["media_type"]))
    if request.method == "HEAD":
        return Response(status_code=status, headers=headers, media_type=media_type)
    source = gateway.files.stream(dict(file.reference), start, end)
    if end - start <= policies.FILE_READ_FIRST_BYTES:
        return Response(await _read(source, file), status, headers, media_type)
    return BoundedStream(source, status, headers, media_type)


def _range(request: Request, file: ServedFile) -> str | None:
    """The Range header, unless it was meant for another version of the file."""
    condition = request.headers.get("if-range")
    return request.headers.get("range") if condition in (None, file.etag) else None


async def _read(source: AsyncGenerator[bytes], file: ServedFile) -> bytes:
    """All of a small file, so that a broken one is never sent; Problem 410 for such a one."""
    try:
        return b"".join([chunk async for chunk in source])
    except Permanent as error:
        if error.code not in LOST:
            raise
        raise file.lost(error.code, "The stored file is not what it was.") from error
