"""The assets of a haiku, and the jobs that make them.

    (verse_theme) -> verse -> (haiku_verses) -> haiku

Names in brackets are bridges: they carry the versions from what people give to verses, and from
verses to haikus.
"""

import dagster as dg

from pipeline_defs.defs.orchestration import Group
from pipeline_defs_tests.example_line import domain
from pipeline_defs_tests.example_line.defs.about import ABOUT
from pipeline_defs_tests.example_line.defs.binding import bind_haiku
from pipeline_defs_tests.example_line.defs.verses import report_verses, write_verses
from pipeline_defs_tests.example_line.domain import BRIDGES, HAIKU_VERSES, VERSE_THEME
from pipeline_defs_tests.example_line.line import HAIKU_LINE

haikus = dg.DynamicPartitionsDefinition(name="haikus")
verses = dg.DynamicPartitionsDefinition(name="verses")
LINE = Group(HAIKU_LINE, ["team:poetry"], ABOUT, BRIDGES, domain)

verse_theme = LINE.bridge(
    VERSE_THEME, verses, deps=[], kinds={"json"}, code={"code": domain.theme_version}
)
haiku_verses = LINE.bridge(
    HAIKU_VERSES, haikus, deps=["verse"], kinds={"markdown"}, code={"code": report_verses}
)
written = LINE.op(
    "written_verses",
    "Write verses on their themes, all at once.",
    pool="verse_writing",
    specs=[
        LINE.asset(
            "verse",
            verses,
            deps=[VERSE_THEME],
            kinds={"markdown"},
            code={"code": write_verses},
            asks=["text"],
        )
    ],
    work_on=write_verses,
)
bound = LINE.op(
    "bound_haikus",
    "Bind finished verses to haikus.",
    pool="haiku_binding",
    specs=[
        LINE.asset(
            "haiku",
            haikus,
            deps=[HAIKU_VERSES],
            kinds={"markdown"},
            code={"code": bind_haiku},
        )
    ],
    work_on=bind_haiku,
    checks=[
        dg.AssetCheckSpec(
            "haiku_repeats_no_verse",
            asset="haiku",
            description="No verse stands twice.",
            partitions_def=haikus,
        )
    ],
)
JOBS = [
    LINE.job("write_verses", "Write verses of a haiku.", selection=["verse"]),
    LINE.job("bind_haikus", "Bind the verses of one or several haikus.", selection=["haiku"]),
]


@dg.definitions
def haiku_definitions() -> dg.Definitions:
    """The assets, bridges and jobs, in one group."""
    return dg.Definitions(
        assets=[verse_theme, haiku_verses, written, bound],
        jobs=JOBS,
        executor=dg.in_process_executor,
    )
