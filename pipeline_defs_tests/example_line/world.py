"""A world with a fifth line, registered from outside: Postgres, Valkey, a poet, a gateway, Dagster.

The gateway and the poet live in a thread of their own, runs in the main thread, as in a worker.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeVar

import dagster as dg
import httpx
import psycopg
from anyio.from_thread import BlockingPortal, start_blocking_portal
from fastapi import FastAPI

from pipeline_defs.runtime import inbox
from pipeline_defs.runtime.arrivals import Arrival
from pipeline_defs.runtime.backfill import Backfilled, Round, Wish, backfill
from pipeline_defs.runtime.dagster.graphql import FoundRun, partition_tags
from pipeline_defs.runtime.dagster.internals import (
    CachingStaleStatusResolver,
    LoadingContextForTest,
    StaleStatus,
)
from pipeline_defs.runtime.dispatch import Launch, grouped, mark, take_due
from pipeline_defs.runtime.inspection import inspect
from pipeline_defs.runtime.lines import LINES
from pipeline_defs.runtime.reporting import DATA_VERSION
from pipeline_defs.runtime.routes import ROUTES
from pipeline_defs.settings import Settings, get_settings
from pipeline_defs.storage.database import Transaction
from pipeline_defs.web.app import create_app
from pipeline_defs_tests.example_line import storage
from pipeline_defs_tests.example_line.api import router
from pipeline_defs_tests.example_line.defs.assets import haiku_definitions
from pipeline_defs_tests.example_line.domain import HAIKUS, standing_of
from pipeline_defs_tests.example_line.line import EVENTS, HAIKU_LINE
from pipeline_defs_tests.gateways.scripted_server import (
    Answer,
    Request,
    ScriptedServer,
    running_server,
)
from pipeline_defs_tests.servers import TestDatabase
from pipeline_defs_tests.web.gateways import World, running_world

T = TypeVar("T")
ORG = "default"
PRICE = 0.02
REFUSED = "silence"  # the theme on which the poet writes nothing
LINES_AND_OURS = {**LINES, HAIKUS.name: HAIKU_LINE}
ROUTES_AND_OURS = replace(ROUTES, handlers={**ROUTES.handlers, **EVENTS})


class NoRuns:
    """No run of an earlier dispatch is under way: each has ended before the next is asked for."""

    async def runs_tagged(self, key: str, value: str, limit: int = 10) -> list[FoundRun]:
        return []


@dataclass
class Poetry:
    """What a test sees of it all."""

    portal: BlockingPortal
    poet: ScriptedServer
    world: World
    client: httpx.Client
    instance: dg.DagsterInstance
    ran: list[str] = field(default_factory=list)

    @property
    def asked(self) -> list[str]:
        """The theme of every call the poet got."""
        return [request.json["theme"] for request in self.poet.requests]

    def get(self, path: str) -> Any:
        answer = self.client.get(path)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def post(self, path: str, body: Any = None) -> Any:
        answer = self.client.post(path, json=body)
        assert answer.status_code in (200, 202), answer.text
        return answer.json()

    def create(self, *themes: str) -> str:
        return self.post("/v1/haikus", {"themes": themes})["id"]

    def send(self, event_type: str, data: Mapping[str, Any]) -> inbox.Receipt:
        """An event that was signed and is to take effect."""
        arrival = Arrival("test", event_type, event_type, json.dumps({"data": data}).encode())
        database = self.world.gateway.database
        return self._do(lambda: inbox.receive(database, ORG, arrival, "test", ROUTES_AND_OURS))

    def edit(self, haiku_id: str, n: int, theme: str) -> None:
        """An edit over the API, and what the gateway then tells Dagster of it."""
        path = f"/v1/haikus/{haiku_id}/verses/{n}"
        assert self.client.patch(path, json={"theme": theme}).status_code == 200
        dagster: Any = self
        database = self.world.gateway.database
        self._do(lambda: inspect(database, dagster, ORG, HAIKU_LINE, haiku_id))

    def backfill(self) -> list[Backfilled]:
        """Queue what stands otherwise than it should."""
        asked = Round(Wish(kind=HAIKUS.name, most=10), "test")
        database = self.world.gateway.database
        return self._do(lambda: backfill(database, LINES_AND_OURS, ORG, asked))

    async def observe(self, asset: str, partition: str, version: str) -> None:
        """As `DagsterApi.observe`, without a webserver."""
        tags = {DATA_VERSION: version}
        event = dg.AssetObservation(asset, partition=partition, tags=tags)
        self.instance.report_runless_asset_event(event)

    def settle(self) -> list[str]:
        """Dispatch and run what is due until nothing is; the jobs that ran."""
        self.ran = []
        while launches := self._do(self._due):
            for launch in launches:
                self._run(launch)
        return self.ran

    def stale(self, haiku_id: str) -> tuple[set[tuple[str, str]], set[tuple[str, str]]]:
        """What is stale by our rules, and by Dagster's."""
        graph = haiku_definitions().resolve_asset_graph()
        context = LoadingContextForTest(self.instance)
        resolver = CachingStaleStatusResolver(self.instance, graph, context)
        haiku = self._transact(lambda tx: storage.required(tx, haiku_id))
        standing = standing_of(haiku).standing
        ours = {(n.asset, n.partition) for n, how in standing.items() if how == "stale"}
        theirs = {
            (node.asset, node.partition)
            for node in standing
            if resolver.get_status(dg.AssetKey(node.asset), node.partition) == StaleStatus.STALE
        }
        return ours, theirs

    def events(self, asset: str) -> dict[str, dg.AssetMaterialization]:
        """What Dagster knows of an asset: the newest materialization of each partition."""
        wanted = dg.AssetRecordsFilter(dg.AssetKey(asset))
        found = self.instance.fetch_materializations(wanted, limit=100, ascending=True).records
        return {
            str(r.partition_key): r.asset_materialization for r in found if r.asset_materialization
        }

    def checks(self, asset: str, name: str) -> list[bool]:
        """Outcomes of a check, the newest first."""
        key = dg.AssetCheckKey(dg.AssetKey(asset), name)
        records = self.instance.event_log_storage.get_asset_check_execution_history(key, limit=10)
        return [record.event.dagster_event.asset_check_evaluation_data.passed for record in records]  # pyright: ignore

    async def _due(self) -> list[Launch]:
        database = self.world.gateway.database
        launches = grouped(await take_due(database, LINES_AND_OURS, NoRuns(), most=10))
        for launch in launches:
            await mark(database, launch)
        return launches

    def _run(self, launch: Launch) -> None:
        work = launch.work
        self.instance.add_dynamic_partitions(work.space, list(work.partitions))
        haiku_definitions().resolve_job_def(work.job).execute_in_process(
            instance=self.instance,
            tags={**launch.tags, **partition_tags(work.partitions)},
            raise_on_error=False,
        )
        self.ran.append(work.job)

    def _do(self, work: Callable[[], Awaitable[T]]) -> T:
        return self.portal.call(work)

    def _transact(self, work: Callable[[Transaction], Awaitable[T]]) -> T:
        return self._do(lambda: self.world.transact(work, ORG))


