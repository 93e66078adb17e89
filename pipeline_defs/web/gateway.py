"""What every request of one gateway process shares, and how it is opened and closed."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from starlette.requests import Request

from pipeline_defs import policies
from pipeline_defs.domain.kinds import Kind
from pipeline_defs.runtime import inbox
from pipeline_defs.runtime.concurrency import stop
from pipeline_defs.runtime.dispatch import Dispatcher
from pipeline_defs.runtime.files import Files
from pipeline_defs.runtime.inspection import Inspector
from pipeline_defs.runtime.lines import Line
from pipeline_defs.runtime.progress import publish
from pipeline_defs.runtime.routes import Routes
from pipeline_defs.settings import Settings
from pipeline_defs.storage.database import Database, ProgressEvent
from pipeline_defs.web.hub import Hub
from pipeline_defs.web.identity import Keys
from pipeline_defs.web.links import Links
from pipeline_defs.web.metrics import Metrics
from pipeline_defs.web.rate_limits import RateLimits
from pipeline_defs.web.sessions import Sessions
from pipeline_defs.web.standard_webhooks import parse_secrets

log = logging.getLogger(__name__)

DATABASE_PATIENCE = policies.GATEWAY_DATABASE_TIMEOUT / 2  # so that 503 comes within 2 s
CONNECTIONS = 16
REDIS_TIMEOUT = 1.0
TASK_RESTART = 1.0
OPEN_EVENTS_INTERVAL = 5.0


@dataclass(frozen=True)
class Gateway:
    """Everything shared by the requests of one process."""

    settings: Settings
    lines: Mapping[str, Line]
    routes: Routes
    database: Database
    redis: Redis | None
    keys: Keys
    sessions: Sessions
    limits: RateLimits
    hub: Hub
    metrics: Metrics
    links: Links
    files: Files
    webhook_keys: tuple[bytes, ...]
    dispatcher: Dispatcher | None
    kept: asyncio.Event

    @property
    def kinds(self) -> Mapping[str, Kind]:
        """The kinds of its units."""
        return self.links.kinds

    def expect(self) -> None:
        """An event was stored that takes effect later."""
        self.kept.set()

    def wake(self) -> None:
        """New work was committed."""
        if self.dispatcher is not None:
            self.dispatcher.wake()


def gateway_of(request: Request) -> Gateway:
    """The gateway a request belongs to."""
    return request.app.state.gateway


@asynccontextmanager
async def open_gateway(
    settings: Settings, lines: Mapping[str, Line], routes: Routes, metrics: Metrics
) -> AsyncGenerator[Gateway]:
    """Open pools and background tasks. Neither Postgres nor Redis has to be there yet."""
    async with AsyncExitStack() as stack:
        redis = await _open_redis(stack, settings)
        hubs: list[Hub] = []

        async def announce(org_id: str, events: list[ProgressEvent]) -> None:
            await publish(redis, org_id, events)
            for hub in hubs:
                hub.nudge()

        database = await stack.enter_async_context(
            Database.open(
                settings.required("database_url"),
                most_connections=CONNECTIONS,
                patience=DATABASE_PATIENCE,
                statement_timeout=DATABASE_PATIENCE,
                announce=announce,
            )
        )
        hub = Hub(database, redis, metrics)
        hubs.append(hub)
        gateway = Gateway(
            settings=settings,
            lines=lines,
            routes=routes,
            database=database,
            redis=redis,
            keys=Keys(database),
            sessions=_sessions(settings),
            limits=RateLimits(_secret(settings, "redis_url"), redis),
            hub=hub,
            metrics=metrics,
            links=Links(settings.dagster_url, {name: line.kind for name, line in lines.items()}),
            files=Files(settings),
            webhook_keys=_webhook_keys(settings),
            dispatcher=_dispatcher(settings, database, lines),
            kept=asyncio.Event(),
        )
        tasks = [_kept_running("progress hub", hub.run)]
        if gateway.dispatcher is not None:
            tasks.append(_kept_running("dispatcher", gateway.dispatcher.run))
            tasks.append(_kept_running("inbox", lambda: _process_inbox(gateway)))
            inspector = Inspector(database, lines, settings.dagster_url)
            tasks.append(_kept_running("inspector", inspector.run))
        try:
            yield gateway
        finally:
            hub.close()
            await stop(*tasks)


async def _process_inbox(gateway: Gateway) -> None:
    """Process stored events when they are due, and see to it now and then in any case."""
    while True:
        gateway.kept.clear()
        while await inbox.process_open_events(gateway.database, routes=gateway.routes):
            gateway.wake()
        due_in = await inbox.seconds_to_next(gateway.database)
        pause = OPEN_EVENTS_INTERVAL if due_in is None else min(due_in, OPEN_EVENTS_INTERVAL)
        with suppress(TimeoutError):
            async with asyncio.timeout(pause):
                await gateway.kept.wait()


async def _open_redis(stack: AsyncExitStack, settings: Settings) -> Redis | None:
    url = _secret(settings, "redis_url")
    if not url:
        return None
    redis = Redis.from_url(
        url,
        protocol=2,
        socket_timeout=REDIS_TIMEOUT,
        socket_connect_timeout=REDIS_TIMEOUT,
        retry=Retry(NoBackoff(), 0),
    )
    stack.push_async_callback(redis.aclose)
    return redis


def _sessions(settings: Settings) -> Sessions:
    secret = _secret(settings, "session_secret")
    if not secret:
        log.warning("SESSION_SECRET is not set: Studio sessions end with this process")
        secret = secrets.token_hex(32)
    public = settings.public_base_url or settings.gateway_url
    origins = tuple(u for u in (settings.public_base_url, settings.gateway_url) if u)
    return Sessions(secret.encode(), origins, secure=public.startswith("https://"))


def _webhook_keys(settings: Settings) -> tuple[bytes, ...]:
    secret = _secret(settings, "webhook_signing_secret")
    return parse_secrets(secret) if secret else ()


def _dispatcher(
    settings: Settings, database: Database, lines: Mapping[str, Line]
) -> Dispatcher | None:
    if not settings.gateway_dispatch:
        return None
    return Dispatcher(database, lines, settings)


def _secret(settings: Settings, name: str) -> str | None:
    return settings.required(name) if getattr(settings, name) is not None else None


def _kept_running(name: str, run: Callable[[], Awaitable[None]]) -> asyncio.Task[None]:
    async def keep() -> None:
        while True:
            try:
                await run()
            except Exception as error:  # noqa: BLE001 (a background task must outlive any fault)
                log.warning("%s failed (%s), starting it again", name, type(error).__name__)
            await asyncio.sleep(TASK_RESTART)

    return asyncio.create_task(keep(), name=name)
