"""Makes a segment's clip: its start frame begins to move, for exactly a segment's length.

The provider's job is remembered before it is waited for, so that a crash or a lost answer does not
ask for a second one.
"""

from __future__ import annotations

from pipeline_defs import policies
from pipeline_defs.defs.lectures import previews
from pipeline_defs.defs.lectures.making import Making, made
from pipeline_defs.defs.lectures.media_answers import judged
from pipeline_defs.domain.lectures import prompts
from pipeline_defs.domain.lectures.models import Segment
from pipeline_defs.domain.versions import version_of
from pipeline_defs.gateways.video.port import VideoAnswer, VideoJob, VideoRequest
from pipeline_defs.media.clips import fitted
from pipeline_defs.runtime.video_callbacks import callback_url, job_key
from pipeline_defs.runtime.work import Outcome, Paid, Try

ASSET = "segment_clip"
COLLECT_TIMEOUT = policies.VIDEO.timeout / 4


async def make_clip(making: Making, segment: Segment, inputs: str) -> None:
    """Let the start frame move, fit the clip to the segment, store and materialize it."""
    paid = await _filmed(making, segment, inputs)
    clip = made(
        ASSET,
        segment.key,
        version_of(paid.result["blob"]["sha256"]),
        inputs,
        inputs={"segment_start_frame": making.version("segment_start_frame", segment.key) or ""},
        cost_usd=paid.cost_usd,
        metadata=previews.clip(making, segment, paid.result),
    )
    await making.keep(clip, paid.result, previews.clip_words(paid.result))


async def _filmed(making: Making, segment: Segment, inputs: str) -> Paid:
    frame = (making.result("segment_start_frame", segment.key) or {})["blob"]

    async def call(this: Try) -> Outcome:
        first = await making.read("segment_start_frame", segment.key, frame)
        started = await _started(making, segment, first, this)
        answer = await _collected(making, started)
        with judged(answer.usage):
            fit = await fitted(answer.data, seconds=policies.SEGMENT_SECONDS)
        blob = await making.put(fit.data, "video/mp4")
        return Outcome(
            {"blob": blob, "method": fit.method, "served_by": answer.model}, answer.usage
        )

    return await making.work.paid(segment.key, "clip", inputs, policies.VIDEO, call)


async def _started(making: Making, segment: Segment, first: bytes, this: Try) -> VideoJob:
    """The provider's job; the one already begun under the same key where there is one."""

    async def start() -> dict[str, str | int]:
        job = await making.job.resources.gateways.video.start(
            VideoRequest(
                prompt=prompts.CLIP_PROMPT,
                first_frame=first,
                frame_media_type="image/jpeg",
                seconds=policies.SEGMENT_SECONDS,
                width=policies.VIDEO_WIDTH,
                height=policies.VIDEO_HEIGHT,
                timeout=policies.VIDEO.timeout,
                idempotency_key=this.idempotency_key,
                callback_url=callback_url(making.job.resources.settings, making.work.claim),
                final_try=this.final,
            )
        )
        return {"id": job.id, "model_key": job.model_key, "seconds": job.seconds}

    job = await making.work.step(segment.key, "clip_job", this.idempotency_key, start)
    return VideoJob(**job)


async def _collected(making: Making, job: VideoJob) -> VideoAnswer:
    """The finished clip: looked for when the provider calls back, and now and then by ourselves.

    Waits for ever; the deadline of the step ends it.
    """
    pause = policies.VIDEO_POLL_FIRST
    while True:
        answer = await making.job.resources.gateways.video.collect(job, COLLECT_TIMEOUT)
        if answer is not None:
            return answer
        await making.job.resources.wakes.wait(job_key(job.id), pause)
        pause = min(pause * 1.5, policies.VIDEO_POLL_MOST)
