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
from pipeline_defs.defs.pages.about import ABOUT
from pipeline_defs.defs.pages.assembling import assemble_page
from pipeline_defs.defs.pages.checks import page_check_specs
from pipeline_defs.defs.pages.context import gather_context
from pipeline_defs.defs.pages.generating import generate
from pipeline_defs.defs.pages.judging import judge_page
from pipeline_defs.defs.pages.partitions import pages
from pipeline_defs.defs.pages.publication import publish_page
from pipeline_defs.defs.pages.writing import write_components
from pipeline_defs.domain.pages import prompts, recipe
from pipeline_defs.domain.pages.grounding import ground
from pipeline_defs.domain.pages.models import PAGE, PAGE_COMPONENTS, PAGE_CONTEXT, PAGE_PUBLICATION
from pipeline_defs.runtime.lines import PAGE_LINE

LINE = Group(PAGE_LINE, ["team:content"], ABOUT, recipe.BRIDGES, recipe)

BRIDGES = [
    LINE.bridge(name, pages, deps=[], kinds={"postgres"}, code={"code": recipe.bridge_versions})
    for name in (recipe.PAGE_SUBJECT, recipe.PAGE_VOICE, recipe.PAGE_GATE)
]

generation = LINE.op(
    "page_generation",
    "Generate pages, as many at once as the queue gives turns to.",
    pool="page_generation",
    specs=[
        LINE.asset(
            PAGE_CONTEXT,
            pages,
            deps=recipe.NEEDS[PAGE_CONTEXT],
            kinds={"postgres", "json"},
            code={"code": gather_context},
            asks=["keywords", "competitors"],
        ),
        LINE.asset(
            PAGE_COMPONENTS,
            pages,
            deps=recipe.NEEDS[PAGE_COMPONENTS],
            kinds={"openai", "json"},
            code={"code": write_components, "prompts": prompts, "grounding": ground},
            asks=["text"],
        ),
        LINE.asset(
            PAGE,
            pages,
            deps=recipe.NEEDS[PAGE],
            kinds={"postgres", "html"},
            code={"code": assemble_page, "quality gate": judge_page},
        ),
        LINE.asset(
            PAGE_PUBLICATION,
            pages,
            deps=[PAGE],
            kinds={"wordpress"},
            code={"code": publish_page},
            asks=["publishing"],
        ),
    ],
    work_on=generate,
    checks=page_check_specs(),
)


@dg.definitions
def page_assets() -> dg.Definitions:
    """The assets, in one group."""
    return LINE.definitions([*BRIDGES, generation])
