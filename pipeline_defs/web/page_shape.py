"""A page as the API and Studio show it: its job, its stages, what came out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import BaseModel, Field

from pipeline_defs.domain.pages import recipe
from pipeline_defs.domain.pages.models import Page
from pipeline_defs.domain.pages.stages import TITLES, StageRecord
from pipeline_defs.domain.units import Unit
from pipeline_defs.storage import pages, units
from pipeline_defs.storage.database import Transaction
from pipeline_defs.web.links import Links
from pipeline_defs.web.unit_shape import (
    ErrorShape,
    StageShape,
    StageStatus,
    UnitShape,
    error_shape,
    unit_fields,
)


class PageStage(StageShape):
    """One of the seven stages; `seconds` once it ended."""

    seconds: float | None = None
    detail: dict[str, Any] | None = None
    error: ErrorShape | None = None


class JobShape(BaseModel):
    """The page's place in the queue."""

    status: str = Field(examples=["pending"])
    priority: str = Field(examples=["HIGH"])
    score: int
    attempts: int
    batch_id: str | None
    deadline: datetime | None
    created_at: datetime
    started_at: datetime | None
    completed_at: datetime | None


class AssetShape(BaseModel):
    """An asset of the page; `stale`: missing, or no longer what it was made from."""

    name: str
    made: bool
    stale: bool


class DocumentShape(BaseModel):
    """The finished page. `json_ld` and `meta` are made from the same facts as `html`."""

    title: str
    description: str
    headline: str
    canonical: str | None
    html: str
    json_ld: dict[str, Any]
    meta: list[tuple[str, str]]
    words: int


class FindingShape(BaseModel):
    """A check of the quality gate; `required` ones stop a page."""

    check: str
    passed: bool
    required: bool
    advice: str
    details: dict[str, Any] = {}


class QualityShape(BaseModel):
    """What the quality gate found."""

    score: int
    passed: bool
    findings: list[FindingShape]


class PageShape(UnitShape):
    """A page with everything people need."""

    page_type: str
    target_url: str
    language: str
    keywords: list[str]
    request: dict[str, Any]
    job: JobShape
    stages: list[PageStage]
    assets: list[AssetShape]
    products: list[str]
    remarks: list[str]
    removed_sentences: list[dict[str, Any]]
    served_by: list[str]
    document: DocumentShape | None
    quality: QualityShape | None


@dataclass(frozen=True, slots=True)
class PageView:
    """A page as read in one transaction."""

    unit: Unit
    page: Page
    job: Mapping[str, Any]
    usage: list[dict[str, Any]]


async def read_page(tx: Transaction, page_id: str) -> PageView | None:
    """Everything about a page, or None."""
    page = await pages.read(tx, page_id)
    unit = await units.get(tx, page_id)
    job = await tx.one("page_queue.get", id=page_id)
    if page is None or unit is None or job is None:
        return None
    return PageView(unit, page, job, await tx.all("usage.of_unit", unit_id=page_id))


def page_shape(view: PageView, links: Links) -> PageShape:
    """The public shape of a page."""
    page = view.page
    stages = [_stage(record, view.unit.status) for record in page.all_stages]
    context, components = page.context, page.components
    return PageShape(
        **unit_fields(view.unit, links, list(stages)),
        page_type=page.request.page_type,
        target_url=page.request.target_url,
        language=page.request.language,
        keywords=page.request.keywords,
        request=page.request.model_dump(mode="json"),
        job=job_shape(view.job),
        stages=stages,
        assets=[
            AssetShape(
                name=asset,
                made=page.version(asset) is not None,
                stale=recipe.is_stale(page, asset),
            )
            for asset in recipe.ASSETS
        ],
        products=[product.name for product in context.facts.products] if context else [],
        remarks=list(context.remarks) if context else [],
        removed_sentences=[r.model_dump() for r in components.removals] if components else [],
        served_by=list(components.served_by) if components else [],
        document=_document(page),
        quality=QualityShape(**page.quality.model_dump()) if page.quality else None,
    )


def job_shape(row: Mapping[str, Any]) -> JobShape:
    """A row of the queue."""
    return JobShape(**{name: row[name] for name in JobShape.model_fields})


def _document(page: Page) -> DocumentShape | None:
    document = page.document
    if document is None:
        return None
    return DocumentShape(**{name: getattr(document, name) for name in DocumentShape.model_fields})


def _stage(record: StageRecord, status: str) -> PageStage:
    shown: StageStatus = record.status
    if shown in ("pending", "running") and status == "cancelled":
        shown = "cancelled"
    return PageStage(
        name=record.name,
        title=TITLES[record.name],
        status=shown,
        done=int(record.status in ("completed", "skipped")),
        total=1,
        seconds=record.seconds,
        detail=record.detail,
        error=error_shape(record.error),
    )
