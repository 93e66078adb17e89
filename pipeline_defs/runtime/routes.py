"""What each type of event leads to, and by which rule it gets there."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from pydantic import BaseModel

from pipeline_defs import policies
from pipeline_defs.domain.articles.models import ArticleRequest, RebuildRequest
from pipeline_defs.domain.calls.requests import CampaignRebuild, CampaignRequest
from pipeline_defs.domain.errors import Permanent
from pipeline_defs.domain.flows import Batch, Flow, Throttle
from pipeline_defs.domain.keys import is_unit_id
from pipeline_defs.domain.lectures.models import LectureRebuild, LectureRequest
from pipeline_defs.domain.pages.decisions import PageApproval, PageRejection
from pipeline_defs.domain.pages.requests import PageRebuild, PageRequest
from pipeline_defs.runtime import call_requests, control, telephone_events
from pipeline_defs.runtime.arrivals import Event, Outcome
from pipeline_defs.runtime.lines import ARTICLE_LINE, CAMPAIGN_LINE, LECTURE_LINE, PAGE_LINE, Line
from pipeline_defs.storage import (
    articles,
    campaign_changes,
    campaigns,
    lecture_changes,
    lectures,
    page_changes,
    pages,
)
from pipeline_defs.storage.database import Transaction

M = TypeVar("M", bound=BaseModel)
Handler = Callable[[Transaction, dict[str, Any], str], Awaitable[Outcome]]
BatchHandler = Callable[[Transaction, Sequence[Event]], Awaitable[Sequence[Outcome]]]


@dataclass(frozen=True, slots=True)
class Routes:
    """By type of event: its handler, and the rule it takes effect by; without one it does at once.

    Events of a `Batch` have a batch handler, which answers one outcome per event.
    """

    handlers: Mapping[str, Handler]
    batch_handlers: Mapping[str, BatchHandler] = field(default_factory=dict)
    flows: Mapping[str, Flow] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for event_type, flow in self.flows.items():
            batched = isinstance(flow, Batch)
            if event_type not in (self.batch_handlers if batched else self.handlers):
                kind = "batch handler" if batched else "handler"
                raise ValueError(f"{event_type} has a {type(flow).__name__} and no {kind}")


def created(request: type[M], create: Callable[[Transaction, M, str], Awaitable[str]]) -> Handler:
    """Creates a unit from the data of the event."""

    async def handle(tx: Transaction, data: dict[str, Any], actor: str) -> Outcome:
        return Outcome("done", await create(tx, request.model_validate(data), actor))

    return handle


def changed(
    request: type[M], change: Callable[[Transaction, str, M, str], Awaitable[Any]]
) -> Handler:
    """Does what the data of the event say to the unit they name by `id`."""

    async def handle(tx: Transaction, data: dict[str, Any], actor: str) -> Outcome:
        unit_id = _unit_id(data)
        wanted = request.model_validate({k: v for k, v in data.items() if k != "id"})
        await change(tx, unit_id, wanted, actor)
        return Outcome("done", unit_id)

    return handle


def told(change: Callable[[Transaction, str, str], Awaitable[Any]]) -> Handler:
    """The same where there is nothing more to say; other data are not looked at."""

    async def handle(tx: Transaction, data: dict[str, Any], actor: str) -> Outcome:
        unit_id = _unit_id(data)
        await change(tx, unit_id, actor)
        return Outcome("done", unit_id)

    return handle


def cancelled(line: Line) -> Handler:
    """Cancels a unit of the line."""
    return told(lambda tx, unit_id, actor: control.cancel(tx, line, unit_id, actor))


async def _video_done(_tx: Transaction, _data: dict[str, Any], _actor: str) -> Outcome:
    """The worker that waits for the job was woken; what it finds there is what counts."""
    return Outcome("done")


def _unit_id(data: Mapping[str, Any]) -> str:
    unit_id = data.get("id")
    if not isinstance(unit_id, str) or not is_unit_id(unit_id):
        raise Permanent("INVALID_EVENT", "id: must be the id of a unit")
    return unit_id


HANDLERS: Mapping[str, Handler] = {
    "article/requested": created(ArticleRequest, articles.create),
    "article/cancel": cancelled(ARTICLE_LINE),
    "article/rebuild": changed(RebuildRequest, articles.rebuild),
    "lecture/requested": created(LectureRequest, lectures.create),
    "lecture/cancel": cancelled(LECTURE_LINE),
    "lecture/rebuild": changed(LectureRebuild, lecture_changes.rebuild),
    "video/done": _video_done,
    "page/requested": created(PageRequest, pages.create),
    "page/cancel": cancelled(PAGE_LINE),
    "page/rebuild": changed(PageRebuild, pages.rebuild),
    "page/approve": changed(PageApproval, page_changes.approve),
    "page/reject": changed(PageRejection, page_changes.reject),
    "campaign/requested": created(CampaignRequest, campaigns.create),
    "campaign/cancel": cancelled(CAMPAIGN_LINE),
    "campaign/pause": told(campaign_changes.pause),
    "campaign/unpause": told(campaign_changes.unpause),
    "campaign/rebuild": changed(CampaignRebuild, campaign_changes.rebuild),
    "call/orchestrate": call_requests.orchestrate,
    "call/recording-ready": telephone_events.recording_ready,
    "call/transcribe": call_requests.transcribe,
    "claim/extract": call_requests.extract,
    "claim/validate": call_requests.validate,
    "twilio/status": telephone_events.apply_status,
    "twilio/recording": telephone_events.apply_recording,
}
FLOWS: Mapping[str, Flow] = {
    "lecture/requested": Throttle(key="org", limit=policies.LECTURE_EVENTS_PER_MINUTE, period=60),
}
ROUTES = Routes(HANDLERS, flows=FLOWS)
