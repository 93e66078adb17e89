"""Makes the picture a segment's clip begins with: its first image in the form of the film."""

from __future__ import annotations

import asyncio

from pipeline_defs import policies
from pipeline_defs.defs.lectures import previews
from pipeline_defs.defs.lectures.making import Making, made
from pipeline_defs.domain.lectures.models import Segment
from pipeline_defs.domain.versions import version_of
from pipeline_defs.media.pictures import start_frame, thumbnail

ASSET = "segment_start_frame"
SIZE = (policies.VIDEO_WIDTH, policies.VIDEO_HEIGHT)
AS_IT_IS = ("image/png", "image/jpeg")
BEST_FIRST = ("drawn", "rewritten", "title_card")


async def make_frame(making: Making, segment: Segment, inputs: str) -> None:
    """Fit the segment's best image into the film's frame unless it is one; materialize it."""
    images = (making.result("segment_image", segment.key) or {})["images"]
    best = min(images, key=lambda image: (BEST_FIRST.index(image["kind"]), image["n"]))
    blob, whose = best["blob"], "segment_image"
    if (best["width"], best["height"]) != SIZE or blob["media_type"] not in AS_IT_IS:
        data = await making.read("segment_image", segment.key, blob)
        fitted = await asyncio.to_thread(start_frame, data, *SIZE)
        blob, whose = await making.put(fitted, "image/jpeg"), ASSET
        making.thumbnails[blob["sha256"]] = await asyncio.to_thread(thumbnail, fitted)
        making.have_at_hand(blob, fitted)
    result = {"blob": blob, "image": best["n"]}
    version = making.version("segment_image", segment.key) or ""
    start = made(
        ASSET,
        segment.key,
        version_of(result["blob"]["sha256"]),
        inputs,
        inputs={"segment_image": version},
        metadata=await previews.frame(making, segment, result, whose),
    )
    await making.keep(start, result, "ready")
