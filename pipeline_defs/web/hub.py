"""Hands progress events to the open streams of this process.

One reader tails the Redis streams of all followed units together, one poller asks Postgres about
them each second. Redis makes events arrive at once, Postgres makes them complete: an event whose
number does not follow the last one waits for the poller, which reads the archive. Cost does not
grow with the number of listeners: one Redis connection, one query per organization and second.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import defaultdict
from collections.abc import Generator, Sequence
from dataclasses import dataclass, field
from typing import Any

from redis.asyncio import Redis
from redis.exceptions import RedisError

from pipeline_defs.domain.errors import Transient
from pipeline_defs.runtime.progress import parse_entry, stream_key
from pipeline_defs.storage.database import Database
from pipeline_defs.web.metrics import Metrics

log = logging.getLogger(__name__)

BUFFER = 500  # events waiting for one listener; a slower one is dropped and resumes by id
POLL = 1.0
TAIL_BLOCK_MS = 250  # also how long a newly followed unit waits to be tailed
PAGE = 1000


@dataclass(frozen=True, slots=True)
class Item:
    """An event on its way to a listener."""

    unit_id: str
    seq: int
    event: dict[str, Any]


class Follower:
    """One listener: a bounded queue."""

    def __init__(self) -> None:
        self._queue: asyncio.Queue[Item | None] = asyncio.Queue(BUFFER + 1)
        self.ended = False

    def offer(self, item: Item) -> bool:
        """Queue an event; False when the listener is too slow and has been dropped."""
        if self.ended:
            return True
        if self._queue.qsize() >= BUFFER:
            self.end()
            return False
        self._queue.put_nowait(item)
        return True

    def end(self) -> None:
        """Wake the listener for the last time; what is queued is not delivered any more."""
        self.ended = True
        with contextlib.suppress(asyncio.QueueFull):
            self._queue.put_nowait(None)

    async def next(self, timeout: float) -> Item | None:
        """The next event, or None after `timeout` seconds without one or at the end."""
        if self.ended:
            return None
        try:
            async with asyncio.timeout(timeout):
                return await self._queue.get()
        except TimeoutError:
            return None

    @property
    def idle(self) -> bool:
        """Whether nothing is queued."""
        return self._queue.empty()


@dataclass(slots=True)
class Feed:
    """A followed unit: `last` event handed out, `tailed` last one seen in its Redis stream."""

    org_id: str
    unit_id: str
    last: int
    tailed: int
    followers: set[Follower] = field(default_factory=set)


class Hub:
    """All followed units of this process."""

    def __init__(self, database: Database, redis: Redis | None, metrics: Metrics) -> None:
        self._database = database
        self._redis = redis
        self._metrics = metrics
        self._feeds: dict[tuple[str, str], Feed] = {}
        self._followed = asyncio.Event()
        self._nudged = asyncio.Event()
        self._clients: set[Follower] = set()

    @property
    def clients(self) -> int:
        """Open streams."""
        return len(self._clients)

    @contextlib.contextmanager
    def listen(self) -> Generator[Follower]:
        """A listener for as long as the context lasts; it follows nothing yet."""
        follower = Follower()
        self._clients.add(follower)
        self._metrics.stream_clients.set(len(self._clients))
        try:
            yield follower
        finally:
            self._clients.discard(follower)
            self._metrics.stream_clients.set(len(self._clients))
            for key, feed in list(self._feeds.items()):
                feed.followers.discard(follower)
                if not feed.followers:
                    del self._feeds[key]
            if not self._feeds:
                self._followed.clear()

    def follow(self, follower: Follower, org_id: str, unit_id: str, seq: int) -> int:
        """Send events after `seq`, which is stored already, to `follower`; perhaps earlier ones.

        The number of the last event that others got before: where it is above `seq`, those between
        are not sent.
        """
        feed = self._feeds.setdefault((org_id, unit_id), Feed(org_id, unit_id, seq, seq))
        feed.followers.add(follower)
        self._followed.set()
        return feed.last

    def nudge(self) -> None:
        """Something was stored just now: look at once."""
        self._nudged.set()

    def close(self) -> None:
        """End every stream; clients come back and resume by id."""
        for follower in list(self._clients):
            follower.end()

    async def run(self) -> None:
        """Serve until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._poll())
            if self._redis is not None:
                group.create_task(self._tail(self._redis))

    async def _poll(self) -> None:
        while True:
            await self._followed.wait()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(POLL):
                    await self._nudged.wait()
            self._nudged.clear()
            by_org: defaultdict[str, list[Feed]] = defaultdict(list)
            for feed in self._feeds.values():
                by_org[feed.org_id].append(feed)
            for org_id, feeds in by_org.items():
                try:
                    await self._read_archive(org_id, feeds)
                except Transient as error:
                    log.warning("progress waits for the database: %s", error.code)

    async def _read_archive(self, org_id: str, feeds: Sequence[Feed]) -> None:
        before = {feed.unit_id: feed.last for feed in feeds}
        rows = await self._database.all(
            org_id,
            "gateway.progress_of_units",
            ids=list(before),
            seqs=list(before.values()),
            most=PAGE,
        )
        for row in rows:
            feed = self._feeds.get((org_id, row["unit_id"]))
            if feed is not None and row["seq"] > feed.last:
                self._metrics.stream_gaps.inc()
                self._hand_out(feed, row["seq"], row["event"])
        if len(rows) == PAGE:
            self._nudged.set()

    async def _tail(self, redis: Redis) -> None:
        while True:
            await self._followed.wait()
            positions: dict[Any, Any] = {
                stream_key(*key): f"{feed.tailed}-0" for key, feed in self._feeds.items()
            }
            try:
                answer: Any = await redis.xread(positions, count=PAGE, block=TAIL_BLOCK_MS)
                self._metrics.redis_up.set(1)
            except (RedisError, OSError, TimeoutError):
                self._metrics.redis_up.set(0)
                await asyncio.sleep(POLL)
                continue
            for name, entries in answer or ():
                _, org_id, unit_id = name.decode().split(":", 2)
                feed = self._feeds.get((org_id, unit_id))
                if feed is not None:
                    self._take(feed, entries)

    def _take(self, feed: Feed, entries: Sequence[tuple[bytes, dict[bytes, bytes]]]) -> None:
        for entry_id, fields in entries:
            feed.tailed = max(feed.tailed, int(entry_id.partition(b"-")[0]))
            parsed = parse_entry(entry_id, fields)
            if parsed is None or parsed[0] <= feed.last:
                continue
            if parsed[0] != feed.last + 1:
                self._nudged.set()  # Redis lacks one: the archive has it
                return
            self._hand_out(feed, *parsed)

    def _hand_out(self, feed: Feed, seq: int, event: dict[str, Any]) -> None:
        feed.last = seq
        item = Item(feed.unit_id, seq, event)
        for follower in list(feed.followers):
            if not follower.offer(item):
                self._metrics.stream_dropped.inc()
                log.info("a progress listener was too slow and must resume")
