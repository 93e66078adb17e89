"""The video port: a picture begins to move. A job is started, then collected when it is done."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from pipeline_defs.gateways.usage import Usage


@dataclass(frozen=True, slots=True)
class VideoRequest:
    """A clip of at least `seconds` that begins with `first_frame`.

    `callback_url` is told when the job is done, where the provider can do so; it need not be.
    `timeout`, `idempotency_key`, `final_try`: see TextRequest.
    """

    prompt: str
    first_frame: bytes
    frame_media_type: str
    seconds: int
    width: int
    height: int
    timeout: float
    idempotency_key: str
    callback_url: str | None = None
    final_try: bool = False


@dataclass(frozen=True, slots=True)
class VideoJob:
    """A job that was accepted: everything that is needed to collect it, also after a crash.

    `model_key` names the model in the catalogue; `seconds` is what it will make, which may be less
    or more than was asked for.
    """

    id: str
    model_key: str
    seconds: int


@dataclass(frozen=True, slots=True)
class VideoAnswer:
    """A finished clip, and what it cost."""

    data: bytes
    media_type: str
    model: str
    provider: str
    usage: tuple[Usage, ...]


class VideoPort(Protocol):
    """Makes clips."""

    async def start(self, request: VideoRequest) -> VideoJob:
        """Ask for a clip. Raises as `TextPort.generate`."""
        ...

    async def collect(self, job: VideoJob, timeout: float) -> VideoAnswer | None:
        """The clip, or None while the job is at work.

        Raises `Transient` JOB_FAILED or `Permanent` REFUSED when the job ended without a clip: the
        job is over then and another has to be started.
        """
        ...
