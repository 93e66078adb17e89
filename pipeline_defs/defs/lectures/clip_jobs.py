"""Orders a clip at the provider, waits for the end of its job, and fetches it.

The provider is at work until the job is over: a clip that it says is done is fetched without a
place there. Where it is not handed out then, the next try waits for it in a place, as for any job.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
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
Fetch = Callable[[], Awaitable[VideoAnswer]]


@dataclass(frozen=True, slots=True)
class Order:
    """A job at the provider, and when (seconds since 1970) it was ordered."""

    job: VideoJob
    at: float


async def filmed(making: Making, segment: Segment, first: tuple[bytes, str], this: Try) -> Fetch:
    """See a job to its end, that already begun under the same key where there is one.

    `first` is the picture the clip begins with, and its media type. What is returned fetches it.
    """
    about = (segment.key, "clip_job", this.idempotency_key)
    known = making.work.recall(*about)
    if known is not None:
        job = VideoJob(known["id"], known["model_key"], known["seconds"])
        awaited = Awaited(making, Order(job, known["at"]))
        clip = await awaited.ended()
    else:
        job = await _ordered(making, first, this)
        at = time.time()
        named = {"id": job.id, "model_key": job.model_key, "seconds": job.seconds, "at": at}
        awaited = Awaited(making, Order(job, at))
        _, clip = await both(_noted(making, about, named), awaited.ended())

    async def fetch() -> VideoAnswer:
        nonlocal clip  # however often it is judged
        clip = clip or await awaited.fetched()
        return clip

    return fetch


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


class Awaited:
    """A job that is waited for: by the provider's call, and by a look of our own now and then.

    A look that fails says nothing of the job, so it costs neither the job nor a try. An old job is
    looked at before it is given up: it may have ended while no worker was there. All of it raises
    Permanent `JOB_STUCK` when the job takes longer than it may.
    """

    def __init__(self, making: Making, order: Order) -> None:
        self._resources = making.job.resources
        self._order = order
        self._pause = self._wait = policies.VIDEO_POLL_FIRST
        self._unreadable = 0
        self._failed: Transient | None = None  # the last look

    async def ended(self) -> VideoAnswer | None:
        """Until the job is over: its clip, or None where the provider called and it can be had."""
        with self._resources.wakes.expected(job_key(self._order.job.id)) as call:
            came = await call.wait(max(0.0, self._order.at + self._pause - time.time()))
            while not came:
                clip = await self._looked()
                if clip is not None:
                    return clip
                came = await call.wait(self._wait)
        return None

    async def fetched(self) -> VideoAnswer:
        """The clip of a job that the provider called about; Transient while it cannot be had."""
        for number in range(policies.CLIP_FETCHES_MOST):
            if number:
                await asyncio.sleep(min(self._wait, policies.VIDEO_POLL_MOST))
            clip = await self._looked()
            if clip is not None:
                return clip
        why = f": {self._failed.message}" if self._failed else ""
        raise Transient(
            "CLIP_NOT_THERE",
            f"the provider says that the clip is done, and does not hand it out{why}",
            retry_after=self._wait,
        ) from self._failed

    async def _looked(self) -> VideoAnswer | None:
        """One look; None while there is no clip, and then a wait until the next is set."""
        self._wait = self._pause
        self._pause = min(self._pause * 1.5, policies.VIDEO_POLL_MOST)
        try:
            clip = await self._resources.gateways.video.collect(self._order.job, LOOK_TIMEOUT)
        except Transient as error:
            self._unreadable = self._unreadable + 1 if error.code == "INVALID_ANSWER" else 0
            if error.code == "JOB_FAILED" or self._unreadable >= policies.VIDEO_UNREADABLE_MOST:
                raise
            self._wait, self._failed = max(self._wait, error.retry_after or 0), error
        else:
            if clip is not None:
                return clip
            self._unreadable, self._failed = 0, None
        if time.time() - self._order.at >= policies.VIDEO_JOB_DEADLINE:
            raise Permanent(
                "JOB_STUCK",
                f"the provider did not finish the clip within {policies.VIDEO_JOB_DEADLINE:g} s",
                advice="The segment is shown as a moving still; resume to order the clip again.",
            )
        return None
