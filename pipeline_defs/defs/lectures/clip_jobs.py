"""Orders a clip at the provider and waits for it."""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass
from typing import Any

from pipeline_defs import policies
from pipeline_defs.defs.lectures.making import Making
from pipeline_defs.domain.errors import Permanent, Transient
from pipeline_defs.domain.lectures import prompts
from pipeline_defs.domain.lectures.models import Segment
from pipeline_defs.gateways.video.port import VideoAnswer, VideoJob, VideoRequest
from pipeline_defs.runtime.concurrency import both
from pipeline_defs.runtime.paid_calls import OURS, Try
from pipeline_defs.runtime.video_callbacks import callback_url, job_key

log = logging.getLogger(__name__)
LOOK_TIMEOUT = policies.VIDEO_JOB_DEADLINE / 4  # a look may bring the whole clip


@dataclass(frozen=True, slots=True)
class Order:
    """A job at the provider, and when (seconds since 1970) it was ordered."""

    job: VideoJob
    at: float


async def filmed(
    making: Making, segment: Segment, first: tuple[bytes, str], this: Try
) -> VideoAnswer:
    """The finished clip: of the job already begun under the same key where there is one.

    `first` is the picture it begins with, and its media type.
    """
    about = (segment.key, "clip_job", this.idempotency_key)
    known = making.work.recall(*about)
    if known is not None:
        job = VideoJob(known["id"], known["model_key"], known["seconds"])
        return await collected(making, Order(job, known["at"]))
    job = await _ordered(making, first, this)
    at = time.time()
    named = {"id": job.id, "model_key": job.model_key, "seconds": job.seconds, "at": at}
    _, clip = await both(_noted(making, about, named), collected(making, Order(job, at)))
    return clip


async def _noted(making: Making, about: tuple[str, str, str], job: dict[str, Any]) -> None:
    """Remember an order. Where the database is away the clip itself is still worth having."""
    try:
        await making.work.remember(*about, job)
    except Transient as error:
        if error.code not in OURS:
            raise
        log.warning("a clip's order is not noted: %s", error)


async def _ordered(making: Making, first: tuple[bytes, str], this: Try) -> VideoJob:
    return await making.job.resources.gateways.video.start(
        VideoRequest(
            prompt=prompts.CLIP_PROMPT,
            first_frame=first[0],
            frame_media_type=first[1],
            seconds=policies.SEGMENT_SECONDS,
            width=policies.VIDEO_WIDTH,
            height=policies.VIDEO_HEIGHT,
            timeout=policies.VIDEO.timeout,
            idempotency_key=this.idempotency_key,
            callback_url=callback_url(making.job.resources.settings, making.work.claim),
            final_try=this.final,
        )
    )


async def collected(making: Making, order: Order) -> VideoAnswer:
    """The finished clip: looked for when the provider calls back, and now and then by ourselves.

    A look that fails says nothing of the job, so it costs neither the job nor a try. An old job is
    looked at before it is given up: it may have ended while no worker was there. Raises Permanent
    `JOB_STUCK` when the job takes longer than it may.
    """
    pause, unreadable = policies.VIDEO_POLL_FIRST, 0
    with making.job.resources.wakes.expected(job_key(order.job.id)) as done:
        await done.wait(max(0.0, order.at + pause - time.time()))  # ordered just now
        while True:
            wait = pause
            try:
                answer = await making.job.resources.gateways.video.collect(order.job, LOOK_TIMEOUT)
            except Transient as error:
                unreadable = unreadable + 1 if error.code == "INVALID_ANSWER" else 0
                if error.code == "JOB_FAILED" or unreadable >= policies.VIDEO_UNREADABLE_MOST:
                    raise
                wait = max(pause, error.retry_after or 0)
            else:
                if answer is not None:
                    return answer
                unreadable = 0
            if time.time() - order.at >= policies.VIDEO_JOB_DEADLINE:
                break
            await done.wait(wait)
            pause = min(pause * 1.5, policies.VIDEO_POLL_MOST)
    raise Permanent(
        "JOB_STUCK",
        f"the provider did not finish the clip within {policies.VIDEO_JOB_DEADLINE:g} s",
        advice="The segment is shown as a moving still; resume to order the clip again.",
    )
