"""The first two stages: is the request sound, and what is known for the page."""

from __future__ import annotations

from dataclasses import replace

from psycopg.types.json import Jsonb

from pipeline_defs.defs.pages import previews
from pipeline_defs.defs.pages.making import Making
from pipeline_defs.defs.pages.pipeline import Detail
from pipeline_defs.defs.pages.sources import competitor_pages, keyword_figures
from pipeline_defs.domain.errors import Permanent
from pipeline_defs.domain.pages import recipe
from pipeline_defs.domain.pages.facts import PageContext
from pipeline_defs.domain.pages.models import PAGE_CONTEXT, Page
from pipeline_defs.domain.versions import version_of
from pipeline_defs.runtime.concurrency import both
from pipeline_defs.storage import pages, products
from pipeline_defs.storage.database import Transaction


async def validate_request(making: Making) -> Detail:
    """What the request names has to be there; its form was checked when it came."""
    page = making.page
    missing = await making.job.work.transact(lambda tx: products.unknown_of(tx, page.request))
    if missing:
        raise Permanent(
            "UNKNOWN_PRODUCT",
            f"metadata.skus: there is no product {', '.join(missing[:5])} in the product feed",
            advice="Import the feed that holds it with `pages products FILE`, or correct the SKU; "
            "then resume.",
            user_action_required=True,
        )
    return {"page_type": page.request.page_type, "language": page.request.language}


async def gather_context(making: Making) -> Detail:
    """Products, search figures and competitors, side by side; what is not to be had is a remark."""
    page = making.page
    links = await making.job.work.transact(lambda tx: pages.links_of(tx, page.id))
    facts = recipe.facts_of(page, links)
    (figures, figure_remarks), (competitors, remarks) = await both(
        keyword_figures(making), competitor_pages(making)
    )
    found = PageContext(
        facts=facts,
        figures=figures,
        competitors=competitors,
        remarks=(*_remarks(page), *figure_remarks, *remarks),
        as_of=page.as_of,
    )
    await making.keep(
        PAGE_CONTEXT,
        version_of(found.model_copy(update={"as_of": None})),  # the same data are the same
        previews.context(page, found),
        lambda tx: _put(tx, page, found),
    )
    making.page = replace(making.page, context=found)
    return {
        "products": len(facts.products),
        "keywords": len(figures),
        "competitors": len(competitors),
        "remarks": list(found.remarks),
    }


def _remarks(page: Page) -> tuple[str, ...]:
    about = page.request.metadata
    if page.products:
        return _shown_of_named(page)
    wanted = about.category or about.brand
    named = f"“{wanted}”" if wanted else "its address and keywords"
    return (f"No product of the feed fits {named}: the page states no figures.",)


def _shown_of_named(page: Page) -> tuple[str, ...]:
    """A page may name more products than it shows."""
    about = page.request.metadata
    named, shown = len(set(about.skus)), len(page.products)
    if about.product is not None or named <= shown:
        return ()
    first = "the first one" if shown == 1 else f"the first {shown}"
    return (f"The request names {named} products: the page shows {first}.",)


async def _put(tx: Transaction, page: Page, found: PageContext) -> None:
    await tx.run("pages.put_context", id=page.id, context=Jsonb(found.model_dump(mode="json")))
