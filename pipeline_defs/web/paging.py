"""Cursors of lists: opaque to clients, the place of the last row of the page before."""

from __future__ import annotations

import base64
import binascii
import json
from datetime import UTC, datetime

from pipeline_defs.domain.field_errors import FieldError
from pipeline_defs.domain.units import Unit
from pipeline_defs.web.problems import Problem


def cursor_after(unit: Unit) -> str:
    """The cursor of the page after `unit`."""
    return cursor_at(unit.created_at, unit.id)


def cursor_at(moment: datetime, unit_id: str) -> str:
    """The cursor of the page after the row with this moment and id."""
    place = json.dumps([moment.isoformat(), unit_id]).encode()
    return base64.urlsafe_b64encode(place).decode().rstrip("=")


def parse_cursor(text: str | None) -> tuple[datetime, str] | None:
    """The place a cursor stands for; Problem 422 when it is not one of ours."""
    if text is None:
        return None
    try:
        data = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        at, unit_id = json.loads(data)
        place = datetime.fromisoformat(at).astimezone(UTC), str(unit_id).replace("\0", "")
    except (ValueError, TypeError, OverflowError, binascii.Error, RecursionError) as error:
        raise Problem(
            422,
            "INVALID_REQUEST",
            "The request has a faulty field: next.",
            errors=[FieldError(field="next", message="must be the `next` of a list", fix=None)],
        ) from error
    return place
