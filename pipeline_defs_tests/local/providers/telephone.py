"""The local telephone exchange for the tests: behind a socket, asked by Twilio's own client."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import parse_qsl
from xml.sax.saxutils import escape

import httpx
import pytest
from twilio.base.exceptions import TwilioRestException
from twilio.http.http_client import TwilioHttpClient
from twilio.request_validator import RequestValidator
from twilio.rest import Client

from pipeline_defs.gateways.endpoints import LOCAL_TWILIO_ACCOUNT
from pipeline_defs.local.providers.app import Config, create_app
from pipeline_defs.local.providers.engines import Engines
from pipeline_defs.local.providers.telephone import switchboard
from pipeline_defs_tests.local.providers.client import BASE_URL, KEY, Providers
from pipeline_defs_tests.local.providers.conftest import served
from pipeline_defs_tests.local.providers.media import Receiver

ADA, TALKER, OURS = "+12025550111", "+12025550150", "+12025550100"
BUSY, NO_ANSWER, FAILS, INVALID = "+12025550190", "+12025550191", "+12025550192", "+12025550193"
SILENT, VOICEMAIL, LEAVES = "+12025550194", "+12025550195", "+12025550196"
MONO, UNASSIGNED = "+12025550197", "+12025550198"
CONSENT = "May I ask you a few questions?"
FLOUR = "What would you think of a loaf made with local flour that costs a little more?"
WEBHOOK = {"capability": "telephony-webhook"}
EVENTS = ["initiated", "ringing", "answered", "completed"]
T = TypeVar("T")


def twiml(*says: str, pause: int = 1) -> str:
    """An interview of these lines."""
    said = "".join(f'<Say>{escape(text)}</Say><Pause length="{pause}"/>' for text in says)
    return f"<Response>{said}<Hangup/></Response>"


BRIEF = twiml(CONSENT)


@dataclass
class Telephone:
    """An account at the exchange."""

    client: Client
    providers: Providers
    url: str

    async def place(self, to: str = TALKER, said: str = BRIEF, **more: Any) -> Any:
        """Order a recorded call on two channels."""
        wishes = {"record": True, "recording_channels": "dual", "trim": "do-not-trim", **more}
        return await self.asked(
            lambda: self.client.calls.create(to=to, from_=OURS, twiml=said, **wishes)
        )

    async def over(self, sid: str) -> Any:
        """A call once it is over and all was told."""
        async with asyncio.timeout(30):
            while not any(c["sid"] == sid and c["told"] for c in (await self.listed())["calls"]):
                await asyncio.sleep(0.03)
        return await self.look(sid)

    async def look(self, sid: str) -> Any:
        """How a call stands."""
        return await self.asked(lambda: self.client.calls(sid).fetch())

    async def until(self, sid: str, status: str) -> None:
        """Wait for a status."""
        async with asyncio.timeout(10):
            while (await self.look(sid)).status != status:
                await asyncio.sleep(0.01)

    async def hang_up(self, sid: str, status: str = "completed") -> Any:
        """End a call."""
        return await self.asked(lambda: self.client.calls(sid).update(status=status))

    async def recordings(self, sid: str) -> list[Any]:
        """What there is of a call."""
        return await self.asked(lambda: self.client.recordings.list(call_sid=sid))

    async def media(self, recording_sid: str, channels: int = 2) -> httpx.Response:
        """A recording's file."""
        path = f"/twilio/2010-04-01/Accounts/{LOCAL_TWILIO_ACCOUNT}/Recordings/{recording_sid}.wav"
        return await self.providers.http.get(
            path, params={"RequestedChannels": channels}, auth=(LOCAL_TWILIO_ACCOUNT, KEY)
        )

    async def listed(self) -> dict[str, Any]:
        """Calls and numbers as the control plane has them."""
        return (await self.providers.get("/_control/telephone")).json()

    async def refusal(self, ask: Callable[[], object]) -> TwilioRestException:
        """The error that a request ends with."""
        try:
            await self.asked(ask)
        except TwilioRestException as error:
            return error
        raise AssertionError("nothing was refused")

    async def asked(self, ask: Callable[[], T]) -> T:
        """The client blocks: in a thread."""
        return await asyncio.to_thread(ask)


def slowly(monkeypatch: pytest.MonkeyPatch) -> None:
    """Calls ring and talk long enough to be met there, on a busy machine too."""
    monkeypatch.setattr(switchboard, "NO_ANSWER_AFTER", 1.5)
    monkeypatch.setattr(switchboard, "TALKS", 1.5)


def account(url: str, user: str = LOCAL_TWILIO_ACCOUNT, token: str = KEY) -> Client:
    """Twilio's client at another address."""
    http = TwilioHttpClient(timeout=10)
    http.session.trust_env = False  # pyright: ignore[reportOptionalMemberAccess]
    client = Client(user, token, http_client=http)
    client.api.base_url = f"{url}/twilio"
    return client


@asynccontextmanager
async def exchange(state: Path, engines: Engines) -> AsyncGenerator[Telephone]:
    """A server with its state in a folder."""
    async with (
        served(create_app(Config(KEY, state, BASE_URL), engines)) as url,
        httpx.AsyncClient(base_url=url, trust_env=False, timeout=10) as http,
    ):
        yield Telephone(account(url), Providers(http), url)


def told(receiver: Receiver) -> list[dict[str, str]]:
    """The fields of every webhook, in the order in which they came."""
    return [dict(parse_qsl(body.decode(), keep_blank_values=True)) for _, body in receiver.taken]


def statuses(receiver: Receiver) -> list[str]:
    """What they say of a call or its recording."""
    return [fields.get("CallStatus") or fields["RecordingStatus"] for fields in told(receiver)]


def are_signed(receiver: Receiver, url: str) -> list[bool]:
    """Whether each is Twilio's for an address."""
    validator = RequestValidator(KEY)
    return [
        validator.validate(url, fields, headers["x-twilio-signature"])
        for fields, (headers, _) in zip(told(receiver), receiver.taken, strict=True)
    ]
