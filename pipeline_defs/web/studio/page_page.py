"""Studio's page of a page: its stages, its place in the queue, the document and its quality."""

from __future__ import annotations

import json
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from pipeline_defs.domain.keys import is_unit_id
from pipeline_defs.domain.kinds import PAGES
from pipeline_defs.domain.pages.models import PAGE_COMPONENTS
from pipeline_defs.domain.pages.requests import PRIORITIES
from pipeline_defs.domain.states import FINAL_STATES
from pipeline_defs.storage.database import Transaction
from pipeline_defs.web.gateway import gateway_of
from pipeline_defs.web.identity import Identity
from pipeline_defs.web.page_shape import PageShape, PageView, page_shape, read_page
from pipeline_defs.web.studio.rendering import page, signed_in
from pipeline_defs.web.unit_routes import missing

router = APIRouter(include_in_schema=False)


@router.get("/studio/pages/{page_id}")
async def page_page(request: Request, page_id: str) -> Response:
    """One page: progress, preview, quality, cost, actions."""
    caller = await signed_in(request)
    if not isinstance(caller, Identity):
        return caller
    if not is_unit_id(page_id):
        raise missing(PAGES)
    gateway = gateway_of(request)

    async def read(tx: Transaction) -> tuple[PageView | None, dict[str, Any] | None]:
        return await read_page(tx, page_id), await tx.one("progress.bounds", unit_id=page_id)

    view, bounds = await gateway.database.transact(caller.org_id, read)
    if view is None:
        raise missing(PAGES)
    shape = page_shape(view, gateway.links)
    document = shape.draft.document if shape.draft else shape.document
    context: dict[str, Any] = {
        "u": shape,
        "usage": view.usage,
        "batch_name": view.job["batch_name"],
        "json_ld": json.dumps(document.json_ld, indent=2, ensure_ascii=False) if document else "",
        "stale": bool(shape.document) and any(asset.stale for asset in shape.assets),
        "same_words_fail": _same_words_fail(shape),
        "priorities": PRIORITIES,
        "resting": shape.status in FINAL_STATES,
        "last_seq": (bounds["last_seq"] or 0) if bounds else 0,
        "organization": caller.org_id,
    }
    return page("page.html", context)


def _same_words_fail(shape: PageShape) -> bool:
    """Whether it broke the quality gate with words that stand: to go on would break it again."""
    if shape.status != "failed" or shape.error is None or shape.error.code != "QUALITY":
        return False
    return not any(asset.stale for asset in shape.assets if asset.name == PAGE_COMPONENTS)
