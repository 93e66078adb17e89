"""Range requests (RFC 9110, section 14): which bytes of a file a client asks for."""

from __future__ import annotations

import re

ONE_RANGE = re.compile(r"bytes=\s*(?:(\d{1,18})\s*-\s*(\d{1,18})?|-\s*(\d{1,18}))\s*")


class NotSatisfiable(Exception):
    """No byte of the file is within the range: answer 416."""


def asked_bytes(header: str | None, size: int) -> tuple[int, int] | None:
    """`(start, end)` with the end not included; None for the whole file.

    A header that is no single range of bytes is passed over, as the RFC allows; NotSatisfiable when
    it begins beyond the end.
    """
    found = ONE_RANGE.fullmatch(header or "")
    if found is None:
        return None
    first, last, suffix = found.groups()
    if suffix is not None:
        start, end = max(0, size - int(suffix)), size
    else:
        start = int(first)
        end = min(size, int(last) + 1) if last is not None else size
        if last is not None and int(last) < start:
            return None
    if start >= size or start >= end:
        raise NotSatisfiable
    return start, end
