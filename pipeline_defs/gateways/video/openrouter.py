"""Clips by OpenRouter's video API: a job is started, looked at, and its clip fetched."""

from __future__ import annotations

import base64
from decimal import Decimal
from typing import Any
from urllib.parse import quote

from pydantic import Field

from pipeline_defs.domain.errors import Permanent, PipelineError, Transient
from pipeline_defs.gateways.billing import Bill, media_usage
from pipeline_defs.gateways.catalog import Model
from pipeline_defs.gateways.chain import derived_key
from pipeline_defs.gateways.complaints import read_complaint
from pipeline_defs.gateways.endpoints import Endpoint
from pipeline_defs.gateways.failures import InvalidAnswer, Refused, charge, is_refusal
from pipeline_defs.gateways.http import Call, Http, deadline
from pipeline_defs.gateways.media_formats import clip_type, expect_media
from pipeline_defs.gateways.usage import Usage
from pipeline_defs.gateways.video.capabilities import (
    Capabilities,
    Capability,
    chosen_seconds,
    chosen_shape,
)
from pipeline_defs.gateways.video.port import VideoAnswer, VideoJob, VideoRequest
from pipeline_defs.gateways.wire import Wire, expect_no_error, parse_wire

AT_WORK = {"pending", "queued", "in_progress", "processing"}
OVER = {"failed", "cancelled", "canceled", "expired"}
FIRST_FRAME = "first_frame"
WORDS_LIMIT = 300  # characters of what the provider says


class _Usage(Wire):
    cost: Decimal | None = Field(default=None, ge=0)


class _Job(Wire):
    id: str = Field(min_length=1, max_length=200)
    status: str = ""
    model: str | None = None
    error: Any = None  # words, or {code, message}
    usage: _Usage | None = None


class OpenRouterVideo:
    """One model behind `POST /videos`."""

    def __init__(self, http: Http, model: Model, capabilities: Capabilities) -> None:
        self._http = http
        self._model = model
        self._capabilities = capabilities

    async def start(self, request: VideoRequest) -> VideoJob:
        """See `VideoPort.start`."""
        endpoint = self._http.endpoint
        async with deadline(request.timeout, endpoint):
            capability = await self._capabilities.of(self._model.id, request.timeout)
            self._expect_first_frame(capability)
            seconds = chosen_seconds(capability, request.seconds)
            body = await self._http.json(
                Call(
                    "POST",
                    "/videos",
                    request.timeout,
                    json=self._body(request, capability, seconds),
                    headers=endpoint.bearer,
                    idempotency_key=derived_key(request.idempotency_key, self._model),
                    model=self._model.id,
                )
            )
        job = _read_job(body, endpoint, self._model.id)
        if job.status in OVER:
            raise self._ended(job, seconds)
        return VideoJob(job.id, self._model.key, seconds)

    async def collect(self, job: VideoJob, timeout: float) -> VideoAnswer | None:
        """See `VideoPort.collect`: one look, and the clip if it is there."""
        async with deadline(timeout, self._http.endpoint):
            found = await self._look(job, timeout)
            if found.status in AT_WORK:
                return None
            if found.status in OVER:
                raise self._ended(found, job.seconds)
            if found.status != "completed":
                label = self._http.endpoint.label
                raise InvalidAnswer(f"{label} says a job is '{found.status:.40}'")
            return await self._fetched(found, job, timeout)

    async def _look(self, job: VideoJob, timeout: float) -> _Job:
        endpoint = self._http.endpoint
        call = Call("GET", _path(job), timeout, headers=endpoint.bearer)
        try:
            return _read_job(await self._http.json(call), endpoint, self._model.id)
        except PipelineError as error:
            raise _gone(error, endpoint.label) from error

    async def _fetched(self, found: _Job, job: VideoJob, timeout: float) -> VideoAnswer:
        """The clip, through the provider and never from an address that it names."""
        endpoint = self._http.endpoint
        headers = {**endpoint.bearer, "Accept": "*/*"}
        try:
            reply = await self._http.reply(
                Call("GET", f"{_path(job)}/content", timeout, headers=headers)
            )
        except PipelineError as error:
            raise _gone(error, endpoint.label) from error
        media_type = expect_media(reply.body, clip_type, endpoint)
        served = found.model or self._model.id
        usage = self._usage(found, job.seconds)
        return VideoAnswer(reply.body, media_type, served, endpoint.label, usage)

    def _body(self, request: VideoRequest, capability: Capability, seconds: int) -> dict[str, Any]:
        encoded = base64.b64encode(request.first_frame).decode()
        picture = {"url": f"data:{request.frame_media_type};base64,{encoded}"}
        body: dict[str, Any] = {
            "model": self._model.id,
            "prompt": request.prompt,
            "duration": seconds,
            **chosen_shape(capability, request.width, request.height),
            "frame_images": [
                {"type": "image_url", "image_url": picture, "frame_type": FIRST_FRAME}
            ],
        }
        if capability.generate_audio:
            body["generate_audio"] = False  # clips are silent: the narration is ours
        if request.callback_url is not None:
            body["callback_url"] = request.callback_url
        return {**body, **self._model.options}

    def _expect_first_frame(self, capability: Capability) -> None:
        frames = capability.supported_frame_images
        if frames is not None and FIRST_FRAME not in frames:
            raise Permanent(
                "NOT_CONFIGURED",
                f"{self._model.key} makes no clip that begins with a given picture",
                advice="Name another model for `video` in providers.toml.",
                user_action_required=True,
            )

    def _ended(self, found: _Job, seconds: int) -> PipelineError:
        """Why there is no clip; with the bill where the provider sends one all the same."""
        endpoint = self._http.endpoint
        complaint = read_complaint(found.error)
        billed = found.usage is not None and found.usage.cost is not None
        usage = self._usage(found, seconds) if billed else ()
        words = endpoint.redact(" ".join(complaint.message.split()))[:WORDS_LIMIT]
        if is_refusal(complaint.code, complaint.message):
            return Refused(endpoint.label, words, usage)
        said = f": {words}" if words else ""
        error = Transient("JOB_FAILED", f"{endpoint.label} ended a job as {found.status}{said}")
        charge(error, usage)
        return error

    def _usage(self, found: _Job, seconds: int) -> tuple[Usage, ...]:
        bill = Bill(
            capability="video",
            quantity=Decimal(seconds),
            unit="seconds",
            served=found.model or "",
            cost_usd=found.usage.cost if found.usage else None,
        )
        return media_usage(self._http.endpoint, self._model, bill)


def _read_job(body: Any, endpoint: Endpoint, model: str) -> _Job:
    """A job, whose `error` says why it failed; without a job an `error` is that of the request."""
    if isinstance(body, dict) and not body.get("id"):
        expect_no_error(body, endpoint, model)
    return parse_wire(_Job, body, endpoint)


def _path(job: VideoJob) -> str:
    return f"/videos/{quote(job.id, safe='')}"


def _gone(error: PipelineError, label: str) -> PipelineError:
    """A job that the provider does not know any more is over; every other error stays itself."""
    if error.code != "NOT_FOUND":
        return error
    return Transient("JOB_FAILED", f"{label} does not have the job or its clip any more")
