"""Cursors of lists: opaque to clients, the place of the last row of the page before."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, TypeVar

from pipeline_defs.domain.field_errors import FieldError
from pipeline_defs.domain.units import Unit
from pipeline_defs.web.problems import Problem

T = TypeVar("T")


def cursor_after(unit: Unit) -> str:
    """The cursor of the page after `unit`."""
    return cursor_at(unit.created_at, unit.id)


def cursor_at(moment: datetime, unit_id: str) -> str:
    """The cursor of the page after the row with this moment and id."""
    return _cursor([moment.isoformat(), unit_id])


def cursor_at_row(number: int) -> str:
    """The cursor of the page after the row with this number."""
    return _cursor(number)


def parse_cursor(text: str | None) -> tuple[datetime, str] | None:
    """The place a cursor stands for; Problem 422 when it is not one of ours."""
    return None if text is None else _place(text, _moment_and_id)


def parse_row(text: str | None, below: int = 2**31) -> int:
    """The number of the row a cursor stands for, 0 without one; Problem 422 as above. `below`: what
    the column can hold."""
    return 0 if text is None else _place(text, lambda place: _number(place, below))


def _cursor(place: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(place).encode()).decode().rstrip("=")


def _place(text: str, read: Callable[[Any], T]) -> T:
    try:
        data = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        return read(json.loads(data))
    except (ValueError, TypeError, OverflowError, binascii.Error, RecursionError) as error:
        raise Problem(
            422,
            "INVALID_REQUEST",
            "The request has a faulty field: next.",
            errors=[FieldError(field="next", message="must be the `next` of a list", fix=None)],
        ) from error


def _moment_and_id(place: Any) -> tuple[datetime, str]:
    at, unit_id = place
    return datetime.fromisoformat(at).astimezone(UTC), str(unit_id).replace("\0", "")


def _number(place: Any, below: int) -> int:
    if not isinstance(place, int) or not 0 <= place < below:
        raise ValueError("not the number of a row")
    return place
