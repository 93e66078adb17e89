"""The card that stands in for a segment's picture."""

from __future__ import annotations

import asyncio

from pipeline_defs import policies
from pipeline_defs.defs.lectures.making import Making
from pipeline_defs.domain.lectures.models import Segment
from pipeline_defs.media.cards import title_card


async def card_of(making: Making, segment: Segment) -> bytes:
    """Its heading, as a PNG in the size of the film."""
    return await asyncio.to_thread(
        title_card,
        lecture=making.lecture.title or making.lecture.topic,
        heading=segment.heading,
        number=segment.order,
        width=policies.VIDEO_WIDTH,
        height=policies.VIDEO_HEIGHT,
    )
