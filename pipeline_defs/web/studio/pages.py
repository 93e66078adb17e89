"""Studio: pages rendered here, actions through the API, live through the progress stream.

A page consists of named regions. When something happens its script fetches the page's regions again
and puts in those that changed, so there is one place that renders and nothing to build.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from urllib.parse import urlencode, urlsplit

from fastapi import APIRouter, FastAPI, Request
from starlette.responses import RedirectResponse, Response
from starlette.staticfiles import StaticFiles

from pipeline_defs.domain.keys import is_unit_id
from pipeline_defs.domain.kinds import STATUSES
from pipeline_defs.storage.database import Transaction
from pipeline_defs.web.article_shape import article_shape, read_article
from pipeline_defs.web.gateway import gateway_of
from pipeline_defs.web.identity import Identity
from pipeline_defs.web.problems import not_found
from pipeline_defs.web.studio import (
    audit_page,
    backfills_page,
    campaign_page,
    cost_page,
    home,
    lecture_page,
    operations_page,
    page_page,
    queue_page,
    unit_page,
)
from pipeline_defs.web.studio.rendering import FOLDER, page, signed_in
from pipeline_defs.web.unit_routes import listed

PAGE_SIZE = 25
SHOWN_STATUSES = ("queued", "generating", "completed", "incomplete", "failed", "cancelled")
router = APIRouter(include_in_schema=False)


def install(app: FastAPI) -> None:
    """Add Studio's pages and files."""
    app.mount("/studio/static", StaticFiles(directory=FOLDER / "static"), name="static")
    app.include_router(router)
    app.include_router(lecture_page.router)
    app.include_router(campaign_page.router)
    app.include_router(queue_page.router)
    app.include_router(page_page.router)
    app.include_router(cost_page.router)
    app.include_router(backfills_page.router)
    app.include_router(operations_page.router)
    app.include_router(audit_page.router)
    app.include_router(unit_page.router)  # the last one: whatever has no page of its own


@router.get("/")
async def root() -> Response:
    """The gateway's front door is Studio."""
    return RedirectResponse("/studio", 303)


@router.get("/studio/sign-in")
async def sign_in_page(request: Request, next: str = "/studio") -> Response:
    """Asks for an API key."""
    return page("sign_in.html", {"next": _own_page(next), "organization": None})


@router.get("/studio")
async def unit_list(
    request: Request, kind: str | None = None, status: str | None = None, next: str | None = None
) -> Response:
    """What the organization has made, with live progress, and the form for something new."""
    caller = await signed_in(request)
    if not isinstance(caller, Identity):
        return caller
    gateway = gateway_of(request)
    kinds = gateway.kinds
    kind = kind if kind in kinds else None
    status = status if status in STATUSES else None
    found = await listed(gateway, caller, kind=kind, status=status, cursor=next, limit=PAGE_SIZE)
    rows = await gateway.database.all(caller.org_id, "units.queue_counts")
    lines = home.lines_of(rows, kinds)
    whole = not (kind or status or next)
    context: dict[str, Any] = {
        "units": found["items"],
        "next": found["next"],
        "totals": _totals(line for line in lines if kind in (None, line.kind)),
        "kind": kinds[kind] if kind else None,
        "listed_kinds": kinds,
        "status": status,
        "statuses": SHOWN_STATUSES,
        "address": _address,
        "organization": caller.org_id,
        "first_page": next is None,
        "home": await home.overview(request, caller, lines) if whole else None,
    }
    return page("units.html", context)


@router.get("/studio/articles/{article_id}")
async def article_page(request: Request, article_id: str) -> Response:
    """One article: progress, sections, sources, text, actions."""
    caller = await signed_in(request)
    if not isinstance(caller, Identity):
        return caller
    if not is_unit_id(article_id):
        raise not_found("There is no such article.")
    gateway = gateway_of(request)

    async def read(tx: Transaction) -> tuple[Any, list[dict[str, Any]], dict[str, Any] | None]:
        return (
            await read_article(tx, article_id),
            await tx.all("usage.of_unit", unit_id=article_id),
            await tx.one("progress.bounds", unit_id=article_id),
        )

    view, usage, bounds = await gateway.database.transact(caller.org_id, read)
    shape = article_shape(view, gateway.links)
    context = {
        "a": shape,
        "usage": usage,
        "last_seq": (bounds["last_seq"] or 0) if bounds else 0,
        "organization": caller.org_id,
    }
    return page("article.html", context)


def _totals(lines: Iterable[home.LineCounts]) -> dict[str, int]:
    """Units of lines that wait, are in work and have ended."""
    chosen = list(lines)
    return {
        name: sum(getattr(line, name) for line in chosen)
        for name in ("waiting", "in_work", "ended")
    }


def _address(**filters: str | None) -> str:
    """The list with these filters; those that are None are left out."""
    query = urlencode({name: value for name, value in filters.items() if value})
    return f"/studio?{query}" if query else "/studio"


def _own_page(address: str) -> str:
    """`address` when it is a page of Studio, else Studio's first page."""
    parts = urlsplit(address)
    own = not parts.scheme and not parts.netloc and parts.path.startswith("/studio")
    return address if own and "\\" not in address else "/studio"
