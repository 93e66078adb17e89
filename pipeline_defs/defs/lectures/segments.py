"""Makes the media of a range of segments: all at once, each at its own pace.

Within a segment narration and picture go their own ways; a clip begins as soon as its own start
frame is ready. There is no barrier between layers: provider permits alone set the pace.
"""

from __future__ import annotations

import asyncio

from pipeline_defs.defs.lectures import bridges
from pipeline_defs.defs.lectures.clip import make_clip
from pipeline_defs.defs.lectures.frame import make_frame
from pipeline_defs.defs.lectures.image import make_image
from pipeline_defs.defs.lectures.making import Ensured, Making
from pipeline_defs.defs.lectures.music import compose_ahead
from pipeline_defs.defs.lectures.narration import make_narration
from pipeline_defs.defs.lectures.reading import read_lecture, segments_of
from pipeline_defs.domain.graph import Node, affected, describe, plan, remaining
from pipeline_defs.domain.lectures import recipe
from pipeline_defs.domain.lectures.graph import graph_of
from pipeline_defs.domain.lectures.models import SEGMENT_ASSETS, Lecture, Segment
from pipeline_defs.runtime.concurrency import all_ended
from pipeline_defs.runtime.driving import Assignment


async def make_media(job: Assignment) -> None:
    """Everything of the run's segments that is missing, stale or asked for anew."""
    if job.fresh:
        await job.raise_generations(
            (asset, key) for asset in SEGMENT_ASSETS if job.selects(asset) for key in job.partitions
        )
    lecture = await read_lecture(job)
    segments = segments_of(job, lecture)
    await bridges.report_segments(job, lecture, segments)
    await _announce(job, lecture, segments)
    making = Making(job, lecture)
    await all_ended([*(_segment(making, s) for s in segments), compose_ahead(making)])
    await making.report_the_rest(SEGMENT_ASSETS, [segment.key for segment in segments])
    await bridges.report_media(job, await read_lecture(job))


async def _segment(making: Making, segment: Segment) -> None:
    async with making.slots:
        # the clip ends last of all: what leads to it comes first wherever both want something
        await all_ended([_pictures(making, segment), _narration(making, segment)])


async def _narration(making: Making, segment: Segment) -> None:
    inputs = making.inputs(
        "segment_narration", segment.key, recipe.script_version(making.lecture, segment)
    )
    await making.ensure(
        "segment_narration",
        segment.key,
        inputs,
        lambda: make_narration(making, segment, inputs),
    )


async def _pictures(making: Making, segment: Segment) -> None:
    """Each step goes on with what it needs while that is still being stored."""
    image = asyncio.ensure_future(_image(making, segment))
    frame = asyncio.ensure_future(_frame(making, segment, image))
    await all_ended([image, frame, _clip(making, segment, frame)])


async def _image(making: Making, segment: Segment) -> Ensured:
    prompt = recipe.prompt_version(making.lecture, segment)
    inputs = making.inputs("segment_image", segment.key, prompt)
    return await making.ensure(
        "segment_image", segment.key, inputs, lambda: make_image(making, segment, inputs)
    )


async def _frame(making: Making, segment: Segment, image: asyncio.Task[Ensured]) -> Ensured:
    drawn = await making.known("segment_image", segment.key, image)
    if drawn == "failed":
        await making.skip("segment_start_frame", segment.key, "the segment has no image")
    if drawn != "ready":
        return drawn
    version = making.version("segment_image", segment.key) or ""
    inputs = making.inputs("segment_start_frame", segment.key, version)
    return await making.ensure(
        "segment_start_frame", segment.key, inputs, lambda: make_frame(making, segment, inputs)
    )


async def _clip(making: Making, segment: Segment, frame: asyncio.Task[Ensured]) -> Ensured:
    framed = await making.known("segment_start_frame", segment.key, frame)
    if framed == "failed":
        lacking = "start frame" if making.result("segment_image", segment.key) else "image"
        await making.skip("segment_clip", segment.key, f"the segment has no {lacking}")
    if framed != "ready":
        return framed
    version = making.version("segment_start_frame", segment.key) or ""
    inputs = making.inputs("segment_clip", segment.key, version)
    return await making.ensure(
        "segment_clip", segment.key, inputs, lambda: make_clip(making, segment, inputs)
    )


async def _announce(job: Assignment, lecture: Lecture, segments: list[Segment]) -> None:
    """Say what is about to be made: `Stage 1: 10 images in batches of 5`..."""
    here = {segment.key for segment in segments}
    todo = {Node(*node) for node in recipe.wanting(lecture) if node[1] in here}
    stages = plan(graph_of(lecture), affected(graph_of(lecture), todo))
    for number, stage in enumerate(stages):
        if any(node.asset in SEGMENT_ASSETS for node in stage.nodes):
            left = remaining(stages[number:], ())
            message = f"{describe(stage)} ({left} to go)"
            await job.work.progress("planned", "started", message)
