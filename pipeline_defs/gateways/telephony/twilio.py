"""Twilio through its official client; recordings by plain HTTP, as the client fetches no media.

Creating a call is not idempotent there: see `TelephonyPort.place`. Addresses are made from checked
ids, never taken from what somebody sent.
"""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Self

from pipeline_defs import policies
from pipeline_defs.domain.calls.calling import RecordingNews, RecordingState, StatusNews
from pipeline_defs.domain.errors import Permanent, PipelineError
from pipeline_defs.gateways.billing import Bill, media_usage
from pipeline_defs.gateways.catalog import Catalog, Model
from pipeline_defs.gateways.endpoints import Endpoint, is_configured, resolve
from pipeline_defs.gateways.failures import InvalidAnswer
from pipeline_defs.gateways.http import Call, Http
from pipeline_defs.gateways.telephony.failures import of_order, refusal
from pipeline_defs.gateways.telephony.port import CallOrder, KnownCall
from pipeline_defs.gateways.usage import Usage
from pipeline_defs.settings import Settings

if TYPE_CHECKING:
    from twilio.rest import Client

CALL_SID = re.compile("CA[0-9a-f]{32}")
RECORDING_SID = re.compile("RE[0-9a-f]{32}")
STATUS_EVENTS = ["initiated", "ringing", "answered", "completed"]
RECORDING_EVENTS = ["in-progress", "completed", "absent"]
RECORDING_STATES: dict[str, RecordingState] = {
    "processing": "in-progress",
    "in-progress": "in-progress",
    "paused": "in-progress",
    "stopped": "in-progress",
    "completed": "completed",
    "absent": "absent",
    "failed": "failed",
}
MINUTE = 60


class Twilio:
    """One account. Bound to the event loop of its first request; close it there."""

    def __init__(self, endpoint: Endpoint, model: Model, number: str) -> None:
        self._endpoint = endpoint
        self._model = model
        self._number = number
        self._http = Http(endpoint)
        self._media = Http(endpoint, limit=policies.RECORDING_MOST_BYTES)
        self._client: Client | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Close the connections."""
        await self._http.aclose()
        await self._media.aclose()

    async def place(self, order: CallOrder) -> KnownCall:
        """See `TelephonyPort.place`. Both sides are recorded, on a channel each, untrimmed."""
        wishes: dict[str, Any] = {
            "status_callback": order.status_callback,
            "status_callback_event": STATUS_EVENTS,
            "status_callback_method": "POST",
            "recording_status_callback": order.recording_callback,
            "recording_status_callback_event": RECORDING_EVENTS,
            "recording_status_callback_method": "POST",
        }
        try:
            async with self._asked(order.timeout) as client:
                call = await client.calls.create_async(
                    to=order.to,
                    from_=self._number,
                    twiml=order.twiml,
                    record=True,
                    recording_channels="dual",
                    recording_track="both",
                    trim="do-not-trim",
                    machine_detection="Enable",
                    timeout=policies.RING_SECONDS,
                    time_limit=policies.CALL_MOST_SECONDS,
                    **(wishes if order.status_callback else {}),
                )
            return _known(call)
        except PipelineError as error:
            raise of_order(error) from error

    async def look(self, sid: str, timeout: float) -> StatusNews:
        """See `TelephonyPort.look`."""
        async with self._asked(timeout) as client:
            return _news(await client.calls(checked(CALL_SID, sid)).fetch_async())

    async def find(self, to: str, since: datetime, timeout: float) -> list[KnownCall]:
        """See `TelephonyPort.find`. Twilio filters by day: the moment is compared here."""
        async with self._asked(timeout) as client:
            listed = await client.calls.list_async(
                to=to,
                from_=self._number,
                start_time_after=since.replace(hour=0, minute=0, second=0, microsecond=0),
                limit=policies.CALLS_FOUND_MOST,
            )
        found = [_known(call) for call in listed]
        recent = [call for call in found if call.created_at is None or call.created_at >= since]
        return sorted(recent, key=lambda call: call.created_at or since)

    async def recordings(self, sid: str, timeout: float) -> list[RecordingNews]:
        """See `TelephonyPort.recordings`."""
        async with self._asked(timeout) as client:
            listed = await client.recordings.list_async(
                call_sid=checked(CALL_SID, sid), limit=policies.CALLS_FOUND_MOST
            )
        return [
            RecordingNews(
                checked(RECORDING_SID, recording.sid),
                RECORDING_STATES.get(str(recording.status), "in-progress"),
                int(recording.channels or 0) or None,
                float(recording.duration) if recording.duration not in (None, "") else None,
                str(recording.error_code) if recording.error_code else None,
            )
            for recording in listed
        ]

    async def hang_up(self, sid: str, timeout: float) -> None:
        """See `TelephonyPort.hang_up`."""
        try:
            async with self._asked(timeout) as client:
                await client.calls(checked(CALL_SID, sid)).update_async(status="completed")
        except Permanent as error:
            if error.code not in ("BAD_REQUEST", "NOT_FOUND"):  # 21220: it has ended
                raise

    async def fetch(self, recording_sid: str, timeout: float) -> bytes:
        """See `TelephonyPort.fetch`. Where there is no file with two channels, that with one."""
        from pipeline_defs.gateways.telephony.transport import basic

        sid = checked(RECORDING_SID, recording_sid)
        path = f"/2010-04-01/Accounts/{self._endpoint.user}/Recordings/{sid}.wav"
        headers = {"Authorization": basic(*self._login), "Accept": "audio/*"}
        for channels in (2, 1):
            reply = await self._media.send(
                Call("GET", path, timeout, params={"RequestedChannels": channels}, headers=headers)
            )
            if 200 <= reply.status < 300:
                return reply.body
            if reply.status != 400 or channels == 1:
                break
        if reply.status == 404:
            raise Permanent(
                "RECORDING_NOT_FOUND",
                "the recording is not at the provider any more",
                advice="It was deleted there; the call has to be repeated.",
            )
        raise refusal(reply.status, None, "the recording was not given out")

    def bill(self, seconds: int) -> tuple[Usage, ...]:
        """See `TelephonyPort.bill`: minutes begun are paid."""
        minutes = -(-max(0, seconds) // MINUTE)
        quantity = Decimal(minutes * MINUTE)
        return media_usage(self._endpoint, self._model, Bill("telephony", quantity, "seconds"))

    @property
    def _login(self) -> tuple[str, str]:
        key = self._endpoint.key
        token = key.get_secret_value().split()[0] if key is not None else ""
        return self._endpoint.user, token

    @asynccontextmanager
    async def _asked(self, timeout: float) -> AsyncGenerator[Client]:
        """Twilio's client, with its errors classified."""
        from twilio.base.exceptions import TwilioException, TwilioRestException

        try:
            yield self._opened(timeout)
        except TwilioRestException as error:
            message = self._endpoint.redact(str(error.msg))
            raise refusal(error.status, error.code, message) from error
        except (TwilioException, KeyError, TypeError, ValueError) as error:
            raise InvalidAnswer(f"{self._endpoint.label} answered with something else") from error

    def _opened(self, timeout: float) -> Client:
        from twilio.rest import Client

        from pipeline_defs.gateways.telephony.transport import BoundedTransport

        if self._client is None:
            transport = BoundedTransport(self._http, timeout)
            self._client = Client(*self._login, http_client=transport)
            self._client.api.base_url = self._endpoint.base_url
        return self._client


