"""Jobs of the lectures line, as people and the dispatcher launch them."""

import dagster as dg

from pipeline_defs import policies
from pipeline_defs.domain.lectures.models import SEGMENT_ASSETS

OWNER = {"pipeline/line": "lectures"}
MAX_RUNTIME = {"dagster/max_runtime": str(int(policies.LECTURE_DEADLINE * 2))}

write_lecture_script = dg.define_asset_job(
    "write_lecture_script",
    selection=["lecture_script"],
    description="Write the script of one or several lectures.",
    tags=OWNER | MAX_RUNTIME,
)
make_lecture_media = dg.define_asset_job(
    "make_lecture_media",
    selection=list(SEGMENT_ASSETS),
    description="Make image, narration, start frame and clip for a range of segments of a lecture.",
    tags=OWNER | MAX_RUNTIME,
)
assemble_lecture = dg.define_asset_job(
    "assemble_lecture",
    selection=["lecture_music", "lecture_video"],
    description="Compose the music of a lecture and assemble its video.",
    tags=OWNER | MAX_RUNTIME,
)
JOBS = [write_lecture_script, make_lecture_media, assemble_lecture]


@dg.definitions
def lecture_jobs() -> dg.Definitions:
    """The asset jobs of the line."""
    return dg.Definitions(jobs=JOBS)
