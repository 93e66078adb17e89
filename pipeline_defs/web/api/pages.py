"""Pages: create one, list, read, the result; and whatever is done about one of them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Annotated, Any

from fastapi import BackgroundTasks, Body, Path, Query, Request
from starlette.responses import HTMLResponse, Response

from pipeline_defs.domain.kinds import PAGES
from pipeline_defs.domain.pages.decisions import PageApproval, PageRejection
from pipeline_defs.domain.pages.edits import PageEdit
from pipeline_defs.domain.pages.requests import PageRebuild, PageRequest, PriorityBoost
from pipeline_defs.runtime import control
from pipeline_defs.runtime.inspection import inspect_now
from pipeline_defs.storage import page_changes, page_queue, pages
from pipeline_defs.storage.database import Transaction
from pipeline_defs.web.file_names import disposition, in_a_name
from pipeline_defs.web.gateway import Gateway, gateway_of
from pipeline_defs.web.identity import Identity
from pipeline_defs.web.page_shape import PageShape, PageView, page_shape, read_page
from pipeline_defs.web.problems import Problem
from pipeline_defs.web.routes import BODY, CONFLICT, MISSING, Caller, api_router, example
from pipeline_defs.web.submissions import IdempotencyKey, submit
from pipeline_defs.web.unit_routes import add_list_route, checked, missing
from pipeline_defs.web.unit_shape import Accepted

router = api_router("pages")
PageId = Annotated[str, Path(examples=["page-20261126-k7m2qx9c"])]
CREATE_EXAMPLES: dict[str, Any] = {
    **example(
        "a category of the product feed",
        {
            "page_type": "category",
            "target_url": "https://shop.example/tents",
            "keywords": ["two-person tents", "lightweight tents"],
            "language": "en",
            "metadata": {"category": "Tents", "monthly_searches": 12000},
        },
    ),
    **example(
        "a product, soon",
        {
            "page_type": "product",
            "target_url": "https://shop.example/tents/hollow-2",
            "keywords": ["lightweight tent"],
            "language": "en",
            "priority": "HIGH",
            "deadline": "2026-12-01T12:00:00Z",
            "metadata": {"skus": ["TENT-001"], "content_status": "missing"},
        },
    ),
}
REBUILD_EXAMPLES = {
    **example("whatever is stale or failed", {}),
    **example("other words, paid anew", {"assets": ["page_components"], "fresh": True}),
}
EDIT_EXAMPLES = {
    **example(
        "other keywords", {"keywords": ["family tents"], "metadata": {"topic": "Family tents"}}
    ),
    **example("no deadline any more", {"deadline": None, "priority": "LOW"}),
}
APPROVE_EXAMPLES = example("for everyone", {"version": "9f86d081884c7d65", "status": "publish"})
REJECT_EXAMPLES = example("too long", {"version": "9f86d081884c7d65", "reason": "Too long."})
# The page is somebody else's text: it is shown without scripts, forms or requests of ours.
PREVIEW_POLICY = (
    "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src http: https: data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
)
Change = Callable[[Transaction], Awaitable[Any]]


@router.post("/v1/pages", status_code=202, response_model=Accepted, responses={**BODY, **CONFLICT})
async def create_page(
    request: Request,
    caller: Caller,
    page: Annotated[PageRequest, Body(openapi_examples=CREATE_EXAMPLES)],
    _key: IdempotencyKey = None,
) -> Response:
    """Queue a page; it is generated when it has its turn."""
    return await submit(request, caller, PAGES, lambda tx: pages.create(tx, page, caller.actor))


add_list_route(router, PAGES)


@router.get("/v1/pages/{page_id}", responses=MISSING)
async def get_page(request: Request, caller: Caller, page_id: PageId) -> PageShape:
    """A page with its job, stages, quality, cost and the finished document."""
    return await shape_of(gateway_of(request), caller, page_id)


@router.get("/v1/pages/{page_id}/html", responses=MISSING, response_class=HTMLResponse)
async def get_html(
    request: Request,
    caller: Caller,
    page_id: PageId,
    download: Annotated[bool, Query(description="Save it under a readable name.")] = False,
    draft: Annotated[
        bool, Query(description="What was assembled last and is not finished.")
    ] = False,
) -> Response:
    """The finished HTML document, to look at or to save."""
    view = await view_of(gateway_of(request), caller, page_id)
    document = view.page.draft if draft else view.page.document
    if document is None:
        raise Problem(
            404,
            "NO_DOCUMENT",
            "The page is not assembled yet.",
            advice="Follow its progress, or look at its error.",
        )
    headers = {"Content-Security-Policy": PREVIEW_POLICY, "X-Frame-Options": "SAMEORIGIN"}
    if download:
        name = f"{in_a_name(view.unit.title)}.html"
        headers["Content-Disposition"] = disposition(name, "text/html", download=True)
    return HTMLResponse(document.html, headers=headers)


@router.patch("/v1/pages/{page_id}", responses={**MISSING, **CONFLICT, **BODY})
async def edit_page(
    request: Request,
    caller: Caller,
    page_id: PageId,
    edit: Annotated[PageEdit, Body(openapi_examples=EDIT_EXAMPLES)],
    afterwards: BackgroundTasks,
) -> PageShape:
    """Change the request of a page that rests or waits; what was made from it turns stale."""
    gateway, unit_id = gateway_of(request), checked(PAGES, page_id)
    afterwards.add_task(
        inspect_now,
        gateway.database,
        gateway.settings.dagster_url,
        caller.org_id,
        gateway.lines[PAGES.name],
        unit_id,
    )
    return await _changed(
        request, caller, unit_id, lambda tx: page_changes.edit(tx, unit_id, edit, caller.actor)
    )


@router.post("/v1/pages/{page_id}/cancel", responses=MISSING)
async def cancel_page(request: Request, caller: Caller, page_id: PageId) -> PageShape:
    """Cancel in any state; a finished page stays as it is."""
    line = gateway_of(request).lines[PAGES.name]
    unit_id = checked(PAGES, page_id)
    return await _changed(
        request, caller, unit_id, lambda tx: control.cancel(tx, line, unit_id, caller.actor)
    )


@router.post("/v1/pages/{page_id}/resume", status_code=202, responses={**MISSING, **CONFLICT})
async def resume_page(request: Request, caller: Caller, page_id: PageId) -> PageShape:
    """Queue a failed or cancelled page again; what is stored of it stays."""
    unit_id = checked(PAGES, page_id)
    return await _changed(
        request, caller, unit_id, lambda tx: pages.resume(tx, unit_id, caller.actor)
    )


@router.post(
    "/v1/pages/{page_id}/rebuild", status_code=202, responses={**MISSING, **CONFLICT, **BODY}
)
async def rebuild_page(
    request: Request,
    caller: Caller,
    page_id: PageId,
    rebuild: Annotated[PageRebuild | None, Body(openapi_examples=REBUILD_EXAMPLES)] = None,
) -> PageShape:
    """Make again what is stale, missing or failed, or the named assets; `fresh` pays anew."""
    unit_id = checked(PAGES, page_id)
    wanted = rebuild or PageRebuild()
    return await _changed(
        request, caller, unit_id, lambda tx: pages.rebuild(tx, unit_id, wanted, caller.actor)
    )


@router.post("/v1/pages/{page_id}/priority", responses={**MISSING, **CONFLICT, **BODY})
async def change_priority(
    request: Request, caller: Caller, page_id: PageId, boost: PriorityBoost
) -> PageShape:
    """Give a page that waits another priority."""
    unit_id = checked(PAGES, page_id)
    return await _changed(
        request,
        caller,
        unit_id,
        lambda tx: page_queue.boost(tx, unit_id, boost.priority, caller.actor),
    )


@router.post(
    "/v1/pages/{page_id}/approve", status_code=202, responses={**MISSING, **CONFLICT, **BODY}
)
async def approve_page(
    request: Request,
    caller: Caller,
    page_id: PageId,
    approval: Annotated[PageApproval, Body(openapi_examples=APPROVE_EXAMPLES)],
) -> PageShape:
    """Have the document that was looked at published; another one by now is a conflict."""
    unit_id = checked(PAGES, page_id)
    return await _changed(
        request,
        caller,
        unit_id,
        lambda tx: page_changes.approve(tx, unit_id, approval, caller.actor),
    )


@router.post("/v1/pages/{page_id}/reject", responses={**MISSING, **CONFLICT, **BODY})
async def reject_page(
    request: Request,
    caller: Caller,
    page_id: PageId,
    rejection: Annotated[PageRejection, Body(openapi_examples=REJECT_EXAMPLES)],
) -> PageShape:
    """Say why the document that was looked at is not published."""
    unit_id = checked(PAGES, page_id)
    return await _changed(
        request,
        caller,
        unit_id,
        lambda tx: page_changes.reject(tx, unit_id, rejection, caller.actor),
    )


async def view_of(gateway: Gateway, caller: Identity, page_id: str) -> PageView:
    """A page of the caller's organization; Problem 404 when there is none."""
    unit_id = checked(PAGES, page_id)
    view = await gateway.database.transact(caller.org_id, lambda tx: read_page(tx, unit_id))
    if view is None:
        raise missing(PAGES)
    return view


async def shape_of(gateway: Gateway, caller: Identity, page_id: str) -> PageShape:
    """The same as the API shows it."""
    return page_shape(await view_of(gateway, caller, page_id), gateway.links)


async def _changed(request: Request, caller: Identity, page_id: str, change: Change) -> PageShape:
    gateway = gateway_of(request)
    await gateway.database.transact(caller.org_id, change)
    gateway.wake()
    return await shape_of(gateway, caller, page_id)
