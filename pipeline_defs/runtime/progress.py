"""Progress on its way to listeners: a Redis stream per unit, beside the archive in Postgres.

Postgres numbers the events of a unit 1, 2, 3... without gaps and keeps them; the stream only makes
them arrive at once. An entry's id is `<seq>-0` and its field `event` the event as JSON, so a reader
sees by the numbers alone when something is missing and fetches it from Postgres. Losing a stream
therefore loses nothing, and publishing never raises: a loss is counted and logged.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from redis.asyncio import Redis
from redis.asyncio.client import Pipeline
from redis.exceptions import RedisError

from pipeline_defs import policies
from pipeline_defs.storage.database import Announce, ProgressEvent

log = logging.getLogger(__name__)
AWAY = (RedisError, OSError, TimeoutError)


@dataclass(slots=True)
class Publications:
    """How many events this process handed to Redis, and how many Redis did not take."""

    published: int = 0
    lost: int = 0


counts = Publications()


def stream_key(org_id: str, unit_id: str) -> str:
    """The stream of a unit."""
    return f"progress:{org_id}:{unit_id}"


async def publish(redis: Redis | None, org_id: str, events: Sequence[ProgressEvent]) -> int:
    """Add stored events to the streams of their units; how many of them Redis took.

    It may be away, or have a later one already. Call it after the commit that stored the events.
    `redis` should have short timeouts.
    """
    taken = 0
    for first in range(0, len(events), policies.PROGRESS_SENT_TOGETHER):
        taken += await _sent(redis, org_id, events[first : first + policies.PROGRESS_SENT_TOGETHER])
    counts.published += taken
    return taken


async def _sent(redis: Redis | None, org_id: str, events: Sequence[ProgressEvent]) -> int:
    """One way to Redis and back for all of them."""
    if redis is None:
        counts.lost += len(events)
        return 0
    try:
        async with redis.pipeline(transaction=False) as pipe:
            for stored in events:
                _add(pipe, stream_key(org_id, stored.unit_id), stored)
            for unit_id in {stored.unit_id for stored in events}:
                pipe.expire(stream_key(org_id, unit_id), policies.PROGRESS_STREAM_TTL)
            answers = (await pipe.execute(raise_on_error=False))[: len(events)]
    except AWAY as error:
        _lose(len(events), error)
        return 0
    for refusal in (answer for answer in answers if isinstance(answer, Exception)):
        _lose(1, refusal)
    return sum(not isinstance(answer, Exception) for answer in answers)


def _add(pipe: Pipeline, key: str, stored: ProgressEvent) -> None:
    pipe.xadd(
        key,
        {"event": json.dumps(stored.event, default=str)},
        id=f"{stored.seq}-0",
        maxlen=policies.PROGRESS_STREAM_MAXLEN,
        approximate=True,
    )


def _lose(number: int, error: Exception) -> None:
    before, counts.lost = counts.lost, counts.lost + number
    if before.bit_length() < counts.lost.bit_length():  # the 1st, 2nd, 4th, 8th... loss
        log.warning(
            "progress event not streamed (%s), %d so far; listeners get it from Postgres",
            type(error).__name__,
            counts.lost,
        )


def announcer(redis: Redis | None) -> Announce:
    """What a database tells its committed progress events to: each goes to its unit's stream."""

    async def announce(org_id: str, events: list[ProgressEvent]) -> None:
        await publish(redis, org_id, events)

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
