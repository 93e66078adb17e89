"""A line of its own for tests of the flow of events: what took effect stands in the audit trail."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import psycopg

from pipeline_defs.domain.errors import Permanent
from pipeline_defs.domain.flows import Batch, Flow
from pipeline_defs.runtime import inbox
from pipeline_defs.runtime.arrivals import Arrival, Event, Outcome, Receipt
from pipeline_defs.runtime.routes import Routes
from pipeline_defs.storage import units
from pipeline_defs.storage.database import Database, Transaction

ORG = "acme"
PLACED = "order/placed"


async def placed(tx: Transaction, data: dict[str, Any], actor: str) -> Outcome:
    """Note the order; faulty where it says so."""
    if data.get("is_faulty"):
        raise Permanent("FAULTY", "this order is faulty")
    if data.get("is_poison"):
        raise RuntimeError("a bug")
    await units.audit(tx, actor, "placed", None, orders=[data["n"]])
    return Outcome("done")


async def placed_together(tx: Transaction, events: Sequence[Event]) -> list[Outcome]:
    """Note the orders as one entry; a faulty one is put aside."""
    if any(event.data.get("is_poison") for event in events):
        raise RuntimeError("a bug")
    good = [event.data["n"] for event in events if not event.data.get("is_faulty")]
    await units.audit(tx, events[0].source, "placed", None, orders=good)
    return [
        Outcome("dead", reason="faulty") if event.data.get("is_faulty") else Outcome("done")
        for event in events
    ]


def routes(flow: Flow) -> Routes:
    """Orders by a rule."""
    if isinstance(flow, Batch):
        return Routes({}, {PLACED: placed_together}, {PLACED: flow})
    return Routes({PLACED: placed}, flows={PLACED: flow})


class Orders:
    """Sends orders, lets them be processed, and sees what became of them."""

    def __init__(self, db: Database, admin: psycopg.Connection, flow: Flow) -> None:
        self.db = db
        self.routes = routes(flow)
        self._admin = admin

    async def place(self, n: int, org: str = ORG, **data: Any) -> Receipt:
        """Order number `n` arrives."""
        body = json.dumps({"type": PLACED, "data": {"n": n, **data}}).encode()
        arrival = Arrival("shop", f"order-{n}", PLACED, body)
        return await inbox.receive(self.db, org, arrival, "shop", self.routes)

    async def process(self, most: int = 100) -> int:
        """What the gateway and the sensor do now and then."""
        return await inbox.process_open_events(self.db, most, self.routes)

    def placed(self, org: str = ORG) -> list[list[int]]:
        """The orders of each call of the handler, first to last."""
        rows = self._admin.execute(
            "select detail -> 'orders' from app.audit_events "
            "where org_id = %s and action = 'placed' order by id",
            [org],
        )
        return [row[0] for row in rows]

    def status(self, n: int, org: str = ORG) -> tuple[str, str | None]:
        """Status and reason of an order's event."""
        row = self._admin.execute(
            "select status, reason from app.inbox where org_id = %s and event_id = %s",
            [org, f"order-{n}"],
        ).fetchone()
        assert row is not None
        return row

    def pass_time(self, seconds: float) -> None:
        """As if all that is stored had come so much earlier."""
        self._admin.execute(
            "update app.inbox set due_at = due_at - make_interval(secs => %(s)s), "
            "flow_since = flow_since - make_interval(secs => %(s)s), "
            "taken_at = taken_at - make_interval(secs => %(s)s)",
            {"s": seconds},
        )
