"""Conducts calls: rings, lets people answer, records, and tells whoever ordered it.

A call takes a few seconds, however long its recording is. Every step is one from a stored status to
the next: a call goes on where it stood when the server is started anew, and whoever hangs up in
between ends it.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from pipeline_defs.local.providers.engine.speaking import Speaker
from pipeline_defs.local.providers.telephone import news
from pipeline_defs.local.providers.telephone.ledger import PhoneCall, PhoneCalls, now
from pipeline_defs.local.providers.telephone.messenger import Messenger
from pipeline_defs.local.providers.telephone.people import Person, person_of
from pipeline_defs.local.providers.telephone.talking import (
    conversation,
    parse,
    seconds_of,
    shortened,
)

AT_ONCE = 2  # conversations spoken at once
RINGS = 0.15  # seconds between the steps of a call
NO_ANSWER_AFTER = 0.6
TALKS = 0.4  # seconds that a conversation takes at least
RECORDED_LEAST = 1.0  # seconds of a call of which there is a recording
TOO_SHORT = "16101"  # Twilio's code of a recording that is absent for that
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Ending:
    status: str
    sip_code: str


ENDINGS = {
    "busy": _Ending("busy", "486"),
    "no_answer": _Ending("no-answer", "487"),
    "fails": _Ending("failed", "503"),
    "unassigned": _Ending("failed", "404"),
}


class Switchboard:
    """Lives in one event loop, between `start` and `stop`."""

    def __init__(self, calls: PhoneCalls, speaker: Speaker, messenger: Messenger) -> None:
        self.calls = calls
        self._speaker = speaker
        self._messenger = messenger
        self._turns = asyncio.Semaphore(AT_ONCE)
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._loop: asyncio.AbstractEventLoop | None = None

    def start(self) -> None:
        """Take up what an earlier process left."""
        self._loop = asyncio.get_running_loop()
        for call in self.calls.open():
            if call.status != "queued":  # whether that was told is not known
                self._tell(call, call.status)
            self._begin(call.sid)

    async def stop(self) -> None:
        """Leave off; what is not over is taken up by the next process."""
        for task in self._tasks.values():
            task.cancel()
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)
        await self._messenger.stop()

    def take(self, call: PhoneCall) -> None:
        """Begin with a new call; may be called from any thread."""
        self._started.call_soon_threadsafe(self._begin, call.sid)

    def hang_up(self, call: PhoneCall) -> PhoneCall | None:
        """End a call: what was said until now is its recording. None if it is over already.

        May be called from any thread.
        """
        talked = call.status == "in-progress"
        talking = (_moment(now()) - _moment(call.answered)).total_seconds() if talked else 0.0
        seconds = max(1, round(talking)) if talked else 0  # a carrier's clock begins with a second
        ended = self.calls.move(call.sid, "completed" if talked else "canceled", seconds=seconds)
        if ended is not None:
            self._started.call_soon_threadsafe(self._tell, ended, ended.status)
        return ended

    @property
    def _started(self) -> asyncio.AbstractEventLoop:
        if self._loop is None:
            raise RuntimeError("the switchboard is not started")
        return self._loop

    def _begin(self, sid: str) -> None:
        if sid not in self._tasks:
            task = self._started.create_task(self._conduct(sid))
            self._tasks[sid] = task
            task.add_done_callback(lambda _: self._tasks.pop(sid, None))

    async def _conduct(self, sid: str) -> None:
        call = self.calls.required(sid)
        try:
            person = self._reached(call)
            call, wav = await self._ended(call, person)
            if call.status == "completed" and call.wishes.record:
                await asyncio.sleep(RINGS)
                self._tell_of_recording(await self._recorded(call, person, wav))
        except Exception:
            log.exception("call %s failed", sid)
            self._move(call, "failed", sip_code="500")
        await self._messenger.told(sid)
        self.calls.change(sid, told=1)

    def _reached(self, call: PhoneCall) -> Person:
        person = person_of(call.callee)
        if person.behaviour != "busy_once":
            return person
        is_first = self.calls.before(call) == 0
        return replace(person, behaviour="busy" if is_first else "talks")

    async def _ended(self, call: PhoneCall, person: Person) -> tuple[PhoneCall, bytes | None]:
        """Take a call from its status through the next ones to its end; with what was said."""
        wav: bytes | None = None
        if call.status == "queued":
            self._tell(call, "initiated")
            await asyncio.sleep(RINGS)
            call = self._move(call, "ringing")
        if call.status == "ringing":
            ending = ENDINGS.get(person.behaviour)
            await asyncio.sleep(NO_ANSWER_AFTER if ending else RINGS)
            if ending is not None:
                return self._move(call, ending.status, sip_code=ending.sip_code), None
            call = self._answered(call, person)
        if call.status == "in-progress":
            talking = asyncio.sleep(TALKS)
            wav, _ = await asyncio.gather(self._spoken(call, person), talking)
            call = self._move(call, "completed", seconds=round(seconds_of(wav)))
        return call, wav

    def _answered(self, call: PhoneCall, person: Person) -> PhoneCall:
        machine = "machine_start" if person.behaviour == "voicemail" else "human"
        values = {"answered": now()}
        if call.wishes.machine_detection:
            values["answered_by"] = machine
        if call.wishes.record:
            values["recording_sid"] = f"RE{secrets.token_hex(16)}"
        call = self._move(call, "in-progress", **values)
        if call.wishes.record and call.status == "in-progress":
            self._tell_of_recording(call)
        return call

    async def _spoken(self, call: PhoneCall, person: Person) -> bytes:
        """The whole conversation, as long as it may last."""
        async with self._turns:
            wav = await asyncio.to_thread(
                conversation,
                parse(call.twiml),
                person,
                self._speaker,
                int(call.sid[2:10], 16),
                channels=call.channels,
                trim=call.wishes.trim,
            )
        limit = call.wishes.time_limit
        return shortened(wav, limit) if seconds_of(wav) > limit else wav

    async def _recorded(self, call: PhoneCall, person: Person, wav: bytes | None) -> PhoneCall:
        """The call with its recording: what was said before somebody hung up."""
        if call.recording_status != "in-progress":  # an earlier process has made it
            return call
        if wav is None:
            wav = await self._spoken(call, person)
        if seconds_of(wav) - call.seconds >= 1:
            wav = shortened(wav, call.seconds)
        seconds = seconds_of(wav)
        if seconds < RECORDED_LEAST:
            return self.calls.change(call.sid, recording_error=TOO_SHORT)
        body = await asyncio.to_thread(self.calls.bodies.put, wav)
        return self.calls.change(call.sid, recording=body, recording_seconds=seconds)

    def _move(self, call: PhoneCall, status: str, **values: Any) -> PhoneCall:
        """The call in its next status, told; or as it ended meanwhile."""
        moved = self.calls.move(call.sid, status, **values)
        if moved is None:
            return self.calls.required(call.sid)
        self._tell(moved, status)
        return moved

    def _tell(self, call: PhoneCall, status: str) -> None:
        sequence = self.calls.next_sequence(call.sid)
        if news.status_event(status) in call.wishes.status_events:
            parameters = news.of_status(call, status, sequence)
            self._messenger.tell(call.sid, call.status_callback, parameters)

    def _tell_of_recording(self, call: PhoneCall) -> None:
        status = call.recording_status
        if status in call.wishes.recording_events:
            parameters = news.of_recording(call, status)
            self._messenger.tell(call.sid, call.recording_callback, parameters)


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)
