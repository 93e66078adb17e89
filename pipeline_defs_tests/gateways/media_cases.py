"""Each media adapter as one case: how it is called, and how its provider answers well."""

from __future__ import annotations

import base64
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any

from pipeline_defs.gateways.catalog import Catalog
from pipeline_defs.gateways.image.port import ImageRequest
from pipeline_defs.gateways.music.port import MusicRequest
from pipeline_defs.gateways.opening import Gateways, open_gateways
from pipeline_defs.gateways.speech.port import SpeechRequest
from pipeline_defs.gateways.transcription.port import TranscriptionRequest
from pipeline_defs.gateways.video.port import VideoRequest
from pipeline_defs.settings import Settings
from pipeline_defs_tests.gateways import media_samples
from pipeline_defs_tests.gateways.conftest import SECRET
from pipeline_defs_tests.gateways.scripted_server import Answer, ScriptedServer

Make = Callable[..., Settings]
Call = Callable[[Gateways, float, bool], Awaitable[Any]]
KEY = "lecture-1"


def image_request(timeout: float = 10.0, final_try: bool = False) -> ImageRequest:
    return ImageRequest("A leaf.", 1280, 720, timeout, KEY, final_try)


def speech_request(timeout: float = 10.0, final_try: bool = False) -> SpeechRequest:
    return SpeechRequest("A leaf is green.", "deep", 1.05, "en", timeout, KEY, final_try)


def music_request(timeout: float = 10.0, final_try: bool = False) -> MusicRequest:
    return MusicRequest("Calm piano.", 60.0, timeout, KEY, final_try)


def hearing_request(timeout: float = 10.0, final_try: bool = False) -> TranscriptionRequest:
    return TranscriptionRequest(media_samples.wav(2.0), "audio/wav", "en", timeout, KEY, final_try)


def video_request(timeout: float = 10.0, final_try: bool = False) -> VideoRequest:
    return VideoRequest(
        prompt="A slow movement.",
        first_frame=media_samples.picture("JPEG"),
        frame_media_type="image/jpeg",
        seconds=10,
        width=1280,
        height=720,
        timeout=timeout,
        idempotency_key=KEY,
        callback_url="https://example.org/callback",
        final_try=final_try,
    )


async def draw(gateways: Gateways, timeout: float, final_try: bool) -> Any:
    return await gateways.image.draw(image_request(timeout, final_try))


async def speak(gateways: Gateways, timeout: float, final_try: bool) -> Any:
    return await gateways.speech.speak(speech_request(timeout, final_try))


async def compose(gateways: Gateways, timeout: float, final_try: bool) -> Any:
    return await gateways.music.compose(music_request(timeout, final_try))


async def transcribe(gateways: Gateways, timeout: float, final_try: bool) -> Any:
    return await gateways.transcription.transcribe(hearing_request(timeout, final_try))


async def start(gateways: Gateways, timeout: float, final_try: bool) -> Any:
    return await gateways.video.start(video_request(timeout, final_try))


def drawn(data: bytes | None = None, **usage: Any) -> dict[str, Any]:
    """What an images API answers."""
    encoded = base64.b64encode(media_samples.picture() if data is None else data).decode()
    return {"created": 1, "data": [{"b64_json": encoded}], "usage": usage or None}


def heard(**changes: Any) -> dict[str, Any]:
    """What a transcription API answers."""
    words = [{"word": "A", "start": 0.1, "end": 0.2}, {"word": " leaf.", "start": 0.2, "end": 0.6}]
    return {"text": " A leaf. ", "duration": 2.0, "words": words, **changes}


MODELS = Answer(
    {
        "data": [
            {
                "id": "bytedance/seedance-2.5-flash",
                "supported_durations": [5, 8, 12],
                "supported_sizes": ["854x480", "1280x720", "720x1280"],
                "supported_frame_images": ["first_frame", "last_frame"],
                "generate_audio": True,
            }
        ]
    }
)
PCM = Answer(media_samples.samples(), headers={"content-type": "audio/pcm;rate=24000"})
WAV = Answer(media_samples.wav(), headers={"content-type": "audio/wav"})


@dataclass(frozen=True)
class Case:
    """`before` are the answers to what the adapter asks first."""

    purpose: str
    model: str
    call: Call
    good: Callable[[], Answer]
    path: str
    before: tuple[Answer, ...] = ()

    @property
    def provider(self) -> str:
        return self.model.partition(":")[0]

    def gateways(
        self, server: ScriptedServer, make: Make, catalog: Catalog
    ) -> AbstractAsyncContextManager[Gateways]:
        """All gateways, with this one model for its purpose, at the scripted server."""
        server.script(*self.before)
        settings = make(
            **{f"{self.provider}_api_key": SECRET, f"{self.provider}_base_url": server.url}
        )
        return open_gateways(settings, only(catalog, self.purpose, self.model))


def only(catalog: Catalog, purpose: str, *keys: str) -> Catalog:
    """The catalogue with these models as the whole chain of a purpose."""
    return catalog.model_copy(update={"chains": {**catalog.chains, purpose: keys}})


def mp3_answer() -> Answer:
    return Answer(media_samples.mp3(), headers={"content-type": "audio/mpeg"})


CASES = [
    Case("image", "openai:gpt-image-2", draw, lambda: Answer(drawn()), "/images/generations"),
    Case("image", "openrouter:openai/gpt-image-2", draw, lambda: Answer(drawn()), "/images"),
    Case("speech", "openai:tts-1-hd", speak, lambda: WAV, "/audio/speech"),
    Case("speech", "openrouter:hexgrad/kokoro-82m", speak, lambda: PCM, "/audio/speech"),
    Case(
        "speech",
        "elevenlabs:eleven_multilingual_v2",
        speak,
        lambda: PCM,
        "/v1/text-to-speech/nPczCjzI2devNBz1zQrb",
    ),
    Case("music", "elevenlabs:music_v2", compose, mp3_answer, "/v1/music"),
    Case(
        "transcription",
        "openai:whisper-1",
        transcribe,
        lambda: Answer(heard()),
        "/audio/transcriptions",
    ),
    Case(
        "transcription",
        "openrouter:openai/whisper-1",
        transcribe,
        lambda: Answer(heard()),
        "/audio/transcriptions",
    ),
    Case(
        "transcription",
        "elevenlabs:scribe_v2",
        transcribe,
        lambda: Answer(heard()),
        "/v1/speech-to-text",
    ),
    Case(
        "video",
        "openrouter:bytedance/seedance-2.5-flash",
        start,
        lambda: Answer({"id": "job-1", "status": "pending"}, 202),
        "/videos",
        before=(MODELS,),
    ),
]