class ConfiguredTelephony:
    """Implements `TelephonyPort` with the account that is configured, opened when first used."""

    def __init__(self, settings: Settings, catalog: Catalog) -> None:
        self._settings = settings
        self._catalog = catalog
        self._opened: Twilio | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._opened is not None:
            await self._opened.aclose()

    async def place(self, order: CallOrder) -> KnownCall:
        """See `TelephonyPort.place`."""
        return await self._account.place(order)

    async def look(self, sid: str, timeout: float) -> StatusNews:
        """See `TelephonyPort.look`."""
        return await self._account.look(sid, timeout)

    async def find(self, to: str, since: datetime, timeout: float) -> list[KnownCall]:
        """See `TelephonyPort.find`."""
        return await self._account.find(to, since, timeout)

    async def recordings(self, sid: str, timeout: float) -> list[RecordingNews]:
        """See `TelephonyPort.recordings`."""
        return await self._account.recordings(sid, timeout)

    async def hang_up(self, sid: str, timeout: float) -> None:
        """See `TelephonyPort.hang_up`."""
        await self._account.hang_up(sid, timeout)

    async def fetch(self, recording_sid: str, timeout: float) -> bytes:
        """See `TelephonyPort.fetch`."""
        return await self._account.fetch(recording_sid, timeout)

    def bill(self, seconds: int) -> tuple[Usage, ...]:
        """See `TelephonyPort.bill`."""
        return self._account.bill(seconds)

    @property
    def _account(self) -> Twilio:
        if self._opened is None:
            endpoint = resolve("twilio", self._settings, self._catalog)
            (model,) = self._catalog.chain("telephony")
            self._opened = Twilio(endpoint, model, our_number(self._settings))
        return self._opened


def our_number(settings: Settings) -> str:
    """The number people see when we call."""
    if not is_configured("twilio", settings):
        return policies.LOCAL_PHONE_NUMBER
    if settings.twilio_phone_number is None:
        raise Permanent(
            "NOT_CONFIGURED",
            "TWILIO_PHONE_NUMBER is not set",
            advice="Set it to a number of your account, like +12025550123.",
            user_action_required=True,
        )
    return settings.twilio_phone_number


def checked(pattern: re.Pattern[str], sid: object) -> str:
    """`sid` if it is one: it becomes part of an address."""
    if not isinstance(sid, str) or not pattern.fullmatch(sid):
        raise Permanent("INVALID_SID", "an id of the telephone provider is malformed")
    return sid


def _known(call: Any) -> KnownCall:
    return KnownCall(checked(CALL_SID, call.sid), call.date_created, _news(call))


def _news(call: Any) -> StatusNews:
    duration = call.duration
    seconds = int(duration) if duration not in (None, "") else None
    return StatusNews(str(call.status), seconds=seconds, answered_by=call.answered_by or None)
