"""Where the context of a page comes from beside the product feed: search figures, competitors.

Neither stops a page: what cannot be had is a remark on it.
"""

from __future__ import annotations

import asyncio

from pipeline_defs import policies
from pipeline_defs.defs.pages.making import Making
from pipeline_defs.domain.errors import PipelineError
from pipeline_defs.domain.pages.facts import CompetitorPage, KeywordFigures
from pipeline_defs.domain.pages.models import PAGE_CONTEXT
from pipeline_defs.domain.pages.requests import Competitor
from pipeline_defs.domain.versions import version_of
from pipeline_defs.gateways.competitors.reading import read_page
from pipeline_defs.runtime.concurrency import all_ended
from pipeline_defs.runtime.driving import INFRASTRUCTURE
from pipeline_defs.runtime.paid_calls import OURS, Outcome, Try

Remarks = tuple[str, ...]
STOPPING = INFRASTRUCTURE | OURS


async def keyword_figures(making: Making) -> tuple[tuple[KeywordFigures, ...], Remarks]:
    """What the configured service knows of the page's keywords, else what was imported."""
    port = making.job.resources.gateways.keywords
    request = making.page.request
    if not port.is_configured or not request.keywords:
        return making.page.figures, ()

    async def call(_this: Try) -> Outcome:
        found = await port.figures(request.keywords, request.language, policies.KEYWORDS.timeout)
        return Outcome({"figures": [entry.model_dump(mode="json") for entry in found]})

    inputs = version_of(request.keywords, request.language, making.page.generation(PAGE_CONTEXT))
    try:
        paid = await making.job.work.paid(
            making.page.id, "keywords", inputs, policies.KEYWORDS, call
        )
    except PipelineError as error:
        if error.code in STOPPING:
            raise
        return making.page.figures, (f"No search figures: {error.message}.",)
    return tuple(KeywordFigures.model_validate(f) for f in paid.result["figures"]), ()


async def competitor_pages(making: Making) -> tuple[tuple[CompetitorPage, ...], Remarks]:
    """What the competitors named by the request speak of."""
    wanted = making.page.request.metadata.competitors
    found = await all_ended(_look(making, number, one) for number, one in enumerate(wanted, 1))
    pages = tuple(page for page in found if isinstance(page, CompetitorPage))
    return pages, tuple(remark for remark in found if isinstance(remark, str))


async def _look(making: Making, number: int, competitor: Competitor) -> CompetitorPage | str:
    """A competitor's page, or why there is none."""
    url = competitor.url
    if url is None:
        text = (competitor.text or "").encode()
        return await asyncio.to_thread(read_page, "given text", text, "text/html; charset=utf-8")

    async def call(_this: Try) -> Outcome:
        look = making.job.resources.gateways.competitors.look
        page = await look(url, policies.COMPETITORS.timeout)
        return Outcome(page.model_dump(mode="json"))

    inputs = version_of(url, making.page.generation(PAGE_CONTEXT))
    try:
        paid = await making.job.work.paid(
            making.page.id, f"competitor/{number}", inputs, policies.COMPETITORS, call
        )
    except PipelineError as error:
        if error.code in STOPPING:
            raise
        return f"Competitor {number} was not looked at: {error.message}."
    return CompetitorPage.model_validate(paid.result)
