"""Creating units through the API: the request is stored in the inbox together with the unit.

A client's Idempotency-Key holds for ever: the same request under it gives the same answer, another
one is a conflict. Without the header the request is stored under an id of our own, which makes our
own repetition after a lost connection to Postgres harmless.
"""

from __future__ import annotations

import hashlib
import json
import re
import uuid
from collections.abc import Awaitable, Callable
from typing import Annotated, Any

from fastapi import Header
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from pipeline_defs.domain.kinds import Kind
from pipeline_defs.runtime import inbox
from pipeline_defs.runtime.arrivals import Arrival, Outcome, Receipt
from pipeline_defs.storage.database import Transaction
from pipeline_defs.web.gateway import Gateway, gateway_of
from pipeline_defs.web.identity import Identity
from pipeline_defs.web.problems import Problem
from pipeline_defs.web.routes import read_json
from pipeline_defs.web.unit_shape import Accepted

HEADER = "Idempotency-Key"
REPLAYED = "Idempotent-Replayed"
IdempotencyKey = Annotated[
    str | None, Header(alias=HEADER, description="The same key again has no second effect.")
]
KEY = re.compile(r"[\x21-\x7e]{1,200}")
Create = Callable[[Transaction], Awaitable[str]]


async def submit(request: Request, caller: Identity, kind: Kind, create: Create) -> Response:
    """Store the request and create its unit; 202 with the unit's id and links.

    `create` returns the id. It runs in the same transaction, once per Idempotency-Key.
    """

    async def work(tx: Transaction) -> Outcome:
        return Outcome("done", await create(tx))

    gateway = gateway_of(request)
    event_type = f"{kind.noun}/requested"
    body = await request.body()
    arrival = Arrival("api", idempotency_key(request), event_type, body)
    body_hash = canonical_hash(event_type, read_json(body))
    receipt = await gateway.database.transact(
        caller.org_id, lambda tx: inbox.store(tx, arrival, work, body_hash)
    )
    _count(gateway, receipt)
    if receipt.conflict:
        raise conflict()
    unit_id = receipt.outcome.unit_id
    if unit_id is None:
        raise Problem(
            409, "REQUEST_REFUSED", receipt.outcome.reason or "The request was refused before."
        )
    gateway.wake()
    accepted = Accepted(id=unit_id, kind=kind.name, links=gateway.links.of(kind.name, unit_id))
    headers = {"Location": f"/v1/{kind.name}/{unit_id}"}
    if receipt.duplicate:
        headers[REPLAYED] = "true"
    return JSONResponse(accepted.model_dump(), 202, headers)


def conflict() -> Problem:
    """409: the key stands for another request."""
    return Problem(
        409,
        "IDEMPOTENCY_CONFLICT",
        f"This {HEADER} was used for another request.",
        advice="Use a new key for a new request.",
    )


def canonical_hash(event_type: str, body: Any) -> bytes:
    """Equal for equal JSON values, however they are written."""
    text = json.dumps([event_type, body], sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).digest()


def idempotency_key(request: Request) -> str:
    """The id a request is stored under: the client's key, or one of our own."""
    given = request.headers.get(HEADER)
    if given is None:
        return f"request:{uuid.uuid4().hex}"
    if not KEY.fullmatch(given):
        raise Problem(
            400,
            "INVALID_IDEMPOTENCY_KEY",
            f"{HEADER} must be 1 to 200 visible ASCII characters without spaces.",
        )
    return f"key:{given}"


def _count(gateway: Gateway, receipt: Receipt) -> None:
    outcome = "conflict" if receipt.conflict else "duplicate" if receipt.duplicate else "stored"
    gateway.metrics.inbox.labels("api", outcome).inc()
