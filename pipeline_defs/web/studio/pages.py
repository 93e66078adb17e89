"""Studio: pages rendered here, actions through the API, live through the progress stream.

A page consists of named regions. When something happens its script fetches the page's regions again
and puts in those that changed, so there is one place that renders and nothing to build.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from fastapi import APIRouter, FastAPI, Request
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.staticfiles import StaticFiles

from pipeline_defs.domain.articles.models import KIND
from pipeline_defs.domain.keys import is_unit_id
from pipeline_defs.domain.states import ARTICLE, FINAL_STATES
from pipeline_defs.storage import units
from pipeline_defs.storage.database import Transaction
from pipeline_defs.web import paging
from pipeline_defs.web.api.queue import counts
from pipeline_defs.web.article_shape import article_shape, read_article
from pipeline_defs.web.gateway import gateway_of
from pipeline_defs.web.identity import Identity
from pipeline_defs.web.problems import not_found
from pipeline_defs.web.routes import session_identity
from pipeline_defs.web.studio import wording
from pipeline_defs.web.unit_shape import unit_shape

FOLDER = Path(__file__).parent.parent
PAGE_SIZE = 25
ARTICLE_STATUSES = ("queued", "generating", "completed", "failed", "cancelled")
router = APIRouter(include_in_schema=False)


def install(app: FastAPI) -> None:
    """Add Studio's pages and files."""
    app.include_router(router)
    app.mount("/studio/static", StaticFiles(directory=FOLDER / "static"), name="static")


@router.get("/")
async def root() -> Response:
    """The gateway's front door is Studio."""
    return RedirectResponse("/studio", 303)


@router.get("/studio/sign-in")
async def sign_in_page(request: Request, next: str = "/studio") -> Response:
    """Asks for an API key."""
    return _page("sign_in.html", {"next": _own_page(next), "organization": None})


@router.get("/studio")
async def article_list(
    request: Request, status: str | None = None, next: str | None = None
) -> Response:
    """The organization's articles with live progress, and the form for a new one."""
    caller = await _signed_in(request)
    if not isinstance(caller, Identity):
        return caller
    gateway = gateway_of(request)
    wanted = status if status in ARTICLE.states else None
    before = paging.parse_cursor(next)

    async def read(tx: Transaction) -> dict[str, Any]:
        found = await units.listed(tx, kind=KIND, status=wanted, before=before, most=PAGE_SIZE + 1)
        page = found[:PAGE_SIZE]
        return {
            "articles": [unit_shape(unit, gateway.links) for unit in page],
            "next": paging.cursor_after(page[-1]) if len(found) > PAGE_SIZE else None,
            "queue": counts(await tx.all("units.queue_counts")),
        }

    context = await gateway.database.transact(caller.org_id, read)
    context |= {"status": wanted, "organization": caller.org_id, "first_page": before is None}
    return _page("articles.html", context)


@router.get("/studio/articles/{article_id}")
async def article_page(request: Request, article_id: str) -> Response:
    """One article: progress, sections, sources, text, actions."""
    caller = await _signed_in(request)
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
    return _page("article.html", context)


async def _signed_in(request: Request) -> Identity | Response:
    identity = await session_identity(gateway_of(request), request)
    if identity is not None:
        return identity
    here = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    return RedirectResponse(f"/studio/sign-in?next={quote(here, safe='')}", 303)


def _own_page(address: str) -> str:
    """`address` when it is a page of Studio, else Studio's first page."""
    parts = urlsplit(address)
    own = not parts.scheme and not parts.netloc and parts.path.startswith("/studio")
    return address if own and "\\" not in address else "/studio"


def _page(template: str, context: Mapping[str, Any]) -> Response:
    return HTMLResponse(_templates().get_template(template).render(context))


def _templates() -> Environment:
    found = _CACHE.get("environment")
    if found is None:
        found = Environment(
            loader=FileSystemLoader(FOLDER / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        names: dict[str, Any] = {"final": FINAL_STATES, "statuses": ARTICLE_STATUSES}
        found.globals.update(names)
        found.filters |= {
            "words": wording.status_words,
            "stage": wording.stage_words,
            "usd": wording.usd,
            "moment": wording.moment,
            "external": wording.external_url,
            "cleaned": Markup,  # only for HTML that the article shape has just cleaned
        }
        _CACHE["environment"] = found
    return found


_CACHE: dict[str, Environment] = {}
