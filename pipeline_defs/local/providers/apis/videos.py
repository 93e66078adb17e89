"""Video: OpenRouter's asynchronous `/videos`: order a clip, look at the job, fetch the clip."""

from __future__ import annotations

import hashlib
from decimal import Decimal
from typing import Any, Literal
from uuid import uuid4

from pydantic import Field

from pipeline_defs.local.providers.apis.media import bill as bill_for
from pipeline_defs.local.providers.apis.media import refusal, served
from pipeline_defs.local.providers.engine.images import frame_of
from pipeline_defs.local.providers.engine.studio import CLIP_MODEL, CLIP_SECONDS, CLIP_SIZE
from pipeline_defs.local.providers.prices import MEDIA_MODELS
from pipeline_defs.local.providers.server.bodies import Bodies
from pipeline_defs.local.providers.server.jobs import Job, Outcome
from pipeline_defs.local.providers.server.shapes import ApiError
from pipeline_defs.local.providers.server.videos import VIDEOS, VideoWorker, generation_id
from pipeline_defs.local.providers.server.work import Answer, Body, Request

LONGEST_PROMPT = 10_000
LONGEST_URL = 2000
MOST_WAITING = 500
SIZE = f"{CLIP_SIZE[0]}x{CLIP_SIZE[1]}"
RESOLUTION, RATIO = "720p", "16:9"
CONTENT_TYPE = "video/mp4"
EXPIRED = "expired: The job took too long."


class _ImageUrl(Body):
    url: str


class _FrameImage(Body):
    type: Literal["image_url"] = "image_url"
    image_url: _ImageUrl
    frame_type: str = "first_frame"


class _VideoBody(Body):
    model: str = Field(min_length=1)
    prompt: str = Field(min_length=1, max_length=LONGEST_PROMPT)
    duration: int | None = None
    size: str | None = None
    resolution: str | None = None
    aspect_ratio: str | None = None
    seed: int | None = None
    frame_images: list[_FrameImage] = []
    callback_url: str | None = Field(default=None, max_length=LONGEST_URL)


class VideosApi:
    """The clip engine in OpenRouter's shape: it moves slowly over a given first frame."""

    def __init__(self, worker: VideoWorker, bodies: Bodies) -> None:
        self._worker = worker
        self._bodies = bodies

    def models(self, _: Request) -> Answer:
        """`GET /videos/models`: what each can do. All are the one local engine."""
        data = [
            {
                "id": model.id,
                "canonical_slug": model.id,
                "name": f"{model.id} (served by the local clip engine)",
                "created": 1_760_000_000,
                "supported_durations": list(CLIP_SECONDS),
                "supported_sizes": [SIZE],
                "supported_resolutions": [RESOLUTION],
                "supported_aspect_ratios": [RATIO],
                "supported_frame_images": ["first_frame"],
                "generate_audio": False,
                "seed": True,
                "pricing_skus": {"per-video-second": str(model.usd)},
                "allowed_passthrough_parameters": [],
            }
            for model in MEDIA_MODELS
            if model.capability == "video"
        ]
        return Answer({"data": data})

    def create(self, request: Request) -> Answer:
        """`POST /videos`: 202 and the job, which is billed now."""
        asked = request.parse(_VideoBody)
        model = served(asked.model, "openrouter", "video")
        frame = frame_of(_first_frame(asked))
        seconds = _duration(asked)
        _expect_size(asked)
        if self._worker.jobs.open_count() >= MOST_WAITING:
            raise ApiError(429, "rate_limit_exceeded", f"{MOST_WAITING} jobs are waiting already")
        bill = bill_for(model, seconds, "seconds")
        outcome, error = _outcome(request)
        job = Job(
            id=_job_id(request.key),
            model=asked.model,
            prompt=asked.prompt,
            seconds=seconds,
            seed=_seed(asked),
            frame=self._bodies.put(frame),
            callback_url=asked.callback_url or "",
            outcome=outcome,
            error=error,
            cost_usd=bill.cost_usd if outcome == "completed" else Decimal(0),
        )
        self._worker.jobs.add(job)
        self._worker.take(job)
        charged = bill if outcome == "completed" else None
        return Answer(_accepted(job), charged, CLIP_MODEL, status=202)

    def get(self, request: Request) -> Answer:
        """`GET /videos/{id}`: how the job is. Never billed."""
        job = self._asked_for(request)
        body: dict[str, Any] = {**_accepted(job), "status": job.status}
        if job.status == "completed":
            body["generation_id"] = generation_id(job)
            body["unsigned_urls"] = self._worker.urls(job)
            body["usage"] = {"cost": float(job.cost_usd), "is_byok": False}
        elif job.is_over:
            body["error"] = job.error
        return Answer(body, model=CLIP_MODEL)

    def content(self, request: Request) -> Answer:
        """`GET /videos/{id}/content`: the clip."""
        job = self._asked_for(request)
        if job.status != "completed":
            raise ApiError(404, "not_ready", f"The job is {job.status}: it has no clip.")
        clip = self._bodies.get(job.content)
        if clip is None:
            raise ApiError(410, "expired", "The clip is no longer kept.")
        return Answer(clip, model=CLIP_MODEL, media_type=CONTENT_TYPE)

    def _asked_for(self, request: Request) -> Job:
        job = self._worker.jobs.get(request.parts.get("id", ""))
        if job is None:
            raise ApiError(404, "not_found", "There is no such video job.")
        return job


def _accepted(job: Job) -> dict[str, Any]:
    return {"id": job.id, "polling_url": f"{VIDEOS}/{job.id}", "status": "pending"}


def _job_id(key: str) -> str:
    """From the idempotency key, if there is one: the same order never makes a second job."""
    return f"job-{hashlib.sha256(key.encode()).hexdigest()[:32]}" if key else f"job-{uuid4().hex}"


def _first_frame(asked: _VideoBody) -> str:
    frames = [frame for frame in asked.frame_images if frame.frame_type == "first_frame"]
    if len(frames) != 1 or len(asked.frame_images) != 1:
        raise ApiError(
            400,
            "invalid_frame_images",
            "The local clip engine takes exactly one picture, as first_frame, and moves over it.",
        )
    return frames[0].image_url.url


def _duration(asked: _VideoBody) -> int:
    seconds = CLIP_SECONDS[0] if asked.duration is None else asked.duration
    if seconds not in CLIP_SECONDS:
        offered = " or ".join(str(offer) for offer in CLIP_SECONDS)
        raise ApiError(400, "invalid_duration", f"The duration is not {offered} seconds.")
    return seconds


def _expect_size(asked: _VideoBody) -> None:
    for name, given, offered in (
        ("size", asked.size, SIZE),
        ("resolution", asked.resolution, RESOLUTION),
        ("aspect ratio", asked.aspect_ratio, RATIO),
    ):
        if given not in {None, offered}:
            raise ApiError(400, "invalid_size", f"The {name} is not {offered}.")


def _seed(asked: _VideoBody) -> int:
    if asked.seed is not None:
        return abs(asked.seed)
    return int.from_bytes(hashlib.sha256(asked.prompt.encode()).digest()[:4], "big")


def _outcome(request: Request) -> tuple[Outcome, str]:
    """What becomes of the job, and why: a fault script may let it end without a clip."""
    fault = request.fault
    if fault is not None and fault.incomplete:
        return "expired", EXPIRED
    words = refusal(request)
    return ("failed", f"content_policy_violation: {words}") if words else ("completed", "")
