"""Media for the tests: requests, sounds read back, a receiver of callbacks."""

from __future__ import annotations

import asyncio
import base64
import io
import wave
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from pipeline_defs_tests.local.providers.client import Providers
from pipeline_defs_tests.local.providers.conftest import served

IMAGES = "/openai/v1/images/generations"
ROUTER_IMAGES = "/openrouter/api/v1/images"
SPEECH = "/openai/v1/audio/speech"
ROUTER_SPEECH = "/openrouter/api/v1/audio/speech"
VOICE = "/elevenlabs/v1/text-to-speech/EXAVITQu4vr4xnSDxMaL"
MUSIC = "/elevenlabs/v1/music"
TRANSCRIPTIONS = "/openai/v1/audio/transcriptions"
ROUTER_TRANSCRIPTIONS = "/openrouter/api/v1/audio/transcriptions"
VIDEOS = "/openrouter/api/v1/videos"
SENTENCE = (
    "Volcanoes are openings through which molten rock, ash and gas escape from below the ground. "
    "The number pi is about 3.14."
)
PROMPT = (
    "Lecture: Volcanoes\nSegment: 2 of 6\nHeading: What a volcano is\n"
    "Said: A volcano is an opening through which molten rock, ash and gas escape."
)
Samples = NDArray[np.float32]


def speech_body(text: str = SENTENCE, **more: Any) -> dict[str, Any]:
    return {"model": "tts-1", "voice": "alloy", "input": text, "response_format": "wav", **more}


def image_body(**more: Any) -> dict[str, Any]:
    return {"model": "gpt-image-2", "prompt": PROMPT, "size": "640x368", **more}


def music_body(seconds: float = 6.0, prompt: str = "calm and warm", **more: Any) -> dict[str, Any]:
    length = round(seconds * 1000)
    return {"prompt": prompt, "music_length_ms": length, "model_id": "music_v2", **more}


def video_body(**more: Any) -> dict[str, Any]:
    return {
        "model": "bytedance/seedance-2.5-flash",
        "prompt": "A slow camera movement.",
        "duration": 5,
        "frame_images": [frame_image(data_url(picture()))],
        **more,
    }


def frame_image(url: str) -> dict[str, Any]:
    return {"type": "image_url", "image_url": {"url": url}, "frame_type": "first_frame"}


def data_url(data: bytes, media_type: str = "image/png") -> str:
    return f"data:{media_type};base64,{base64.b64encode(data).decode()}"


def picture(width: int = 1280, height: int = 720) -> bytes:
    """A PNG with some structure."""
    file = io.BytesIO()
    shades = np.add.outer(np.arange(height) // 3, np.arange(width) // 5).astype(np.uint8)
    Image.fromarray(np.stack([shades, shades.T.reshape(shades.shape), shades], axis=2)).save(
        file, "PNG"
    )
    return file.getvalue()


def read_wav(data: bytes) -> tuple[Samples, int]:
    """Mono samples from -1 to 1, and their rate."""
    with wave.open(io.BytesIO(data)) as file:
        raw = np.frombuffer(file.readframes(file.getnframes()), np.int16)
        return raw.astype(np.float32) / 32768, file.getframerate()


def read_any(data: bytes, form: str) -> tuple[Samples, int]:
    """Samples, (channels, frames), of a compressed file."""
    import av

    with av.open(io.BytesIO(data), "r", format=form) as container:
        rate = container.streams.audio[0].rate
        frames = [frame.to_ndarray() for frame in container.decode(audio=0)]
        return np.concatenate(frames, axis=1).astype(np.float32), rate


def pitch_of(samples: Samples, rate: int) -> float:
    """The median pitch of voiced stretches in Hz, by autocorrelation."""
    window, found = rate // 20, list[float]()
    loud = 0.3 * float(np.abs(samples).max())
    for start in range(0, len(samples) - window, window):
        piece = samples[start : start + window]
        if np.abs(piece).max() < loud:
            continue
        likeness = np.correlate(piece, piece, "full")[window - 1 :]
        shortest, longest = rate // 400, rate // 70
        lag = shortest + int(np.argmax(likeness[shortest:longest]))
        if likeness[lag] > 0.5 * likeness[0]:
            found.append(rate / lag)
    return float(np.median(found))


async def finished(providers: Providers, job_id: str) -> dict[str, Any]:
    """A video job once it is over."""
    async with asyncio.timeout(60):
        while True:
            job = (await providers.get(f"{VIDEOS}/{job_id}")).json()
            if job["status"] not in {"pending", "in_progress"}:
                return job
            await asyncio.sleep(0.05)


@dataclass
class Receiver:
    """Takes callbacks; answers with `statuses` first, then with 204."""

    url: str = ""
    statuses: list[int] = field(default_factory=list[int])
    taken: list[tuple[dict[str, str], bytes]] = field(
        default_factory=list[tuple[dict[str, str], bytes]]
    )
    queries: set[str] = field(default_factory=set[str])  # of the addresses, as they were sent to

    async def answer(self, request: Request) -> Response:
        self.taken.append((dict(request.headers), await request.body()))
        self.queries.add(request.scope["query_string"].decode())
        return Response(status_code=self.statuses.pop(0) if self.statuses else 204)

    async def has(self, number: int) -> None:
        async with asyncio.timeout(20):
            while len(self.taken) < number:
                await asyncio.sleep(0.02)


@asynccontextmanager
async def receiving(*statuses: int) -> AsyncGenerator[Receiver]:
    """A receiver on loopback."""
    receiver = Receiver(statuses=list(statuses))
    app = Starlette(routes=[Route("/done", receiver.answer, methods=["POST"])])
    async with served(app) as url:
        receiver.url = f"{url}/done"
        yield receiver
