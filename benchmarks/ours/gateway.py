"""The product's gateway with one more route: `POST /v1/bench/{kind}` creates a unit to measure."""

from __future__ import annotations

import argparse
import logging
from dataclasses import replace
from typing import Any

from fastapi import FastAPI, Request
from starlette.responses import Response

from benchmarks.ours.line import KINDS
from benchmarks.ours.line import LINES as BENCH_LINES
from pipeline_defs.runtime.arrivals import Outcome
from pipeline_defs.runtime.lines import LINES
from pipeline_defs.runtime.routes import ROUTES, Routes
from pipeline_defs.settings import get_settings
from pipeline_defs.storage import units
from pipeline_defs.storage.database import Transaction
from pipeline_defs.web.__main__ import build_server
from pipeline_defs.web.app import create_app
from pipeline_defs.web.routes import Caller, api_router
from pipeline_defs.web.submissions import submit

router = api_router("bench")
REQUESTED = "bench/requested"


async def requested(tx: Transaction, data: dict[str, Any], actor: str) -> Outcome:
    """The event `bench/requested`: the same unit, asked for by a signed webhook."""
    return Outcome(
        "done", await units.create(tx, KINDS[data["kind"]], "bench", actor, steps_total=1)
    )


@router.post("/v1/bench/{kind}", status_code=202)
async def create(kind: str, request: Request, who: Caller) -> Response:
    """Store the request and its unit in one transaction, as every line does."""

    async def work(tx: Transaction) -> str:
        outcome = await requested(tx, {"kind": kind}, who.actor)
        return str(outcome.unit_id)

    return await submit(request, who, KINDS[kind], work)


def routes() -> Routes:
    """The product's events and one more."""
    return replace(ROUTES, handlers={**ROUTES.handlers, REQUESTED: requested})


def build_app() -> FastAPI:
    """The gateway with the benchmark's lines, event and route."""
    return create_app(get_settings(), {**LINES, **BENCH_LINES}, [router], routes())


def main() -> None:
    """Serve."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, required=True)
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.WARNING)
    build_server(build_app(), arguments.host, arguments.port).run()


if __name__ == "__main__":
    main()
