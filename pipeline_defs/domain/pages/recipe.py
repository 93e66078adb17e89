"""What the assets of a page are made from: input hashes, staleness, the next work.

Pure functions of a `Page`; what Dagster, Studio and the command line say rests on them.
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

from pipeline_defs.domain.kinds import PAGES
from pipeline_defs.domain.pages.approval import publication_is_due
from pipeline_defs.domain.pages.facts import Link, PageFacts
from pipeline_defs.domain.pages.models import (
    PAGE,
    PAGE_COMPONENTS,
    PAGE_CONTEXT,
    PAGE_PUBLICATION,
    Page,
)
from pipeline_defs.domain.versions import Maker, maker, version_of
from pipeline_defs.domain.work import Work

JOB = "generate_pages"
ASSETS = (PAGE_CONTEXT, PAGE_COMPONENTS, PAGE)
PAGES_CODE = "pipeline_defs.domain.pages"
# A changed prompt, rule, number, template or model turns exactly its assets stale. What the quality
# gate demands is no part of it: a page that passed it stands.
MAKERS: Mapping[str, Maker] = {
    PAGE_CONTEXT: maker(
        code=(
            f"{PAGES_CODE}.recipe:facts_of",
            "pipeline_defs.gateways.competitors.reading:read_page",
        )
    ),
    PAGE_COMPONENTS: maker(
        code=(
            f"{PAGES_CODE}.components:COMPONENTS",
            f"{PAGES_CODE}.drafts",
            f"{PAGES_CODE}.grounding",
            f"{PAGES_CODE}.prompts",
            "pipeline_defs.domain.articles.prompts:as_prompt",
        ),
        purposes=("writing",),
    ),
    PAGE: maker(
        code=("pipeline_defs.rendering.pages:assemble", "pipeline_defs.defs.pages.finishing"),
        templates=("pipeline_defs.rendering.templates",),
    ),
    PAGE_PUBLICATION: maker(),
}
PAGE_SUBJECT = "page_subject"
PAGE_VOICE = "page_voice"
PAGE_GATE = "page_gate"
BRIDGES = frozenset({PAGE_SUBJECT, PAGE_VOICE, PAGE_GATE})
NEEDS: Mapping[str, tuple[str, ...]] = {
    PAGE_CONTEXT: (PAGE_SUBJECT,),
    PAGE_COMPONENTS: (PAGE_CONTEXT, PAGE_VOICE),
    PAGE: (PAGE_CONTEXT, PAGE_COMPONENTS, PAGE_GATE),
    PAGE_PUBLICATION: (PAGE,),
}


def code_version(page: Page, asset: str) -> str:
    """Version of the prompts, rules, code and models that make an asset."""
    return MAKERS[asset].version(page.models)


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


def bridge_versions(page: Page) -> dict[str, str]:
    """Versions of what a page follows from, as it is now: what is known of its subject, how it is
    to sound, whether it has to pass the quality gate.

    Links are left out: they are taken as they are when the page is made.
    """
    request = page.request
    return {
        PAGE_SUBJECT: version_of(facts_of(page), page.figures, request.metadata.competitors),
        PAGE_VOICE: version_of(page.brand_voice),
        PAGE_GATE: version_of(request.options.skip_quality),
    }


def sources_of(page: Page, asset: str) -> dict[str, str | None]:
    """Current version of all that an asset is made from; None of what is not made."""
    bridges = bridge_versions(page)
    return {n: bridges[n] if n in bridges else _made(page, n) or None for n in NEEDS[asset]}


def inputs_of(page: Page, asset: str) -> str:
    """Hash of what an asset is made from."""
    needed = [version or "" for version in sources_of(page, asset).values()]
    return version_of(*needed, code_version(page, asset), page.generation(asset))


def is_stale(page: Page, asset: str) -> bool:
    """Whether an asset is missing or no longer follows from what it is made from."""
    made = page.version(asset)
    if made is None or made.input_hash != inputs_of(page, asset):
        return True
    return any(is_stale(page, needed) for needed in NEEDS[asset] if needed in ASSETS)


def next_work(page: Page) -> Work | None:
    """The run a page needs, or None when all is up to date and told."""
    due = tuple(asset for asset in ASSETS if is_stale(page, asset))
    if not due and publication_is_due(page):
        due = (PAGE_PUBLICATION,)
    if not due and page.has_unreported:
        due = (PAGE,)
    return Work(JOB, due, PAGES.name, (page.id,)) if due else None


def _made(page: Page, asset: str) -> str:
    made = page.version(asset)
    return made.data_version if made else ""


def _first_keyword(page: Page) -> str:
    first = page.request.keywords[0] if page.request.keywords else ""
    return first[:1].upper() + first[1:]


def _slug_words(url: str) -> str:
    tail = url.split("?")[0].rstrip("/").rpartition("/")[2]
    words = tail.rpartition(".")[0] or tail
    return words.replace("-", " ").replace("_", " ").strip().capitalize()
