"""Articles: create, list, read, cancel, resume, rebuild, approve, edit a section, cost."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import BackgroundTasks, Body, Path, Request
from starlette.responses import Response

from pipeline_defs.domain.articles.models import (
    KIND,
    Approval,
    ArticleRequest,
    RebuildRequest,
    SectionEdit,
)
from pipeline_defs.domain.kinds import ARTICLES
from pipeline_defs.runtime import control
from pipeline_defs.runtime.inspection import inspect_now
from pipeline_defs.storage import articles
from pipeline_defs.web.article_shape import ArticleShape, article_shape, read_article
from pipeline_defs.web.gateway import Gateway, gateway_of
from pipeline_defs.web.identity import Identity
from pipeline_defs.web.routes import BODY, CONFLICT, MISSING, Caller, api_router, example
from pipeline_defs.web.submissions import IdempotencyKey, submit
from pipeline_defs.web.unit_routes import add_list_route, checked
from pipeline_defs.web.unit_shape import Accepted

router = api_router("articles")
ArticleId = Annotated[str, Path(examples=["article-20261123-k7m2qx9c"])]

CREATE_EXAMPLES: dict[str, Any] = {
    **example("planned outline", {"topic": "Photosynthesis", "sections": 6}),
    **example(
        "given outline",
        {
            "topic": "Photosynthesis",
            "sections": [{"title": "Light", "notes": "Start with pigments."}, {"title": "Sugar"}],
            "language": "en",
            "publish": "draft",
        },
    ),
}
EDIT_EXAMPLES = example("new focus", {"title": "Light", "notes": "Explain both photosystems."})
REBUILD_EXAMPLES = {
    **example("whatever is stale or failed", {}),
    **example("one section, made anew", {"parts": [2], "fresh": True}),
}


@router.post(
    "/v1/articles",
    status_code=202,
    response_model=Accepted,
    responses={**BODY, **CONFLICT},
)
async def create_article(
    request: Request,
    caller: Caller,
    article: Annotated[ArticleRequest, Body(openapi_examples=CREATE_EXAMPLES)],
    _key: IdempotencyKey = None,
) -> Response:
    """Create an article from a topic; planning, research and writing follow by themselves."""
    return await submit(
        request, caller, ARTICLES, lambda tx: articles.create(tx, article, caller.actor)
    )


add_list_route(router, ARTICLES)


@router.get("/v1/articles/{article_id}", responses=MISSING)
async def get_article(request: Request, caller: Caller, article_id: ArticleId) -> ArticleShape:
    """An article with its sections, progress, cost, text and publication."""
    return await _shape(gateway_of(request), caller, checked(ARTICLES, article_id))


@router.post("/v1/articles/{article_id}/cancel", responses=MISSING)
async def cancel_article(request: Request, caller: Caller, article_id: ArticleId) -> ArticleShape:
    """Cancel in any state; a finished article stays as it is."""
    gateway = gateway_of(request)
    unit_id = checked(ARTICLES, article_id)
    await gateway.database.transact(
        caller.org_id, lambda tx: control.cancel(tx, gateway.lines[KIND], unit_id, caller.actor)
    )
    return await _shape(gateway, caller, unit_id)


@router.post("/v1/articles/{article_id}/resume", status_code=202, responses={**MISSING, **CONFLICT})
async def resume_article(request: Request, caller: Caller, article_id: ArticleId) -> ArticleShape:
    """Go on with a failed or cancelled article; finished sections stay."""
    gateway = gateway_of(request)
    unit_id = checked(ARTICLES, article_id)
    await gateway.database.transact(
        caller.org_id, lambda tx: articles.resume(tx, unit_id, caller.actor)
    )
    gateway.wake()
    return await _shape(gateway, caller, unit_id)


@router.post(
    "/v1/articles/{article_id}/rebuild",
    status_code=202,
    responses={**MISSING, **CONFLICT, **BODY},
)
async def rebuild_article(
    request: Request,
    caller: Caller,
    article_id: ArticleId,
    rebuild: Annotated[RebuildRequest | None, Body(openapi_examples=REBUILD_EXAMPLES)] = None,
) -> ArticleShape:
    """Make again what is stale, missing or failed, or the named parts; `fresh` pays for it anew."""
    gateway = gateway_of(request)
    unit_id = checked(ARTICLES, article_id)
    wanted = rebuild or RebuildRequest()
    await gateway.database.transact(
        caller.org_id, lambda tx: articles.rebuild(tx, unit_id, wanted, caller.actor)
    )
    gateway.wake()
    return await _shape(gateway, caller, unit_id)


@router.post(
    "/v1/articles/{article_id}/approve",
    status_code=202,
    responses={**MISSING, **CONFLICT, **BODY},
)
async def approve_article(
    request: Request, caller: Caller, article_id: ArticleId, approval: Approval | None = None
) -> ArticleShape:
    """Approve publication: as a draft, or for everyone to see."""
    gateway = gateway_of(request)
    unit_id = checked(ARTICLES, article_id)
    wanted = approval or Approval()
    await gateway.database.transact(
        caller.org_id, lambda tx: articles.approve(tx, unit_id, wanted, caller.actor)
    )
    gateway.wake()
    return await _shape(gateway, caller, unit_id)


@router.patch("/v1/articles/{article_id}/sections/{order}", responses={**MISSING, **BODY})
async def edit_section(
    request: Request,
    caller: Caller,
    article_id: ArticleId,
    order: Annotated[int, Path(ge=1, le=1000)],
    edit: Annotated[SectionEdit, Body(openapi_examples=EDIT_EXAMPLES)],
    afterwards: BackgroundTasks,
) -> ArticleShape:
    """Change a section's brief; what was made from it turns stale until it is rebuilt."""
    gateway = gateway_of(request)
    unit_id = checked(ARTICLES, article_id)
    await gateway.database.transact(
        caller.org_id, lambda tx: articles.edit_section(tx, unit_id, order, edit, caller.actor)
    )
    afterwards.add_task(
        inspect_now,
        gateway.database,
        gateway.settings.dagster_url,
        caller.org_id,
        gateway.lines[KIND],
        unit_id,
    )
    return await _shape(gateway, caller, unit_id)


async def _shape(gateway: Gateway, caller: Identity, unit_id: str) -> ArticleShape:
    view = await gateway.database.transact(caller.org_id, lambda tx: read_article(tx, unit_id))
    return article_shape(view, gateway.links)
