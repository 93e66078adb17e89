"""The inbox: whatever arrives is stored once, and turned into work in the same transaction.

`receive` stores an arrival together with its effect. When the effect fails for good the arrival is
kept as dead, with the reason; when it fails for a reason nobody foresaw it stays open, and
`process_open_events` (called by the gateway and by a Dagster sensor) tries it again a few times.
The same id a second time has no effect and says so.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from pydantic import ValidationError

from pipeline_defs.domain.articles.models import ArticleRequest, RebuildRequest
from pipeline_defs.domain.calls.requests import CampaignRebuild, CampaignRequest
from pipeline_defs.domain.errors import Permanent, Transient, classify
from pipeline_defs.domain.keys import is_unit_id
from pipeline_defs.domain.lectures.models import LectureRebuild, LectureRequest
from pipeline_defs.domain.pages.requests import PageRebuild, PageRequest
from pipeline_defs.runtime import call_requests, control, telephone_events
from pipeline_defs.runtime.arrivals import Arrival, Outcome, Receipt
from pipeline_defs.runtime.lines import ARTICLE_LINE, CAMPAIGN_LINE, LECTURE_LINE, PAGE_LINE, Line
from pipeline_defs.storage import (
    articles,
    campaign_changes,
    campaigns,
    lecture_changes,
    lectures,
    pages,
)
from pipeline_defs.storage.database import Database, Transaction

log = logging.getLogger(__name__)

MAX_ATTEMPTS = 5  # of an event whose processing fails for an unforeseen reason

Work = Callable[[Transaction], Awaitable[Outcome]]
Handler = Callable[[Transaction, dict[str, Any], str], Awaitable[Outcome]]


async def store(
    tx: Transaction, arrival: Arrival, work: Work, body_hash: bytes | None = None
) -> Receipt:
    """Store `arrival` and do its `work`, unless it is known already. One transaction: the caller's.

    `body_hash` stands for the body where equal bodies may differ in their bytes. Whatever `work`
    raises undoes the storing too.
    """
    wanted = body_hash or arrival.body_hash
    stored = await tx.one(
        "inbox.store",
        source=arrival.source,
        event_id=arrival.event_id,
        event_type=arrival.event_type,
        body=arrival.body,
        body_hash=wanted,
    )
    if stored is None:
        return await _known(tx, arrival, wanted, work)
    return Receipt(await _finish(tx, arrival.source, arrival.event_id, await work(tx)))


async def receive(database: Database, org_id: str, arrival: Arrival, actor: str) -> Receipt:
    """Store an event and route it; on failure it is kept as dead, or open to be tried again.

    Returns only after the commit. Raises Transient `DATABASE_UNAVAILABLE`: then nothing is stored.
    """

    async def route_it(_tx: Transaction) -> Outcome:
        return await route(_tx, arrival.event_type, arrival.body, actor)

    try:
        return await database.transact(org_id, lambda tx: store(tx, arrival, route_it))
    except Transient:
        raise
    except Permanent as error:
        outcome = Outcome("dead", reason=_reason(error))
    except Exception as error:  # noqa: BLE001 (the event must not be lost for a fault of ours)
        log.warning("event kept for another try: %s", classify(error).message)
        outcome = Outcome("received", reason=classify(error).message)

    async def keep(_tx: Transaction) -> Outcome:
        return outcome

    return await database.transact(org_id, lambda tx: store(tx, arrival, keep))


async def process_open_events(database: Database, most: int = 100) -> int:
    """Try every event that is stored but not processed; how many became final."""
    final = 0
    for row in await database.all(None, "inbox.open", most=most):
        org_id, source, event_id = row["org_id"], row["source"], row["event_id"]
        outcome = await _process(database, org_id, source, event_id)
        final += outcome.status != "received"
    return final


async def route(tx: Transaction, event_type: str, body: bytes, actor: str) -> Outcome:
    """Hand an event to the storage function it is meant for. Raises Permanent when it is faulty."""
    handler = HANDLERS.get(event_type)
    if handler is None:
        return Outcome("ignored", reason=f"unknown event type {event_type[:100]!r}")
    try:
        return await handler(tx, _data(body), actor)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise Permanent("INVALID_EVENT", f"{where or 'data'}: {first['msg']}") from error


async def _process(database: Database, org_id: str, source: str, event_id: str) -> Outcome:
    async def attempt(tx: Transaction) -> Outcome:
        row = await tx.one("inbox.lock", source=source, event_id=event_id)
        if row is None or row["status"] != "received":
            return Outcome("ignored", reason="processed by another")
        outcome = await route(tx, row["event_type"], bytes(row["body"]), source)
        return await _finish(tx, source, event_id, outcome)

    try:
        return await database.transact(org_id, attempt)
    except Permanent as error:
        reason, attempts = _reason(error), MAX_ATTEMPTS
    except Exception as error:  # one faulty event must not hold up the others
        if isinstance(error, Transient) and error.code == "DATABASE_UNAVAILABLE":
            raise
        log.warning("event could not be processed: %s", classify(error).message)
        reason = classify(error).message
        counted = await database.one(
            org_id, "inbox.count_attempt", source=source, event_id=event_id
        )
        attempts = counted["attempts"] if counted else 0
    if attempts < MAX_ATTEMPTS:
        return Outcome("received", reason=reason)
    outcome = Outcome("dead", reason=reason)
    await database.transact(org_id, lambda tx: _finish(tx, source, event_id, outcome))
    return outcome


async def _known(tx: Transaction, arrival: Arrival, wanted: bytes, work: Work) -> Receipt:
    row = await tx.one("inbox.lock", source=arrival.source, event_id=arrival.event_id)
    if row is None:
        raise Transient("INBOX_BUSY", "the event is being stored by another request")
    if bytes(row["body_hash"]) != wanted:
        return Receipt(Outcome(row["status"], row["unit_id"]), duplicate=True, conflict=True)
    if row["status"] == "received":  # stored earlier, not turned into work yet: do it now
        outcome = await _finish(tx, arrival.source, arrival.event_id, await work(tx))
        return Receipt(outcome, duplicate=True)
    return Receipt(Outcome(row["status"], row["unit_id"], row["reason"]), duplicate=True)


async def _finish(tx: Transaction, source: str, event_id: str, outcome: Outcome) -> Outcome:
    await tx.run(
        "inbox.finish",
        source=source,
        event_id=event_id,
        status=outcome.status,
        reason=outcome.reason,
        unit_id=outcome.unit_id,
    )
    return outcome


def _data(body: bytes) -> dict[str, Any]:
    """The `data` of a stored event; Permanent when it cannot be read or stored as text."""
    try:
        data = json.loads(body).get("data", {})
        text = json.dumps(data, ensure_ascii=False)
        text.encode()
    except (ValueError, AttributeError, RecursionError) as error:
        raise Permanent("INVALID_EVENT", "the body is not a readable event") from error
    if not isinstance(data, dict):
        raise Permanent("INVALID_EVENT", "data: must be an object")
    if "\\u0000" in text:
        raise Permanent("INVALID_EVENT", "data: contains a NUL character")
    return data


async def _create_article(tx: Transaction, data: dict[str, Any], actor: str) -> Outcome:
    request = ArticleRequest.model_validate(data)
    return Outcome("done", await articles.create(tx, request, actor))


def _cancel(line: Line) -> Handler:
    async def cancel(tx: Transaction, data: dict[str, Any], actor: str) -> Outcome:
        unit = await control.cancel(tx, line, _unit_id(data), actor)
        return Outcome("done", unit.id)

    return cancel


async def _rebuild_article(tx: Transaction, data: dict[str, Any], actor: str) -> Outcome:
    unit_id = _unit_id(data)
    request = RebuildRequest.model_validate({k: v for k, v in data.items() if k != "id"})
    await articles.rebuild(tx, unit_id, request, actor)
    return Outcome("done", unit_id)


async def _create_lecture(tx: Transaction, data: dict[str, Any], actor: str) -> Outcome:
    request = LectureRequest.model_validate(data)
    return Outcome("done", await lectures.create(tx, request, actor))


async def _rebuild_lecture(tx: Transaction, data: dict[str, Any], actor: str) -> Outcome:
    unit_id = _unit_id(data)
    request = LectureRebuild.model_validate({k: v for k, v in data.items() if k != "id"})
    await lecture_changes.rebuild(tx, unit_id, request, actor)
    return Outcome("done", unit_id)


async def _create_campaign(tx: Transaction, data: dict[str, Any], actor: str) -> Outcome:
    request = CampaignRequest.model_validate(data)
    return Outcome("done", await campaigns.create(tx, request, actor))


async def _pause_campaign(tx: Transaction, data: dict[str, Any], actor: str) -> Outcome:
    unit_id = _unit_id(data)
    await campaign_changes.pause(tx, unit_id, actor)
    return Outcome("done", unit_id)


async def _unpause_campaign(tx: Transaction, data: dict[str, Any], actor: str) -> Outcome:
    unit_id = _unit_id(data)
    await campaign_changes.unpause(tx, unit_id, actor)
    return Outcome("done", unit_id)


async def _rebuild_campaign(tx: Transaction, data: dict[str, Any], actor: str) -> Outcome:
    unit_id = _unit_id(data)
    request = CampaignRebuild.model_validate({k: v for k, v in data.items() if k != "id"})
    await campaign_changes.rebuild(tx, unit_id, request, actor)
    return Outcome("done", unit_id)


async def _create_page(tx: Transaction, data: dict[str, Any], actor: str) -> Outcome:
    request = PageRequest.model_validate(data)
    return Outcome("done", await pages.create(tx, request, actor))


async def _rebuild_page(tx: Transaction, data: dict[str, Any], actor: str) -> Outcome:
    unit_id = _unit_id(data)
    request = PageRebuild.model_validate({k: v for k, v in data.items() if k != "id"})
    await pages.rebuild(tx, unit_id, request, actor)
    return Outcome("done", unit_id)


async def _video_done(_tx: Transaction, _data: dict[str, Any], _actor: str) -> Outcome:
    """The worker that waits for the job was woken; what it finds there is what counts."""
    return Outcome("done")


def _unit_id(data: Mapping[str, Any]) -> str:
    unit_id = data.get("id")
    if not isinstance(unit_id, str) or not is_unit_id(unit_id):
        raise Permanent("INVALID_EVENT", "id: must be the id of a unit")
    return unit_id


def _reason(error: Permanent) -> str:
    return f"{error.code}: {error.message}"


HANDLERS: Mapping[str, Handler] = {
    "article/requested": _create_article,
    "article/cancel": _cancel(ARTICLE_LINE),
    "article/rebuild": _rebuild_article,
    "lecture/requested": _create_lecture,
    "lecture/cancel": _cancel(LECTURE_LINE),
    "lecture/rebuild": _rebuild_lecture,
    "video/done": _video_done,
    "page/requested": _create_page,
    "page/cancel": _cancel(PAGE_LINE),
    "page/rebuild": _rebuild_page,
    "campaign/requested": _create_campaign,
    "campaign/cancel": _cancel(CAMPAIGN_LINE),
    "campaign/pause": _pause_campaign,
    "campaign/unpause": _unpause_campaign,
    "campaign/rebuild": _rebuild_campaign,
    "call/orchestrate": call_requests.orchestrate,
    "call/recording-ready": telephone_events.recording_ready,
    "call/transcribe": call_requests.transcribe,
    "claim/extract": call_requests.extract,
    "claim/validate": call_requests.validate,
    "twilio/status": telephone_events.apply_status,
    "twilio/recording": telephone_events.apply_recording,
}
