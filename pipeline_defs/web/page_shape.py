"""A page as the API and Studio show it: its job, its stages, what came out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import BaseModel, Field

from pipeline_defs.domain.pages import recipe
from pipeline_defs.domain.pages.approval import ApprovalState, approval_state, is_current
from pipeline_defs.domain.pages.document import PageDocument
from pipeline_defs.domain.pages.models import PAGE, Page
from pipeline_defs.domain.pages.quality.findings import QualityReport
from pipeline_defs.domain.pages.stages import TITLES, StageRecord
from pipeline_defs.domain.publications import Published
from pipeline_defs.domain.units import Unit
from pipeline_defs.storage import pages, publications, units
from pipeline_defs.storage.database import Transaction
from pipeline_defs.web.links import Links
from pipeline_defs.web.publication_shape import PublicationShape, publication_shape
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
    batch_row: int | None = Field(description="Its place in the batch's file, from 1.")
    created_at: datetime
    started_at: datetime | None
    completed_at: datetime | None


class AssetShape(BaseModel):
    """An asset of the page; `stale`: missing, or no longer what it was made from."""

    name: str
    made: bool
    stale: bool


class DocumentShape(BaseModel):
    """A page that was assembled. `json_ld` and `meta` are made from the same facts as `html`."""

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


class DraftShape(BaseModel):
    """What was assembled last and is not finished, with what the quality gate found in it."""

    document: DocumentShape
    quality: QualityShape | None


class ApprovalShape(BaseModel):
    """Whether the finished document may be published.

    `waiting`: nobody has decided about it yet; `none`: it is not finished, or not to be published.
    `version` is what `approve` and `reject` want, None where there is no finished document.
    """

    state: ApprovalState
    version: str | None
    publish: Published | None
    reason: str
    decided_by: str | None
    approved_at: datetime | None
    rejected_at: datetime | None


class PageShape(UnitShape):
    """A page with everything people need.

    `as_of` is when its products were taken from the shop: prices are of that moment.
    """

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
    as_of: datetime | None
    document: DocumentShape | None
    quality: QualityShape | None
    draft: DraftShape | None
    approval: ApprovalShape
    publication: PublicationShape | None


@dataclass(frozen=True, slots=True)
class PageView:
    """A page as read in one transaction."""

    unit: Unit
    page: Page
    job: Mapping[str, Any]
    usage: list[dict[str, Any]]
    publication: Mapping[str, Any] | None


async def read_page(tx: Transaction, page_id: str) -> PageView | None:
    """Everything about a page, or None.

    Its state is read first: whoever sees that it is finished sees all that came before.
    """
    unit = await units.get(tx, page_id)
    page = await pages.read(tx, page_id)
    job = await tx.one("page_queue.get", id=page_id)
    if page is None or unit is None or job is None:
        return None
    usage = await tx.all("usage.of_unit", unit_id=page_id)
    return PageView(unit, page, job, usage, await publications.of_unit(tx, page_id))


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
        as_of=context.as_of if context else None,
        document=_document(page.document),
        quality=_quality(page.quality),
        draft=_draft(page),
        approval=_approval(page),
        publication=publication_shape(view.publication, current=is_current(page)),
    )


def job_shape(row: Mapping[str, Any]) -> JobShape:
    """A row of the queue."""
    return JobShape(**{name: row[name] for name in JobShape.model_fields})


def _document(document: PageDocument | None) -> DocumentShape | None:
    if document is None:
        return None
    return DocumentShape(**{name: getattr(document, name) for name in DocumentShape.model_fields})


def _quality(report: QualityReport | None) -> QualityShape | None:
    return QualityShape(**report.model_dump()) if report else None


def _draft(page: Page) -> DraftShape | None:
    document = _document(page.draft)
    return DraftShape(document=document, quality=_quality(page.draft_quality)) if document else None


def _approval(page: Page) -> ApprovalShape:
    """What was said about another document than the present one does not count."""
    state, made = approval_state(page), page.version(PAGE)
    said = page.decision if state in ("approved", "rejected") else None
    return ApprovalShape(
        state=state,
        version=made.data_version if made and page.document else None,
        publish=said.publish if said else None,
        reason=said.reason if said else "",
        decided_by=said.decided_by if said else None,
        approved_at=said.decided_at if said and state == "approved" else None,
        rejected_at=said.decided_at if said and state == "rejected" else None,
    )


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
