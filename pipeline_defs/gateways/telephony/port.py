"""The telephony port: calls are placed, and asked about; recordings are fetched."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from pipeline_defs.domain.calls.calling import RecordingNews, StatusNews
from pipeline_defs.gateways.usage import Usage


@dataclass(frozen=True, slots=True)
class CallOrder:
    """Whom to call and what to say there (TwiML). Callbacks are addresses on the public gateway;
    None where the provider could not reach it: then it is asked instead."""

    to: str
    twiml: str
    status_callback: str | None
    recording_callback: str | None
    timeout: float


@dataclass(frozen=True, slots=True)
class KnownCall:
    """A call as the provider's list has it."""

    sid: str
    created_at: datetime | None
    news: StatusNews


class TelephonyPort(Protocol):
    """Calls people."""

    async def place(self, order: CallOrder) -> KnownCall:
        """Place a call. Raises Transient `CALL_UNCONFIRMED` where it may have been placed all the
        same: then it has to be looked for with `find`; whatever else is raised, it was not placed.
        """
        ...

    async def look(self, sid: str, timeout: float) -> StatusNews:
        """How a call stands."""
        ...

    async def find(self, to: str, since: datetime, timeout: float) -> list[KnownCall]:
        """Calls from our number to another since a time, the earliest first."""
        ...

    async def recordings(self, sid: str, timeout: float) -> list[RecordingNews]:
        """Recordings of a call."""
        ...

    async def hang_up(self, sid: str, timeout: float) -> None:
        """End a call; nothing happens where it has ended."""
        ...

    async def fetch(self, recording_sid: str, timeout: float) -> bytes:
        """A recording as WAV, with both channels where there are two."""
        ...

    def bill(self, seconds: int) -> tuple[Usage, ...]:
        """What a call of so many seconds used."""
        ...
