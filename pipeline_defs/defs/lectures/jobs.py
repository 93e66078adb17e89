"""Jobs of the lectures line, as people and the dispatcher launch them."""

import dagster as dg

from pipeline_defs.defs.lectures.assets import LINE
from pipeline_defs.domain.lectures.models import SEGMENT_ASSETS

write_lecture_script = LINE.job(
    "write_lecture_script",
    "Write the script of one or several lectures.",
    selection=["lecture_script"],
)
make_lecture_media = LINE.job(
    "make_lecture_media",
    "Make image, narration, start frame and clip for a range of segments of a lecture.",
    selection=list(SEGMENT_ASSETS),
)
assemble_lecture = LINE.job(
    "assemble_lecture",
    "Compose the music of a lecture and assemble its video.",
    selection=["lecture_music", "lecture_video"],
)
JOBS = [write_lecture_script, make_lecture_media, assemble_lecture]


@dg.definitions
def lecture_jobs() -> dg.Definitions:
    """The asset jobs of the line."""
    return dg.Definitions(jobs=JOBS)
