"""Conducts calls: rings, lets people answer, records, and tells whoever ordered it, signed as
Twilio signs it. A call takes a few seconds, however long its recording is.
"""

from __future__ import annotations

import asyncio
import logging
import random
import secrets
from collections.abc import Coroutine
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any

import httpx

from pipeline_defs.gateways.endpoints import LOCAL_TWILIO_ACCOUNT
from pipeline_defs.local.providers.engine.speaking import Speaker
from pipeline_defs.local.providers.server.callbacks import PAUSES, TRY_SECONDS, may_be_called
from pipeline_defs.local.providers.server.faults import FaultScript
from pipeline_defs.local.providers.telephone.ledger import PhoneCall, PhoneCalls
from pipeline_defs.local.providers.telephone.people import Person, person_of
from pipeline_defs.local.providers.telephone.talking import conversation, parse, seconds_of

AT_ONCE = 2  # conversations spoken at once
RINGS = 0.15  # seconds between the steps of a call
NO_ANSWER_AFTER = 0.6
WEBHOOKS = "telephony-webhook"  # the capability by which fault scripts name them
HEARD_LEAST = 1.0  # seconds of a call that is recorded
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Ending:
    status: str
    sip_code: str = ""


ENDINGS = {
    "busy": _Ending("busy", "486"),
    "no_answer": _Ending("no-answer", "487"),
    "fails": _Ending("failed", "503"),
}


