"""`pipeline` with a stack that needs no Dagster: data services, the real gateway, a quick worker.

Run as a program: `python -m pipeline_defs_tests.cli.demo_stack demo --stay`.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Awaitable, Callable
from typing import TypeVar

from pipeline_defs.cli import main
from pipeline_defs.local.programs import Probe, Program, StackContext, default_programs, python
from pipeline_defs.local.readiness import gateway as gateway_probe
from pipeline_defs.local.stack import Stack
from pipeline_defs.settings import get_settings, state_directory
from pipeline_defs.storage.database import Database, Transaction
from pipeline_defs_tests.cli import worker
from pipeline_defs_tests.local.small_stack import small_stack
from pipeline_defs_tests.web.filming import Studio
from pipeline_defs_tests.web.gateways import World
from pipeline_defs_tests.web.interviewing import Interviews
from pipeline_defs_tests.web.paging_world import Shop

T = TypeVar("T")
MODULE = "pipeline_defs_tests.cli.demo_stack"


def programs(context: StackContext) -> tuple[Program, ...]:
    """The product's data services and gateway, and a process that makes what is queued."""
    own = [program for program in default_programs(context) if program.group == "data"]
    own += [program for program in default_programs(context) if program.name == "gateway"]
    return (*own, Program("writer", python(MODULE, "write"), start_seconds=1))


def probes(context: StackContext) -> dict[str, Probe]:
    """The gateway says when it is ready."""
    return {"gateway": lambda: gateway_probe(context.settings["GATEWAY_URL"])}


def demo_stack() -> Stack:
    """The stack of this process's state directory."""
    return Stack(state_directory(), small_stack().configuration, programs, probes)


class Writer(World):
    """Works on a database directly, as a worker process does."""

    def __init__(self, database: Database) -> None:
        self._pool = database

    async def transact(
        self, work: Callable[[Transaction], Awaitable[T]], org: str = "default"
    ) -> T:
        """A transaction for the organization."""
        return await self._pool.transact(org, work)


async def write_forever() -> None:
    """Make one queued unit after the other."""
    settings = get_settings()
    async with Database.open(settings.required("database_url")) as database:
        world = Writer(database)
        studio = Studio(world, settings=settings)
        interviews = Interviews(world, settings=settings)
        await asyncio.gather(
            _articles(world), _lectures(studio), _campaigns(interviews), _pages(Shop(world))
        )


async def _articles(world: World) -> None:
    while True:
        await worker.work_once(world, pace=0.1)


async def _lectures(studio: Studio) -> None:
    while True:
        await studio.remade(await worker.next_queued(studio.world, kind="lectures"))


async def _campaigns(interviews: Interviews) -> None:
    while True:
        campaign_id = await worker.next_queued(interviews.world, kind="campaigns")
        await interviews.finished(campaign_id)


async def _pages(shop: Shop) -> None:
    while True:
        for page_id in await worker.all_queued(shop.world, "pages"):
            await shop.completes(page_id)
        await asyncio.sleep(0.05)


if __name__ == "__main__":
    if sys.argv[1] == "write":
        asyncio.run(write_forever())
    else:
        Stack.here = staticmethod(demo_stack)  # type: ignore[method-assign]
        assert os.environ["PIPELINE_STATE"]
        main.main(prog_name="pipeline")
