"""What each type of event leads to, and by which rule it gets there."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

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


async def _approve_page(tx: Transaction, data: dict[str, Any], actor: str) -> Outcome:
    unit_id = _unit_id(data)
    approval = PageApproval.model_validate({k: v for k, v in data.items() if k != "id"})
    await page_changes.approve(tx, unit_id, approval, actor)
    return Outcome("done", unit_id)


async def _reject_page(tx: Transaction, data: dict[str, Any], actor: str) -> Outcome:
    unit_id = _unit_id(data)
    rejection = PageRejection.model_validate({k: v for k, v in data.items() if k != "id"})
    await page_changes.reject(tx, unit_id, rejection, actor)
    return Outcome("done", unit_id)


async def _video_done(_tx: Transaction, _data: dict[str, Any], _actor: str) -> Outcome:
    """The worker that waits for the job was woken; what it finds there is what counts."""
    return Outcome("done")


def _unit_id(data: Mapping[str, Any]) -> str:
    unit_id = data.get("id")
    if not isinstance(unit_id, str) or not is_unit_id(unit_id):
        raise Permanent("INVALID_EVENT", "id: must be the id of a unit")
    return unit_id


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
    "page/approve": _approve_page,
    "page/reject": _reject_page,
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
FLOWS: Mapping[str, Flow] = {
    "lecture/requested": Throttle(key="org", limit=policies.LECTURE_EVENTS_PER_MINUTE, period=60),
}
ROUTES = Routes(HANDLERS, flows=FLOWS)
