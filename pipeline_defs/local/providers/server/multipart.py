"""Forms with files (multipart/form-data), as clients of transcription send them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.message import Message
from typing import Any

from pipeline_defs.local.providers.server.shapes import ApiError

MOST_PARTS = 100
LONGEST_HEAD = 8_000  # bytes of a part's own headers
LONGEST_BOUNDARY = 70  # RFC 2046


@dataclass(frozen=True, slots=True)
class Upload:
    """A file of a form."""

    name: str
    media_type: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Form:
    """The fields as JSON would have them (`name[]` is a list), and the files by field."""

    fields: Mapping[str, Any] = field(default_factory=dict[str, Any])
    files: Mapping[str, Upload] = field(default_factory=dict[str, Upload])


def is_form(content_type: str) -> bool:
    """Whether a request says that it holds a form."""
    return content_type.lower().startswith("multipart/form-data")


def read_form(raw: bytes, content_type: str) -> Form:
    """The form in `raw`; `ApiError` 400 says what is wrong with it."""
    fields: dict[str, Any] = {}
    files: dict[str, Upload] = {}
    for part in _parts(raw, _boundary(content_type)):
        head, found, data = part.partition(b"\r\n\r\n")
        if not found or len(head) > LONGEST_HEAD:
            raise _bad("a part has no end of its headers")
        disposition, media_type = _described(head)
        name = _parameter(disposition, "name")
        if not name:
            raise _bad("a part has no name")
        file_name = _parameter(disposition, "filename")
        if file_name is not None:
            files[name] = Upload(file_name, media_type, data)
        elif name.endswith("[]"):
            fields.setdefault(name[:-2], []).append(data.decode("utf-8", "replace"))
        else:
            fields[name] = data.decode("utf-8", "replace")
    return Form(fields, files)


def _boundary(content_type: str) -> bytes:
    boundary = _parameter(content_type, "boundary") or ""
    if not boundary or len(boundary) > LONGEST_BOUNDARY or not boundary.isascii():
        raise _bad("the boundary is missing")
    return boundary.encode()


def _parts(raw: bytes, boundary: bytes) -> list[bytes]:
    pieces = (b"\r\n" + raw).split(b"\r\n--" + boundary, MOST_PARTS + 2)
    if len(pieces) < 2 or len(pieces) > MOST_PARTS + 1 or not pieces[-1].startswith(b"--"):
        raise _bad("its parts are not separated as the boundary says")
    return [re.sub(rb"\A[ \t]*\r\n", b"", piece, count=1) for piece in pieces[1:-1]]


def _described(head: bytes) -> tuple[str, str]:
    """Content-Disposition and media type of a part."""
    values: dict[str, str] = {}
    for line in head.decode("utf-8", "replace").split("\r\n"):
        name, _, value = line.partition(":")
        values[name.strip().lower()] = value.strip()
    return values.get("content-disposition", ""), values.get("content-type", "")


def _parameter(header: str, name: str) -> str | None:
    """A parameter of a header, without its quotes."""
    message = Message()
    message["content-type"] = header.replace("\r", "").replace("\n", "")
    found = message.get_param(name)
    return found if isinstance(found, str) else None


def _bad(reason: str) -> ApiError:
    return ApiError(400, "invalid_form", f"the body is not a valid form: {reason}")
