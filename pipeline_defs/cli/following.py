"""Following a unit to its end: its progress stream, resumed after every break, else by asking.

The stream is opened again with the number of the last event, so nothing is told twice or left out.
Where no stream can be had (too many are open, something on the way holds it back) the unit itself
is asked for, each second or so, until it is final.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pipeline_defs.cli.client import Api, Refused, ServerEvent, Unreachable
from pipeline_defs.cli.unit_argument import UnitRef
from pipeline_defs.domain.states import FINAL_STATES

FROM_NOW = "9" * 18  # beyond every event: the gateway answers with the unit as it is now
PATIENCE = 90.0  # a gateway away longer than this is given up
PAUSE = 0.5  # before a stream is opened again
PASSING = frozenset({408, 429, 500, 502, 503, 504})


@dataclass(frozen=True, slots=True)
class Update:
    """News of a unit; what is None did not change."""

    message: str | None = None
    outcome: str | None = None
    percentage: int | None = None
    status: str | None = None


def follow(api: Api, unit: UnitRef, *, from_now: bool = False) -> Iterator[Update]:
    """Updates until the unit is final: all there ever were, or with `from_now` only later ones."""
    after = FROM_NOW if from_now else None
    heard = time.monotonic()
    fruitless = 0  # streams in a row that brought nothing
    while True:
        fruitless += 1
        try:
            for event in api.events(unit.progress_path, after):
                heard, fruitless, after = time.monotonic(), 0, event.id or after
                yield _update(event)
                if event.name == "end":
                    return
        except (Unreachable, Refused) as error:
            if isinstance(error, Refused) and error.status not in PASSING:
                raise
            if time.monotonic() - heard > PATIENCE:
                raise
        if fruitless:
            state = _asked(api, unit, worth_asking=fruitless > 1)
            if state is not None:
                heard = time.monotonic()
                yield state
                if state.status in FINAL_STATES:
                    return
        time.sleep(PAUSE)


def _asked(api: Api, unit: UnitRef, *, worth_asking: bool) -> Update | None:
    if not worth_asking:
        return None
    try:
        return _state(api.get(unit.path))
    except Unreachable:
        return None
    except Refused as error:
        if error.status in PASSING:
            return None
        raise


def _update(event: ServerEvent) -> Update:
    if event.name in ("reset", "snapshot"):
        return _state(event.data)
    percentage = event.data.get("percentage")
    return Update(
        message=event.data.get("message"),
        outcome=event.data.get("outcome"),
        percentage=int(percentage) if percentage is not None else None,
        status=event.data.get("status"),
    )


def _state(document: dict[str, Any]) -> Update:
    return Update(
        percentage=int(document["progress"]["percentage"]), status=str(document["status"])
    )
