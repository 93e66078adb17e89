"""Calls of the local telephone exchange as rows: they outlive the process that conducts them."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from pipeline_defs.local.providers.server.store import Store
from pipeline_defs.local.providers.telephone.people import person_of

CALLS_KEPT = 20_000
OVER = ("completed", "busy", "no-answer", "failed", "canceled")


@dataclass(frozen=True, slots=True)
class Wishes:
    """What an order wants besides the call itself; what is not said is Twilio's default."""

    record: bool = False
    channels: int = 1
    trim: bool = True  # the silence around what is said: then times are not those of the call
    time_limit: int = 14_400  # seconds
    machine_detection: bool = False
    status_events: tuple[str, ...] = ("completed",)
    recording_events: tuple[str, ...] = ("completed",)


@dataclass(frozen=True, slots=True)
class PhoneCall:
    """A call in Twilio's words. `recording` is the name of a body; `sequence` of the next event.

    Times are those of the clock (ISO 8601, empty until then); `seconds` is how long people talked,
    which takes no time here.
    """

    sid: str
    caller: str
    callee: str
    twiml: str
    status_callback: str
    recording_callback: str
    wishes: Wishes
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
    answered: str = ""
    ended: str = ""

    @property
    def is_over(self) -> bool:
        """Whether nobody is on the line."""
        return self.status in OVER

    @property
    def recording_status(self) -> str:
        """What has become of its recording; empty where none was begun."""
        if not self.recording_sid:
            return ""
        if self.recording_error:
            return "absent"
        return "completed" if self.recording else "in-progress"

    @property
    def channels(self) -> int:
        """Of its recording: some lines give one only."""
        return 1 if person_of(self.callee).behaviour == "mono" else self.wishes.channels


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which calls are looked for; empty filters match all, days (YYYY-MM-DD) are inclusive."""

    callee: str = ""
    caller: str = ""
    status: str = ""
    since: str = ""
    until: str = ""


class PhoneCalls:
    """The table."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.bodies = store.bodies

    def add(self, call: PhoneCall) -> PhoneCall:
        """A new call."""
        values = {**asdict(call), "created": now(), "wishes": json.dumps(asdict(call.wishes))}
        with self._store.transaction() as db:
            db.execute(_INSERT, values)
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

    def find(self, wanted: Wanted, most: int, skipped: int = 0) -> list[PhoneCall]:
        """Calls that are wanted, newest first, without the first `skipped`."""
        values = {**asdict(wanted), "most": most, "skipped": skipped}
        return [_call(row) for row in self._store.rows(_FIND, values)]

    def count(self) -> dict[str, int]:
        """How many calls were ordered to each number."""
        rows = self._store.rows("select callee, count(*) as n from telephone_calls group by callee")
        return {row["callee"]: row["n"] for row in rows}

    def minutes(self, since: str, until: str) -> dict[str, int]:
        """Minutes begun of calls that were answered, by the day (YYYY-MM-DD) on which they were."""
        rows = self._store.rows(_MINUTES, {"since": since, "until": until})
        return {row["day"]: int(row["minutes"]) for row in rows}

    def before(self, call: PhoneCall) -> int:
        """How many calls there were to the same number before this one."""
        rows = self._store.rows(
            "select count(*) as n from telephone_calls where callee = ? and n <"
            " (select n from telephone_calls where sid = ?)",
            (call.callee, call.sid),
        )
        return int(rows[0]["n"])

    def open(self) -> list[PhoneCall]:
        """Calls that are not over, or of which not everything was told."""
        return self._select("where told = 0 order by n", ())

    def change(self, sid: str, **values: Any) -> PhoneCall:
        """Set columns of a call."""
        self._set(sid, "", values)
        return self.required(sid)

    def move(self, sid: str, status: str, **values: Any) -> PhoneCall | None:
        """The next status of a call and columns with it; None, and nothing set, if it is over."""
        ended = {"ended": now()} if status in OVER else {}
        open_only = f" and status not in {OVER}"
        changed = self._set(sid, open_only, {"status": status, **ended, **values})
        return self.required(sid) if changed else None

    def next_sequence(self, sid: str) -> int:
        """The number of the next event."""
        with self._store.transaction() as db:
            db.execute("update telephone_calls set sequence = sequence + 1 where sid = ?", (sid,))
        return self.required(sid).sequence - 1

    def _set(self, sid: str, condition: str, values: dict[str, Any]) -> bool:
        assignments = ", ".join(f"{name} = :{name}" for name in values)
        with self._store.transaction() as db:
            cursor = db.execute(
                f"update telephone_calls set {assignments} where sid = :sid{condition}",  # noqa: S608 # our names
                {**values, "sid": sid},
            )
            return cursor.rowcount == 1

    def _select(self, where: str, parameters: tuple[Any, ...]) -> list[PhoneCall]:
        rows = self._store.rows(f"select * from telephone_calls {where}", parameters)  # noqa: S608 # constants
        return [_call(row) for row in rows]


def now() -> str:
    """The time as the table has it."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def _call(row: dict[str, Any]) -> PhoneCall:
    wishes = json.loads(row.pop("wishes"))
    for name in ("status_events", "recording_events"):
        wishes[name] = tuple(wishes[name])
    return PhoneCall(**{k: v for k, v in row.items() if k != "n"}, wishes=Wishes(**wishes))


_INSERT = """
insert into telephone_calls (
    sid, caller, callee, twiml, status_callback, recording_callback, wishes, status, seconds,
    answered_by, sip_code, recording_sid, recording, recording_seconds, recording_error, sequence,
    told, created, answered, ended)
values (:sid, :caller, :callee, :twiml, :status_callback, :recording_callback, :wishes, :status,
    :seconds, :answered_by, :sip_code, :recording_sid, :recording, :recording_seconds,
    :recording_error, :sequence, :told, :created, :answered, :ended)
"""
_FIND = """
select * from telephone_calls
where (:callee = '' or callee = :callee) and (:caller = '' or caller = :caller)
    and (:status = '' or status = :status)
    and (:since = '' or substr(created, 1, 10) >= :since)
    and (:until = '' or substr(created, 1, 10) <= :until)
order by n desc limit :most offset :skipped
"""
_MINUTES = """
select substr(answered, 1, 10) as day, sum((max(seconds, 1) + 59) / 60) as minutes
from telephone_calls
where answered <> '' and substr(answered, 1, 10) between :since and :until
group by 1
"""
_PRUNE = "delete from telephone_calls where n <= (select max(n) from telephone_calls) - ?"
