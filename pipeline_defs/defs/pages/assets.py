"""The assets of a page.

    (page_subject) -> page_context -> page_components -> page -> page_publication
                      (page_voice) ->                     |
                                              (page_gate) ->

Names in brackets are bridges: they carry the versions of what was asked for and of the data it is
about, so that another price turns exactly the pages stale that show it.

What the seven stages do is told by rows and progress events: see pipeline.py.
"""

import dagster as dg

from pipeline_defs.defs.orchestration import Group
from pipeline_defs.defs.pages.checks import page_check_specs
from pipeline_defs.defs.pages.generating import generate
from pipeline_defs.defs.pages.partitions import pages
from pipeline_defs.domain.pages import recipe
from pipeline_defs.domain.pages.models import PAGE, PAGE_COMPONENTS, PAGE_CONTEXT, PAGE_PUBLICATION
from pipeline_defs.runtime.lines import PAGE_LINE

LINE = Group(PAGE_LINE, ["team:content"], recipe.BRIDGES)

BRIDGES = [
    LINE.bridge(name, pages, description, deps=[], kinds={"json"})
    for name, description in (
        (
            recipe.PAGE_SUBJECT,
            "What is known of a page's subject today: products, search figures, competing pages. "
            "Versioned, so that a changed price turns exactly the pages stale that show it.",
        ),
        (
            recipe.PAGE_VOICE,
            "How a page is to sound. Another voice turns what was written stale, not the data.",
        ),
        (
            recipe.PAGE_GATE,
            "Whether a page has to pass the quality gate. A change of that makes only the page "
            "itself stale, nothing that is paid for.",
        ),
    )
]

generation = LINE.op(
    "page_generation",
    "Generate pages, as many at once as the queue gives turns to.",
    pool="page_generation",
    specs=[
        LINE.asset(
            PAGE_CONTEXT,
            pages,
            "Everything a page may state: products of the feed, search figures, what competing "
            "pages speak of.",
            deps=recipe.NEEDS[PAGE_CONTEXT],
            kinds={"json"},
        ),
        LINE.asset(
            PAGE_COMPONENTS,
            pages,
            "The written parts: head, benefits, comparison, questions, buying guide, by the type "
            "of the page. Whatever the product data do not carry is taken out.",
            deps=recipe.NEEDS[PAGE_COMPONENTS],
            kinds={"json", "llm"},
        ),
        LINE.asset(
            PAGE,
            pages,
            "The finished page: HTML, JSON-LD and meta made from the same facts, checked and "
            "stored.",
            deps=recipe.NEEDS[PAGE],
            kinds={"html"},
        ),
        LINE.asset(
            PAGE_PUBLICATION,
            pages,
            "The page on the organization's site, once somebody has approved it. Publishing again "
            "updates the same post.",
            deps=[PAGE],
            kinds={"wordpress"},
        ),
    ],
    work_on=generate,
    checks=page_check_specs(),
)


@dg.definitions
def page_assets() -> dg.Definitions:
    """The assets, in one group."""
    return dg.Definitions(assets=[*BRIDGES, generation])
