"""Makes a segment's clip: its start frame begins to move, for exactly a segment's length.

The provider's job is remembered while it is waited for, so that a crash or a lost answer does not
order a second one. Fitting the clip to the film is work of our own and holds no provider's place.
"""

from __future__ import annotations

import asyncio
from typing import Any

from pipeline_defs import policies
from pipeline_defs.defs.lectures import previews
from pipeline_defs.defs.lectures.clip_jobs import filmed
from pipeline_defs.defs.lectures.making import Making, made
from pipeline_defs.defs.lectures.media_answers import judged
from pipeline_defs.domain.lectures.models import Segment
from pipeline_defs.domain.versions import version_of
from pipeline_defs.media.clips import fitted, look_into
from pipeline_defs.runtime.paid_calls import Judgement, Outcome, Paid, Try

ASSET = "segment_clip"
SECONDS = policies.SEGMENT_SECONDS


async def make_clip(making: Making, segment: Segment, inputs: str) -> None:
    """Let the start frame move, fit the clip to the segment, store and materialize it."""
    paid = await _filmed(making, segment, inputs)
    result = {**await _fitted(making, segment, paid), "served_by": paid.result["served_by"]}
    clip = made(
        ASSET,
        segment.key,
        version_of(result["blob"]["sha256"]),
        inputs,
        inputs={"segment_start_frame": making.version("segment_start_frame", segment.key) or ""},
        cost_usd=paid.cost_usd,
        metadata=await previews.clip(making, segment, result),
    )
    await making.keep(clip, result, previews.clip_words(result))


async def _filmed(making: Making, segment: Segment, inputs: str) -> Paid:
    """The clip as the provider delivers it; `conforms` where the film can take it as it is."""
    frame = (making.result("segment_start_frame", segment.key) or {})["blob"]
    first: bytes | None = None
    if not making.work.remembers(segment.key, "clip", inputs):  # read before a place is held for it
        first = await making.read("segment_start_frame", segment.key, frame)

    async def call(this: Try) -> Judgement:
        nonlocal first
        for asset in ("segment_image", "segment_start_frame"):
            making.must_be_wanted(asset, segment.key)
        first = first or await making.read("segment_start_frame", segment.key, frame)
        fetch = await filmed(making, segment, (first, frame["media_type"]), this)

        async def judge() -> Outcome:
            answer = await fetch()
            with judged(answer.usage):
                look = await asyncio.to_thread(
                    look_into, answer.data, previews.CLIP_PICTURES, previews.THUMBNAIL_WIDTH
                )
                blob = await making.put(answer.data, "video/mp4")
            if look.facts.conforms:
                making.key_pictures[segment.key] = look.pictures
            result = {"blob": blob, "conforms": look.facts.conforms, "served_by": answer.model}
            return Outcome(result, answer.usage)

        return judge

    return await making.work.paid(segment.key, "clip", inputs, policies.VIDEO, call)


async def _fitted(making: Making, segment: Segment, paid: Paid) -> dict[str, Any]:
    """The clip in the shape of the film, encoded once where it has to be."""
    delivered = paid.result["blob"]
    if paid.result["conforms"]:
        return {"blob": delivered, "method": "as_delivered"}

    async def fit() -> dict[str, Any]:
        data = await making.read(ASSET, segment.key, delivered)
        fit = await fitted(data, seconds=SECONDS)
        return {"blob": await making.put(fit.data, "video/mp4"), "method": fit.method}

    return await making.work.step(segment.key, "fit", delivered["sha256"], fit)
