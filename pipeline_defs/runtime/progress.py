"""Progress on its way to listeners: a Redis stream per unit, beside the archive in Postgres.

Postgres numbers the events of a unit 1, 2, 3... without gaps and keeps them; the stream only makes
them arrive at once. An entry's id is `<seq>-0` and its field `event` the event as JSON, so a reader
sees by the numbers alone when something is missing and fetches it from Postgres. Losing a stream
therefore loses nothing, and publishing never raises: a loss is counted and logged.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from redis.asyncio import Redis
from redis.exceptions import RedisError

from pipeline_defs import policies
from pipeline_defs.storage.database import Announce, ProgressEvent

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Publications:
    """How many events this process handed to Redis, and how many Redis did not take."""

    published: int = 0
    lost: int = 0


counts = Publications()


def stream_key(org_id: str, unit_id: str) -> str:
    """The stream of a unit."""
    return f"progress:{org_id}:{unit_id}"


async def publish(
    redis: Redis | None, org_id: str, unit_id: str, seq: int, event: Mapping[str, Any]
) -> bool:
    """Add a stored event to the unit's stream; False when Redis is away or has a later one already.

    Call it after the commit that stored the event. `redis` should have short timeouts.
    """
    if redis is None:
        counts.lost += 1
        return False
    key = stream_key(org_id, unit_id)
    try:
        async with redis.pipeline(transaction=False) as pipe:
            pipe.xadd(
                key,
                {"event": json.dumps(event, default=str)},
                id=f"{seq}-0",
                maxlen=policies.PROGRESS_STREAM_MAXLEN,
                approximate=True,
            )
            pipe.expire(key, policies.PROGRESS_STREAM_TTL)
            await pipe.execute()
    except (RedisError, OSError, TimeoutError) as error:
        counts.lost += 1
        if counts.lost & (counts.lost - 1) == 0:  # the 1st, 2nd, 4th, 8th... loss
            log.warning(
                "progress event not streamed (%s), %d so far; listeners get it from Postgres",
                type(error).__name__,
                counts.lost,
            )
        return False
    counts.published += 1
    return True


def announcer(redis: Redis | None) -> Announce:
    """What a database tells its committed progress events to: each goes to its unit's stream."""

    async def announce(org_id: str, events: list[ProgressEvent]) -> None:
        for stored in events:
            await publish(redis, org_id, stored.unit_id, stored.seq, stored.event)

    return announce


def parse_entry(
    entry_id: bytes, fields: Mapping[bytes, bytes]
) -> tuple[int, dict[str, Any]] | None:
    """`(seq, event)` of a stream entry, or None when it is not one of ours."""
    try:
        event = json.loads(fields[b"event"])
        seq = int(entry_id.partition(b"-")[0])
    except (KeyError, ValueError):
        return None
    return (seq, event) if isinstance(event, dict) else None
