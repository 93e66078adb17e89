"""Works on video jobs: a few at a time, those of an earlier process first, then calls back."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine
from datetime import UTC, datetime
from typing import Any

from pipeline_defs.local.providers.engine.studio import CLIP_MODEL, Studio
from pipeline_defs.local.providers.server.callbacks import may_be_called, send
from pipeline_defs.local.providers.server.jobs import Job, Jobs
from pipeline_defs.local.providers.server.latency import Latency
from pipeline_defs.local.providers.server.store import Store

AT_ONCE = 2  # clips in work; the encoder's own slots bound them over all processes
VIDEOS = "/openrouter/api/v1/videos"
FAULTY = "internal_error: The clip could not be made."
log = logging.getLogger(__name__)


class VideoWorker:
    """Lives in one event loop, between `start` and `stop`."""

    def __init__(
        self, store: Store, studio: Studio, latency: Latency, base_url: str, secret: str
    ) -> None:
        self.jobs = Jobs(store)
        self._bodies = store.bodies
        self._studio = studio
        self._latency = latency
        self._base_url = base_url
        self._secret = secret
        self._turns = asyncio.Semaphore(AT_ONCE)
        self._tasks: set[asyncio.Task[None]] = set()
        self._at_work: set[str] = set()
        self._loop: asyncio.AbstractEventLoop | None = None

    def start(self) -> None:
        """Take up what an earlier process left."""
        self._loop = asyncio.get_running_loop()
        for job in self.jobs.open():
            self._begin(job)
        for job in self.jobs.not_called_back():
            self._keep(self._call_back(job))

    async def stop(self) -> None:
        """Leave off; what is not over is taken up by the next process."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def take(self, job: Job) -> None:
        """Begin with a new job; may be called from any thread."""
        if self._loop is None:
            raise RuntimeError("the worker is not started")
        self._loop.call_soon_threadsafe(self._begin, job)

    def urls(self, job: Job) -> list[str]:
        """Where the clip can be fetched."""
        return [f"{self._base_url}{VIDEOS}/{job.id}/content?index=0"]

    def _begin(self, job: Job) -> None:
        if job.id not in self._at_work:
            self._at_work.add(job.id)
            self._keep(self._work(job.id))

    def _keep(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _work(self, job_id: str) -> None:
        try:
            job = self.jobs.get(job_id)
            if job is None or job.is_over:  # ordered again after an answer was lost
                return
            if job.outcome == "completed":
                over = await self._made(job)
            else:
                over = self.jobs.finish(job.id, job.outcome, error=job.error)
        finally:
            self._at_work.discard(job_id)
        await self._call_back(over)

    async def _made(self, job: Job) -> Job:
        try:
            clip = await self._clip(job)
        except Exception:  # whatever it is, the job ends and its client is told
            log.exception("video job %s failed", job.id)
            return self.jobs.finish(job.id, "failed", error=FAULTY)
        content = await asyncio.to_thread(self._bodies.put, clip)
        return self.jobs.finish(job.id, "completed", content=content)

    async def _clip(self, job: Job) -> bytes:
        seconds = self._latency.of("video")
        if seconds is not None:
            self.jobs.begin(job.id)
            clip = await self._studio.ready_clip(job.seconds)
            await asyncio.sleep(seconds)
            return clip
        async with self._turns:
            self.jobs.begin(job.id)
            frame = await asyncio.to_thread(self._bodies.get, job.frame)
            if frame is None:
                raise LookupError("the first frame is gone")
            return await self._studio.clip(frame, job.seconds, job.seed)

    async def _call_back(self, job: Job) -> None:
        if not job.callback_url:
            return
        if not self._secret or not may_be_called(job.callback_url):
            log.warning("video job %s: not called back: no secret, or not this machine", job.id)
        elif not await send(job.callback_url, self._event(job), f"{job.id}-over", self._secret):
            log.warning("video job %s: nobody took its callback", job.id)
        self.jobs.close_callback(job.id)

    def _event(self, job: Job) -> dict[str, Any]:
        data: dict[str, Any] = {
            "id": job.id,
            "status": job.status,
            "generation_id": generation_id(job),
            "model": CLIP_MODEL,
        }
        if job.status == "completed":
            data["unsigned_urls"] = self.urls(job)
            data["usage"] = {"cost": float(job.cost_usd), "is_byok": False}
        else:
            data["error"] = job.error
        return {
            "type": f"video.generation.{job.status}",
            "created_at": datetime.now(UTC).isoformat(timespec="milliseconds"),
            "data": data,
        }


def generation_id(job: Job) -> str:
    """The id of what a job made."""
    return f"gen-vid-{job.id.removeprefix('job-')}"
