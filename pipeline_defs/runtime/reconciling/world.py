"""What a pass of the reconciler looks at: our database, and the world beside it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

import dagster as dg
from redis.asyncio import Redis

from pipeline_defs.domain.errors import Transient
from pipeline_defs.gateways.blobs import BlobStore
from pipeline_defs.runtime.dagster.events import AssetEvent
from pipeline_defs.runtime.lines import Line
from pipeline_defs.runtime.reporting import STORAGE_AWAY, Untold
from pipeline_defs.storage.database import Database

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class World:
    """Everything a pass needs, open.

    `run_id`: the run in which it works; `spaces`: the set of partitions of each asset; `events`:
    what tells Dagster of versions, asset by asset, inputs first.
    """

    database: Database
    instance: dg.DagsterInstance
    redis: Redis
    blobs: BlobStore
    lines: Mapping[str, Line]
    run_id: str
    spaces: Mapping[str, str]
    events: Callable[[Sequence[Untold]], Iterable[list[AssetEvent]]]

    async def ask(self, question: Callable[[], T]) -> T:
        """A question to Dagster's storage, or a change of it, in a thread, and always to its end.

        Raises Transient `DAGSTER_UNAVAILABLE` where its database is away.
        """
        asking = asyncio.ensure_future(asyncio.to_thread(question))
        try:
            return await asyncio.shield(asking)
        except asyncio.CancelledError:
            await asyncio.wait([asking])
            raise
        except STORAGE_AWAY as error:
            raise Transient(
                "DAGSTER_UNAVAILABLE",
                f"Dagster's database does not answer ({type(error).__name__})",
                advice="Check it with `pipeline doctor`; the next pass looks again.",
            ) from error
