"""Takes a video provider's word that a job is done: checked, stored once, the waiting worker woken.

The worker looks at the job itself; a callback only tells it when.
"""

from __future__ import annotations

import time
from collections.abc import Mapping

from redis.asyncio import Redis

from pipeline_defs.domain.errors import Permanent
from pipeline_defs.gateways.endpoints import is_configured
from pipeline_defs.gateways.video import callbacks
from pipeline_defs.runtime import inbox
from pipeline_defs.runtime.arrivals import Arrival, Receipt
from pipeline_defs.runtime.claims import Claim
from pipeline_defs.runtime.concurrency import both
from pipeline_defs.runtime.wakes import wake
from pipeline_defs.settings import Settings
from pipeline_defs.storage import units
from pipeline_defs.storage.database import Database

SOURCE = "openrouter"


class Refused(Exception):
    """A callback does not carry our secret's signature; the text says why."""


async def receive(
    database: Database,
    redis: Redis | None,
    settings: Settings,
    *,
    org_id: str,
    unit_id: str,
    headers: Mapping[str, str],
    body: bytes,
) -> Receipt:
    """Wake who waits for a job and store the callback for its unit.

    Raises `Refused`, or Permanent `NOT_FOUND` when the signature holds but there is no such unit.
    """
    secret = settings.openrouter_webhook_secret
    secrets = secret.get_secret_value().split() if secret else []
    try:
        event = callbacks.verify(headers, body, secrets, time.time())
    except callbacks.CallbackRefused as error:
        raise Refused(str(error)) from error

    async def store() -> Receipt:
        if await database.transact(org_id, lambda tx: units.get(tx, unit_id)) is None:
            raise Permanent("NOT_FOUND", "there is no such unit")
        arrival = Arrival(SOURCE, event.idempotency_key, "video/done", body)
        return await inbox.receive(database, org_id, arrival, SOURCE)

    # Not one after the other: the worker holds a provider's place until it is woken.
    _, receipt = await both(wake(redis, job_key(event.job_id)), store())
    return receipt


def job_key(job_id: str) -> str:
    """What a worker waits for."""
    return f"video:{job_id}"


def callback_url(settings: Settings, claim: Claim) -> str | None:
    """Where a provider tells that a job of this unit is done; None where it could not reach us."""
    base = settings.public_base_url
    if base is None and not is_configured(SOURCE, settings):
        base = settings.gateway_url  # the local provider server is on this machine
    if base is None or settings.openrouter_webhook_secret is None:
        return None
    return f"{base.rstrip('/')}/webhooks/openrouter/{claim.org_id}/{claim.unit_id}"
