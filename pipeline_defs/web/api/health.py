"""Probes and metrics: is the process alive, can it serve, what does it count."""

from __future__ import annotations

import asyncio
import logging
import math
from collections.abc import Mapping
from typing import Any

import psycopg
from fastapi import APIRouter, Request
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from pydantic import BaseModel
from redis.exceptions import RedisError
from starlette.responses import Response

from pipeline_defs.domain.errors import PipelineError
from pipeline_defs.domain.forecasts import Forecast
from pipeline_defs.domain.kinds import MACHINES
from pipeline_defs.domain.reconciliation import NUMBERS
from pipeline_defs.runtime import progress
from pipeline_defs.storage.database import Transaction
from pipeline_defs.storage.migrate import head
from pipeline_defs.storage.month_ahead import forecast_of_everybody
from pipeline_defs.web.gateway import Gateway, gateway_of
from pipeline_defs.web.metrics import Metrics
from pipeline_defs.web.problems import Problem
from pipeline_defs.web.routes import problem

log = logging.getLogger(__name__)
router = APIRouter(tags=["health"])


class Health(BaseModel):
    """The process answers."""

    status: str = "ok"


class Readiness(BaseModel):
    """`redis` may be degraded or unused: progress then comes from Postgres, nothing is lost."""

    status: str
    database: str
    schema_revision: str
    redis: str


@router.get("/healthz")
async def healthz() -> Health:
    """Whether the process is alive."""
    return Health()


@router.get("/readyz", responses={503: problem("The database is away or its schema is another.")})
async def readyz(request: Request) -> Readiness:
    """Whether requests can be served: database reachable, schema as the code expects it."""
    gateway = gateway_of(request)
    redis, schema = await asyncio.gather(_redis_state(gateway), _schema(gateway))
    if schema is None:
        raise Problem(
            503,
            "SCHEMA_MISMATCH",
            "The database's schema is not the one this version needs.",
            advice="Run the migrations (`pipeline up` does).",
        )
    return Readiness(
        status="degraded" if redis == "unavailable" else "ready",
        database="ok",
        schema_revision=schema,
        redis=redis,
    )


@router.get("/metrics", response_class=Response)
async def metrics(request: Request) -> Response:
    """Counters for Prometheus: numbers only, of all organizations together."""
    gateway = gateway_of(request)
    await _refresh(gateway)
    return Response(generate_latest(gateway.metrics.registry), media_type=CONTENT_TYPE_LATEST)


async def _refresh(gateway: Gateway) -> None:
    metrics = gateway.metrics
    metrics.redis_up.set((await _redis_state(gateway)) == "ok")
    metrics.publications_lost.set(progress.counts.lost)
    try:
        rows = await gateway.database.all(None, "units.queue_counts_everywhere")
        passes = await gateway.database.all(None, "reconciliation.newest", run_id=None, most=1)
    except PipelineError:
        metrics.database_up.set(0)
        return
    metrics.database_up.set(1)
    metrics.queue.clear()
    for row in rows:
        metrics.queue.labels(row["kind"], row["status"]).set(row["units"])
    for row in passes:
        _show_pass(metrics, row)
    if metrics.costs_are_old():
        try:
            await _refresh_costs(gateway)
        except PipelineError:
            log.warning("the month's costs could not be summed: metrics keep those of before")


def _show_pass(metrics: Metrics, row: Mapping[str, Any]) -> None:
    metrics.reconciliation.clear()
    for finding in row["findings"]:
        for outcome in NUMBERS:
            metrics.reconciliation.labels(finding["loss"], outcome).set(finding[outcome])
    metrics.reconciliation_faults.set(len(row["faults"]))
    metrics.reconciliation_ended.set(row["ended_at"].timestamp())


async def _refresh_costs(gateway: Gateway) -> None:
    """Labels are lines and providers of the catalogue, so there are few."""
    metrics = gateway.metrics

    async def read(
        tx: Transaction,
    ) -> tuple[list[dict[str, Any]], list[dict[str, Any]], Forecast]:
        spent = await tx.all("budgets.month_everywhere")
        reached = await tx.all("budgets.counts_everywhere")
        return spent, reached, await forecast_of_everybody(tx)

    spent, reached, ahead = await gateway.database.transact(None, read)
    metrics.month_cost.clear()
    metrics.month_calls.clear()
    for row in spent:
        metrics.month_cost.labels(row["kind"], row["provider"]).set(float(row["cost_usd"]))
        metrics.month_calls.labels(row["kind"], row["provider"]).set(row["calls"])
    metrics.month_forecast.set(math.nan if ahead.usd is None else float(ahead.usd))
    metrics.budgets_reached.clear()
    for row in reached:
        line = row["line"] or "organization"
        metrics.budgets_reached.labels(line, row["level"]).set(row["budgets"])


async def _redis_state(gateway: Gateway) -> str:
    if gateway.redis is None:
        return "not configured"
    try:
        await gateway.redis.execute_command("PING")
    except (RedisError, OSError, TimeoutError):
        return "unavailable"
    return "ok"


async def _schema(gateway: Gateway) -> str | None:
    """The revision in place, or None when it is not the one the code needs.

    Where the application may not read the revision, the table of legal moves stands for it: it is
    written by every migration from the code's own declarations.
    """

    async def read(tx: Transaction) -> tuple[str | None, set[tuple[Any, ...]]]:
        readable = await tx.one("gateway.revision_is_readable")
        row = await tx.one("gateway.revision") if readable and readable["readable"] else None
        moves = await tx.all("gateway.transitions")
        return row["version_num"] if row else None, {tuple(m.values()) for m in moves}

    try:
        revision, moves = await gateway.database.transact(None, read)
    except psycopg.ProgrammingError:  # not migrated at all
        return None
    needed = await asyncio.to_thread(head)
    if revision not in (None, needed):
        return None
    declared = {row for machine in MACHINES for row in machine.rows()}
    return needed if declared <= moves else None
