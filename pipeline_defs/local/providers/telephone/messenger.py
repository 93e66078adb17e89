"""Webhooks of the local exchange: signed as Twilio signs them, and sent until somebody takes them.

Those of one call go out one after another, in the order of what happened, and never hold the call
up. A fault script may lose, repeat, delay or forge them.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Coroutine, Mapping
from typing import Any

import aiohttp
from yarl import URL

from pipeline_defs.local.providers.server.callbacks import PAUSES, TRY_TIME, may_be_called
from pipeline_defs.local.providers.server.faults import Action, FaultScript

CAPABILITY = "telephony-webhook"  # by which fault scripts name them
SIGNATURE = "X-Twilio-Signature"
IDEMPOTENCY = "I-Twilio-Idempotency-Token"
FORGERY = "not the token of this account"
log = logging.getLogger(__name__)


class Messenger:
    """Lives in one event loop; stop it there."""

    def __init__(self, faults: FaultScript, token: str) -> None:
        self._faults = faults
        self._token = token
        self._last: dict[str, asyncio.Task[None]] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def tell(self, sid: str, url: str, parameters: Mapping[str, str]) -> None:
        """Send something about a call after all that was to be told of it before."""
        if not url:
            return
        if not may_be_called(url):
            log.warning("not called back: the address is not on this machine")
            return
        said = " ".join(f"{name}={value}" for name, value in parameters.items())
        fault = None if self._faults.is_empty else self._faults.pick(url, CAPABILITY, said)
        if fault is not None and fault.delay:  # what comes later overtakes it
            self._keep(self._sent(url, parameters, fault))
            return
        self._last[sid] = self._keep(self._after(self._last.get(sid), url, parameters, fault))

    async def told(self, sid: str) -> None:
        """Wait until everything of a call is taken or given up; not for what is delayed."""
        last = self._last.pop(sid, None)
        if last is not None:
            await last

    async def stop(self) -> None:
        """Leave off."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _keep(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _after(
        self,
        before: asyncio.Task[None] | None,
        url: str,
        parameters: Mapping[str, str],
        fault: Action | None,
    ) -> None:
        if before is not None:
            await asyncio.wait([before])
        await self._sent(url, parameters, fault)

    async def _sent(self, url: str, parameters: Mapping[str, str], fault: Action | None) -> None:
        if fault is None:
            await self._delivered(url, parameters, self._token)
        elif not fault.lost_answer:
            await asyncio.sleep(fault.delay)
            token = FORGERY if fault.forged else self._token
            for _ in range(2 if fault.duplicate else 1):
                await self._delivered(url, parameters, token)

    async def _delivered(self, url: str, parameters: Mapping[str, str], token: str) -> None:
        from twilio.request_validator import RequestValidator

        headers = {
            SIGNATURE: RequestValidator(token).compute_signature(url, dict(parameters)),
            IDEMPOTENCY: secrets.token_hex(16),  # the same for every try
        }
        async with aiohttp.ClientSession(timeout=TRY_TIME) as http:
            for pause in (*PAUSES, None):
                if await _is_taken(http, url, parameters, headers):
                    return
                if pause is not None:
                    await asyncio.sleep(pause)
        log.warning("a webhook was not taken after %d tries", len(PAUSES) + 1)


async def _is_taken(
    http: aiohttp.ClientSession, url: str, parameters: Mapping[str, str], headers: Mapping[str, str]
) -> bool:
    """Whether a try needs no other: a refusal will be one again."""
    try:
        async with http.post(
            URL(url, encoded=True),  # as it was signed, to the letter
            data=dict(parameters),
            headers=dict(headers),
            allow_redirects=False,
        ) as answer:
            return answer.status < 500
    except (aiohttp.ClientError, TimeoutError):
        return False
