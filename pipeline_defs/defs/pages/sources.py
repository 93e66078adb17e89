"""Where the context of a page comes from beside the product feed."""

from __future__ import annotations

from pipeline_defs.defs.pages.making import Making
from pipeline_defs.domain.pages.facts import CompetitorPage, KeywordFigures

Remarks = tuple[str, ...]


async def keyword_figures(making: Making) -> tuple[tuple[KeywordFigures, ...], Remarks]:
    """What is known of the page's keywords, as far as it was imported."""
    return making.page.figures, ()


async def competitor_pages(making: Making) -> tuple[tuple[CompetitorPage, ...], Remarks]:
    """What the competitors named by the request speak of."""
    given = [c for c in making.page.request.metadata.competitors if c.text]
    pages = tuple(
        CompetitorPage(source="given text", words=len((c.text or "").split())) for c in given
    )
    return pages, ()
