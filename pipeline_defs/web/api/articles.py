"""Articles: create, list, read, cancel, resume, rebuild, approve, edit a section, cost."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import BackgroundTasks, Body, Path, Request
from starlette.responses import Response

from pipeline_defs.domain.articles.models import (
    Approval,
    ArticleRequest,
    RebuildRequest,
    SectionEdit,
)
from pipeline_defs.domain.kinds import ARTICLES
from pipeline_defs.storage import articles
from pipeline_defs.web.article_shape import ArticleShape, article_shape, read_article
from pipeline_defs.web.routes import BODY, CONFLICT, MISSING, Caller, api_router, example
from pipeline_defs.web.submissions import IdempotencyKey, submit
from pipeline_defs.web.unit_routes import UnitRoutes
from pipeline_defs.web.unit_shape import Accepted

router = api_router("articles")
article_routes = UnitRoutes(router, ARTICLES, read_article, article_shape, ArticleShape)
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


article_routes.add_list()
article_routes.add_get("An article with its sections, progress, cost, text and publication.")
article_routes.add_cancel("Cancel in any state; a finished article stays as it is.")
article_routes.add_resume("Go on with a failed or cancelled article; finished sections stay.")


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
    wanted = rebuild or RebuildRequest()
    return await article_routes.changed(
        request,
        caller,
        article_id,
        lambda tx: articles.rebuild(tx, article_id, wanted, caller.actor),
    )


@router.post(
    "/v1/articles/{article_id}/approve",
    status_code=202,
    responses={**MISSING, **CONFLICT, **BODY},
)
async def approve_article(
    request: Request, caller: Caller, article_id: ArticleId, approval: Approval | None = None
) -> ArticleShape:
    """Approve publication: as a draft, or for everyone to see."""
    wanted = approval or Approval()
    return await article_routes.changed(
        request,
        caller,
        article_id,
        lambda tx: articles.approve(tx, article_id, wanted, caller.actor),
    )


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
    return await article_routes.edited(
        request,
        caller,
        article_id,
        lambda tx: articles.edit_section(tx, article_id, order, edit, caller.actor),
        afterwards,
    )