class Switchboard:
    """Lives in one event loop, between `start` and `stop`."""

    def __init__(
        self, calls: PhoneCalls, speaker: Speaker, faults: FaultScript, token: str
    ) -> None:
        self.calls = calls
        self._speaker = speaker
        self._faults = faults
        self._token = token
        self._turns = asyncio.Semaphore(AT_ONCE)
        self._tasks: set[asyncio.Task[None]] = set()
        self._at_work: set[str] = set()
        self._loop: asyncio.AbstractEventLoop | None = None

    def start(self) -> None:
        """Take up what an earlier process left."""
        self._loop = asyncio.get_running_loop()
        for call in self.calls.open():
            self._begin(call.sid)

    async def stop(self) -> None:
        """Leave off; what is not over is taken up by the next process."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def take(self, call: PhoneCall) -> None:
        """Begin with a new call; may be called from any thread."""
        if self._loop is None:
            raise RuntimeError("the switchboard is not started")
        self._loop.call_soon_threadsafe(self._begin, call.sid)

    def _begin(self, sid: str) -> None:
        if sid not in self._at_work:
            self._at_work.add(sid)
            self._keep(self._conduct(sid))

    def _keep(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _conduct(self, sid: str) -> None:
        try:
            call = self.calls.required(sid)
            person = self._reached(call)
            if not call.is_over:
                call = await self._ring(call, person)
            if call.status == "completed":
                await self._tell_of_recording(call, person)
            self.calls.change(sid, told=1)
        except Exception:  # whatever it is, the call ends and is told so
            log.exception("call %s failed", sid)
            self.calls.change(sid, status="failed", sip_code="500", told=1)
        finally:
            self._at_work.discard(sid)

    def _reached(self, call: PhoneCall) -> Person:
        person = person_of(call.callee)
        is_busy = person.behaviour == "busy_once" and self.calls.before(call) == 0
        behaviour = "busy" if is_busy else person.behaviour.replace("busy_once", "talks")
        return Person(
            person.number, person.name, person.voice, behaviour, person.consent, person.says
        )

    async def _ring(self, call: PhoneCall, person: Person) -> PhoneCall:
        await self._tell(call, "initiated")
        await asyncio.sleep(RINGS)
        call = await self._move(call, "ringing")
        ending = ENDINGS.get(person.behaviour)
        if ending is not None:
            await asyncio.sleep(NO_ANSWER_AFTER)
            return await self._move(call, ending.status, sip_code=ending.sip_code)
        await asyncio.sleep(RINGS)
        machine = "machine_start" if person.behaviour == "voicemail" else "human"
        answered_by = machine if call.machine_detection else ""
        call = await self._move(call, "in-progress", answered_by=answered_by)
        async with self._turns:
            says = parse(call.twiml)
            seed = int(call.sid[2:10], 16)
            wav = await asyncio.to_thread(conversation, says, person, self._speaker, seed)
        call = self.calls.required(call.sid)
        if call.is_over:  # hung up meanwhile
            return call
        seconds = seconds_of(wav)
        body = await asyncio.to_thread(self.calls.bodies.put, wav)
        recording = {"recording": body, "recording_seconds": seconds} if seconds else {}
        return await self._move(call, "completed", seconds=round(seconds), **recording)

    async def _move(self, call: PhoneCall, status: str, **values: Any) -> PhoneCall:
        moved = self.calls.change(call.sid, status=status, **values)
        await self._tell(moved, status)
        return moved

    async def _tell(self, call: PhoneCall, status: str) -> None:
        """A status callback; it does not hold the call up."""
        parameters = {
            **_common(call),
            "CallStatus": status,
            "CallbackSource": "call-progress-events",
            "SequenceNumber": str(self.calls.next_sequence(call.sid)),
            "Timestamp": format_datetime(datetime.now(UTC)),
        }
        if call.answered_by:
            parameters["AnsweredBy"] = call.answered_by
        if call.is_over:
            parameters |= {"CallDuration": str(call.seconds), "Duration": str(call.seconds // 60)}
        if call.sip_code:
            parameters["SipResponseCode"] = call.sip_code
        await self._post(call.status_callback, parameters)

    async def _tell_of_recording(self, call: PhoneCall, person: Person) -> None:
        await asyncio.sleep(RINGS)
        sid = call.recording_sid or f"RE{secrets.token_hex(16)}"
        call = self.calls.change(call.sid, recording_sid=sid)
        base = f"/2010-04-01/Accounts/{LOCAL_TWILIO_ACCOUNT}/Recordings/{sid}"
        parameters = {
            "AccountSid": LOCAL_TWILIO_ACCOUNT,
            "CallSid": call.sid,
            "RecordingSid": sid,
            "RecordingUrl": f"https://api.twilio.com{base}",
            "RecordingStatus": "completed",
            "RecordingDuration": str(round(call.recording_seconds)),
            "RecordingChannels": "2",
            "RecordingStartTime": format_datetime(datetime.now(UTC)),
            "RecordingSource": "OutboundAPI",
            "RecordingTrack": "both",
        }
        await self._post(call.recording_callback, parameters)

    async def _post(self, url: str, parameters: dict[str, str]) -> None:
        """Send a webhook, or do with it what the fault script wants."""
        if not url:
            return
        if not may_be_called(url):
            log.warning("not called back: the address is not on this machine")
            return
        told = " ".join(f"{name}={value}" for name, value in parameters.items())
        fault = None if self._faults.is_empty else self._faults.pick(url, WEBHOOKS, told)
        if fault is not None and fault.lost_answer:
            return
        token = "a forged token" if fault is not None and fault.forged else self._token
        copies = 2 if fault is not None and fault.duplicate else 1
        for _ in range(copies):
            work = self._delivered(url, parameters, token, fault.delay if fault else 0.0)
            if fault is not None and fault.delay:
                self._keep(work)  # the next webhook overtakes it
            else:
                await work

    async def _delivered(
        self, url: str, parameters: dict[str, str], token: str, delay: float
    ) -> None:
        from twilio.request_validator import RequestValidator

        await asyncio.sleep(delay)
        signature = RequestValidator(token).compute_signature(url, parameters)
        headers = {"X-Twilio-Signature": signature, "I-Twilio-Idempotency-Token": _token()}
        async with httpx.AsyncClient(trust_env=False, timeout=TRY_SECONDS) as http:
            for pause in (*PAUSES, None):
                try:
                    answer = await http.post(url, data=parameters, headers=headers)
                    if answer.status_code < 500:
                        return
                except httpx.HTTPError:
                    log.info("a webhook was not taken")
                if pause is not None:
                    await asyncio.sleep(pause)


def _common(call: PhoneCall) -> dict[str, str]:
    return {
        "AccountSid": LOCAL_TWILIO_ACCOUNT,
        "ApiVersion": "2010-04-01",
        "CallSid": call.sid,
        "Called": call.callee,
        "Caller": call.caller,
        "Direction": "outbound-api",
        "From": call.caller,
        "To": call.callee,
    }


def _token() -> str:
    return str(random.getrandbits(64))  # a hint, not a secret
