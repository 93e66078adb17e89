"""What the assets of a page are made from: input hashes, staleness, the next work.

Pure functions of a `Page`; what Dagster, Studio and the command line say rests on them.
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

from pipeline_defs.domain.pages import prompts
from pipeline_defs.domain.pages.approval import publication_is_due
from pipeline_defs.domain.pages.facts import Link, PageFacts
from pipeline_defs.domain.pages.models import (
    KIND,
    PAGE,
    PAGE_COMPONENTS,
    PAGE_CONTEXT,
    PAGE_PUBLICATION,
    Page,
)
from pipeline_defs.domain.versions import version_of
from pipeline_defs.domain.work import Work

JOB = "generate_pages"
ASSETS = (PAGE_CONTEXT, PAGE_COMPONENTS, PAGE)
# A changed prompt or a changed rule of making turns exactly its assets stale.
CODE_VERSIONS = {
    PAGE_CONTEXT: "2",
    PAGE_COMPONENTS: version_of(
        "1", prompts.HERO_INSTRUCTIONS, sorted(prompts.COMPONENT_INSTRUCTIONS.items())
    ),
    PAGE: "2",
    PAGE_PUBLICATION: "1",
}
NEEDS: Mapping[str, tuple[str, ...]] = {
    PAGE_CONTEXT: (),
    PAGE_COMPONENTS: (PAGE_CONTEXT,),
    PAGE: (PAGE_CONTEXT, PAGE_COMPONENTS),
}


def facts_of(page: Page, links: tuple[Link, ...] = ()) -> PageFacts:
    """What the page may state, by the organization's data of today."""
    request = page.request
    return PageFacts(
        page_type=request.page_type,
        target_url=request.target_url,
        language=request.language,
        site_name=site_name_of(request.target_url),
        subject=subject_of(page),
        keywords=tuple(request.keywords),
        products=page.products,
        links=links,
    )


def site_name_of(url: str) -> str:
    """What the site is called, by its address: `https://fernhill-outdoor.example` is Fernhill
    Outdoor."""
    host = (urlsplit(url).hostname or "").removeprefix("www.")
    label = host if host.replace(".", "").isdigit() else host.partition(".")[0]
    return " ".join(word.capitalize() for word in label.replace("_", "-").split("-") if word)


def subject_of(page: Page) -> str:
    """What the page is about in plain words."""
    about = page.request.metadata
    named = about.topic or {
        "product": page.products[0].name if page.products else None,
        "category": about.category,
        "brand": about.brand,
        "guide": about.category,
    }.get(page.request.page_type)
    return named or _first_keyword(page) or _slug_words(page.request.target_url)


def inputs_of(page: Page, asset: str) -> str:
    """Hash of what an asset is made from.

    Links are left out: they are taken as they are when the page is made.
    """
    own = (CODE_VERSIONS[asset], page.generation(asset))
    if asset == PAGE_CONTEXT:
        return version_of(facts_of(page), page.figures, page.request.metadata.competitors, *own)
    needed = [made.data_version if (made := page.version(n)) else "" for n in NEEDS[asset]]
    if asset == PAGE_COMPONENTS:
        return version_of(*needed, page.brand_voice, *own)
    return version_of(*needed, page.request.options.skip_quality, *own)


def is_stale(page: Page, asset: str) -> bool:
    """Whether an asset is missing or no longer follows from what it is made from."""
    made = page.version(asset)
    if made is None or made.input_hash != inputs_of(page, asset):
        return True
    return any(is_stale(page, needed) for needed in NEEDS[asset])


def next_work(page: Page) -> Work | None:
    """The run a page needs, or None when all is up to date and told."""
    due = tuple(asset for asset in ASSETS if is_stale(page, asset))
    if not due and publication_is_due(page):
        due = (PAGE_PUBLICATION,)
    if not due and page.has_unreported:
        due = (PAGE,)
    return Work(JOB, due, KIND, (page.id,)) if due else None


def _first_keyword(page: Page) -> str:
    first = page.request.keywords[0] if page.request.keywords else ""
    return first[:1].upper() + first[1:]


def _slug_words(url: str) -> str:
    tail = url.split("?")[0].rstrip("/").rpartition("/")[2]
    words = tail.rpartition(".")[0] or tail
    return words.replace("-", " ").replace("_", " ").strip().capitalize()