def write(request: Request) -> Answer:
    """The poet: a verse on the theme, for its price."""
    theme = request.json["theme"]
    if theme == REFUSED:
        return Answer({"error": {"code": "content_filter", "message": "nothing to say"}}, 400)
    return Answer({"verse": f"Of {theme} I sing", "cost_usd": str(PRICE)})


def app_with_haikus(database: TestDatabase, settings: Settings) -> FastAPI:
    """The gateway with the line; the tables of the line are made, its moves declared."""
    with psycopg.connect(database.admin_url) as connection:
        connection.execute((Path(__file__).parent / "schema.sql").read_text())
        for machine in (HAIKUS.machine, *HAIKUS.machines):
            for row in machine.rows():
                connection.execute("insert into app.transitions values (%s, %s, %s)", row)
    return create_app(settings, LINES_AND_OURS, [router], ROUTES_AND_OURS)


@contextmanager
def poetry(database: TestDatabase, settings: Settings, monkeypatch: Any) -> Iterator[Poetry]:
    """The world: a gateway with the line, and its environment."""
    app = app_with_haikus(database, settings)
    with ExitStack() as stack:
        portal = stack.enter_context(start_blocking_portal())
        poet = stack.enter_context(portal.wrap_async_context_manager(running_server()))
        poet.default = write
        monkeypatch.setenv("POET_URL", poet.url)
        monkeypatch.setenv("PIPELINE_STATE", str(settings.pipeline_state))
        monkeypatch.setenv("DATABASE_URL", settings.required("database_url"))
        monkeypatch.setenv("REDIS_URL", settings.required("redis_url"))
        get_settings.cache_clear()
        stack.callback(get_settings.cache_clear)
        running = running_world(settings, database, app)
        world = stack.enter_context(portal.wrap_async_context_manager(running))
        headers = {"Authorization": f"Bearer {world.keys[ORG]}"}
        client = stack.enter_context(httpx.Client(base_url=world.url, headers=headers, timeout=20))
        instance = stack.enter_context(dg.DagsterInstance.ephemeral())
        yield Poetry(portal, poet, world, client, instance)
