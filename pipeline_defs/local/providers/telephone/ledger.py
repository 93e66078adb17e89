"""Calls of the local telephone exchange as rows: they outlive the process that conducts them."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from pipeline_defs.local.providers.server.store import Store

CALLS_KEPT = 20_000
OVER = frozenset({"completed", "busy", "no-answer", "failed", "canceled"})


@dataclass(frozen=True, slots=True)
class PhoneCall:
    """A call in Twilio's words. `recording` is the name of a body; `sequence` of the next event."""

    sid: str
    caller: str
    callee: str
    twiml: str
    status_callback: str
    recording_callback: str
    machine_detection: int
    status: str = "queued"
    seconds: int = 0
    answered_by: str = ""
    sip_code: str = ""
    recording_sid: str = ""
    recording: str = ""
    recording_seconds: float = 0.0
    recording_error: str = ""
    sequence: int = 0
    told: int = 0  # whether everything there is to tell was told
    created: str = ""

    @property
    def is_over(self) -> bool:
        """Whether nobody is on the line."""
        return self.status in OVER


class PhoneCalls:
    """The table."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.bodies = store.bodies

    def add(self, call: PhoneCall) -> PhoneCall:
        """A new call."""
        created = datetime.now(UTC).isoformat(timespec="milliseconds")
        with self._store.transaction() as db:
            db.execute(_INSERT, {**asdict(call), "created": created})
            db.execute(_PRUNE, (CALLS_KEPT,))
        return self.required(call.sid)

    def get(self, sid: str) -> PhoneCall | None:
        """A call, or None."""
        return next(iter(self._select("where sid = ?", (sid,))), None)

    def required(self, sid: str) -> PhoneCall:
        """A call that is there."""
        found = self.get(sid)
        if found is None:
            raise LookupError(f"call {sid} is gone")
        return found

    def by_recording(self, sid: str) -> PhoneCall | None:
        """The call of a recording."""
        return next(iter(self._select("where recording_sid = ?", (sid,))), None)

    def find(self, callee: str, caller: str, since: str, most: int) -> list[PhoneCall]:
        """Calls by number and day, newest first; empty filters match all."""
        return self._select(
            "where (? = '' or callee = ?) and (? = '' or caller = ?) and created >= ?"
            " order by n desc limit ?",
            (callee, callee, caller, caller, since, most),
        )

    def before(self, call: PhoneCall) -> int:
        """How many calls there were to the same number before this one."""
        rows = self._store.rows(
            "select count(*) as n from phone_calls where callee = ? and n <"
            " (select n from phone_calls where sid = ?)",
            (call.callee, call.sid),
        )
        return int(rows[0]["n"])

    def open(self) -> list[PhoneCall]:
        """Calls that are not over, or of which not everything was told."""
        return self._select("where told = 0 order by n", ())

    def change(self, sid: str, **values: Any) -> PhoneCall:
        """Set columns of a call."""
        known = asdict(self.required(sid)).keys()
        if not set(values) <= known:
            raise ValueError("no such column")
        assignments = ", ".join(f"{name} = :{name}" for name in values)
        with self._store.transaction() as db:
            db.execute(
                f"update phone_calls set {assignments} where sid = :sid",  # noqa: S608 # our names
                {**values, "sid": sid},
            )
        return self.required(sid)

    def next_sequence(self, sid: str) -> int:
        """The number of the next event."""
        with self._store.transaction() as db:
            db.execute("update phone_calls set sequence = sequence + 1 where sid = ?", (sid,))
        return self.required(sid).sequence - 1

    def _select(self, where: str, parameters: tuple[Any, ...]) -> list[PhoneCall]:
        rows = self._store.rows(f"select * from phone_calls {where}", parameters)  # noqa: S608
        return [PhoneCall(**{k: v for k, v in row.items() if k != "n"}) for row in rows]


_INSERT = """
insert or ignore into phone_calls (
    sid, caller, callee, twiml, status_callback, recording_callback, machine_detection, status,
    seconds, answered_by, sip_code, recording_sid, recording, recording_seconds, recording_error,
    sequence, told, created)
values (:sid, :caller, :callee, :twiml, :status_callback, :recording_callback, :machine_detection,
    :status, :seconds, :answered_by, :sip_code, :recording_sid, :recording, :recording_seconds,
    :recording_error, :sequence, :told, :created)
"""
_PRUNE = "delete from phone_calls where n <= (select max(n) from phone_calls) - ?"
