"""Every media adapter against the project's own local provider server and its real engines."""

from __future__ import annotations

import asyncio
import io
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import httpx
import pytest

from pipeline_defs.domain.errors import PipelineError
from pipeline_defs.gateways.catalog import Catalog
from pipeline_defs.gateways.image.port import ImageRequest
from pipeline_defs.gateways.media_formats import wav_seconds
from pipeline_defs.gateways.music.port import MusicRequest
from pipeline_defs.gateways.opening import Gateways, open_gateways
from pipeline_defs.gateways.speech.port import SpeechRequest
from pipeline_defs.gateways.transcription.port import TranscriptionRequest
from pipeline_defs.gateways.video.callbacks import verify
from pipeline_defs.gateways.video.port import VideoAnswer, VideoJob, VideoRequest
from pipeline_defs.settings import Settings
from pipeline_defs_tests.gateways.local_server import CALLBACK_SECRET, LOCAL_KEY
from pipeline_defs_tests.gateways.media_cases import only
from pipeline_defs_tests.gateways.scripted_server import Answer, ScriptedServer

Make = Callable[..., Settings]
PATIENCE = 60.0
SENTENCE = "Green plants turn light into sugar."
SPEECH = SpeechRequest(SENTENCE, "warm", 1.0, "en", PATIENCE, "local-speech")
IMAGE = ImageRequest("Said: Plants turn light into sugar.", 1280, 720, PATIENCE, "local-image")


@pytest.fixture
def settings(local_url: str, settings_with: Make) -> Settings:
    return settings_with(local_providers_url=local_url, local_providers_key=LOCAL_KEY)


def words_of(text: str) -> list[str]:
    return ["".join(filter(str.isalpha, word)).lower() for word in text.split()]


async def spoken(gateways: Gateways) -> bytes:
    return (await gateways.speech.speak(SPEECH)).data


@pytest.mark.parametrize("key", ["openai:gpt-image-2.5-flare", "openrouter:openai/gpt-image-2"])
async def test_each_image_adapter_gets_a_picture_of_the_asked_size(
    key: str, settings: Settings, catalog: Catalog
) -> None:
    from PIL import Image

    async with open_gateways(settings, only(catalog, "image", key)) as gateways:
        answer = await gateways.image.draw(IMAGE)
    with Image.open(io.BytesIO(answer.data)) as picture:
        assert (picture.size, answer.media_type) == ((1280, 720), "image/jpeg")
    assert answer.provider == f"local:{key.partition(':')[0]}"
    assert answer.usage[0].cost_usd > 0


@pytest.mark.parametrize(
    "key",
    ["elevenlabs:eleven_multilingual_v2", "openai:tts-1-hd", "openrouter:hexgrad/kokoro-82m"],
)
async def test_each_speech_adapter_speaks_in_three_voices_and_at_the_asked_speed(
    key: str, settings: Settings, catalog: Catalog
) -> None:
    async with open_gateways(settings, only(catalog, "speech", key)) as gateways:
        sounds = [
            await gateways.speech.speak(
                replace(SPEECH, voice=voice, speed=speed, idempotency_key=f"{key}{voice}{speed}")
            )
            for voice, speed in (("warm", 1.0), ("deep", 1.0), ("bright", 1.0), ("warm", 1.2))
        ]
    assert {sound.media_type for sound in sounds} == {"audio/wav"}
    seconds = [wav_seconds(sound.data) or 0.0 for sound in sounds]
    assert all(1.0 < length < 5.0 for length in seconds)
    assert seconds[3] < seconds[0]
    assert len({sound.data for sound in sounds}) == 4
    assert sounds[0].usage[0].quantity == len(SENTENCE)


@pytest.mark.parametrize(
    "key", ["openai:whisper-1", "elevenlabs:scribe_v2", "openrouter:openai/whisper-1"]
)
async def test_each_transcription_adapter_hears_what_was_spoken_and_when(
    key: str, settings: Settings, catalog: Catalog
) -> None:
    async with open_gateways(settings, only(catalog, "transcription", key)) as gateways:
        audio = await spoken(gateways)
        request = TranscriptionRequest(audio, "audio/wav", "en", PATIENCE, f"hear-{key}")
        answer = await gateways.transcription.transcribe(request)
        again = await gateways.transcription.transcribe(request)
    assert words_of(answer.text) == words_of(SENTENCE)
    assert [*map(words_of, (word.text for word in answer.words))] == [
        [word] for word in words_of(SENTENCE)
    ]
    assert answer.seconds == pytest.approx(wav_seconds(audio), abs=1.0)
    ends = [word.end for word in answer.words]
    assert ends == sorted(ends)
    assert again.words == answer.words  # the same key: the kept answer


async def test_a_transcript_without_words_is_still_a_text(
    settings: Settings, catalog: Catalog
) -> None:
    key = "openai:gpt-transcribe"
    async with open_gateways(settings, only(catalog, "transcription", key)) as gateways:
        audio = await spoken(gateways)
        request = TranscriptionRequest(audio, "audio/wav", "en", PATIENCE, "hear-text")
        answer = await gateways.transcription.transcribe(request)
    assert words_of(answer.text) == words_of(SENTENCE)
    assert answer.words == ()


async def test_music_is_composed(settings: Settings, catalog: Catalog) -> None:
    async with open_gateways(settings, catalog) as gateways:
        answer = await gateways.music.compose(MusicRequest("Calm piano.", 4.0, PATIENCE, "piece"))
    assert answer.media_type == "audio/mpeg"
    assert (answer.provider, answer.usage[0].quantity) == ("local:elevenlabs", 4)


async def test_a_clip_is_made_from_a_picture_and_its_end_is_told_by_a_signed_callback(
    settings: Settings, catalog: Catalog, server: ScriptedServer
) -> None:
    server.default = lambda _: Answer({})
    async with open_gateways(settings, catalog) as gateways:
        picture = await gateways.image.draw(IMAGE)
        request = VideoRequest(
            prompt="A slow movement.",
            first_frame=picture.data,
            frame_media_type=picture.media_type,
            seconds=5,
            width=1280,
            height=720,
            timeout=PATIENCE,
            idempotency_key="clip",
            callback_url=f"{server.url}/callback",
        )
        job = await gateways.video.start(request)
        assert await gateways.video.start(request) == job  # the same key: the same job
        answer = await collected(gateways, job)
        async with asyncio.timeout(PATIENCE):
            while not server.requests:  # the callback follows the clip
                await asyncio.sleep(0.05)
    assert job.seconds == 5
    assert (answer.provider, answer.media_type) == ("local:openrouter", "video/mp4")
    assert answer.usage[0].cost_source == "reported"
    assert length_of(answer.data) == pytest.approx(5.0, abs=0.05)
    (called,) = server.requests
    event = verify(called.headers, called.body, [CALLBACK_SECRET], time.time())
    assert (event.job_id, event.status) == (job.id, "completed")


async def collected(gateways: Gateways, job: VideoJob) -> VideoAnswer:
    async with asyncio.timeout(PATIENCE):
        while (answer := await gateways.video.collect(job, PATIENCE)) is None:
            await asyncio.sleep(0.2)
        return answer


def length_of(clip: bytes) -> float:
    import av

    with av.open(io.BytesIO(clip), "r", format="mp4") as container:
        assert container.duration is not None
        return container.duration / 1_000_000


@asynccontextmanager
async def fault(local_url: str, capability: str, **action: Any) -> AsyncGenerator[None, None]:
    """The next call of a capability goes wrong in this way."""
    rule = {"match": {"capability": capability}, "times": 1, "action": action}
    headers = {"Authorization": f"Bearer {LOCAL_KEY}"}
    async with httpx.AsyncClient(base_url=local_url, headers=headers) as control:
        put = await control.put("/_control/faults", json={"rules": [rule]})
        put.raise_for_status()
        yield
        (await control.delete("/_control/faults")).raise_for_status()


async def call(kind: str, gateways: Gateways, key: str) -> Any:
    if kind == "image":
        return await gateways.image.draw(replace(IMAGE, idempotency_key=key))
    if kind == "music":
        return await gateways.music.compose(MusicRequest("x", 4.0, PATIENCE, key))
    return await gateways.speech.speak(replace(SPEECH, idempotency_key=key))


@pytest.mark.parametrize("kind", ["image", "speech", "music"])
async def test_a_scripted_refusal_is_a_refusal_here_too(
    kind: str, local_url: str, settings: Settings, catalog: Catalog
) -> None:
    async with (
        open_gateways(settings, catalog) as gateways,
        fault(local_url, kind, refusal="No such thing."),
    ):
        with pytest.raises(PipelineError) as caught:
            await call(kind, gateways, "refused")
    assert caught.value.code == "REFUSED"
    assert "No such thing." in caught.value.message
    assert ("suggests:" in caught.value.advice) == (kind == "music")


@pytest.mark.parametrize("kind", ["image", "speech", "music"])
@pytest.mark.parametrize(
    ("action", "code"),
    [
        ({"lost_answer": True}, "CONNECTION_LOST"),
        ({"truncate": True}, "CONNECTION_LOST"),
        ({"garbage": "html"}, "INVALID_ANSWER"),
        ({"garbage": "wrong_schema"}, "INVALID_ANSWER"),
        ({"garbage": "empty"}, "INVALID_ANSWER"),
        ({"status": 503}, "OVERLOADED"),
    ],
)
async def test_after_a_fault_the_same_call_brings_the_answer(
    action: dict[str, Any],
    code: str,
    kind: str,
    local_url: str,
    settings: Settings,
    catalog: Catalog,
) -> None:
    key = f"{kind}-{'-'.join(map(str, action.items()))}"
    chosen = only(catalog, kind, catalog.chain(kind)[0].key)  # a chain would move on
    async with open_gateways(settings, chosen) as gateways:
        async with fault(local_url, kind, **action):
            with pytest.raises(PipelineError) as caught:
                await call(kind, gateways, key)
            assert (caught.value.code, caught.value.retryable) == (code, True)
        assert (await call(kind, gateways, key)).data


async def test_half_a_picture_is_no_picture(
    local_url: str, settings: Settings, catalog: Catalog
) -> None:
    async with (
        open_gateways(settings, catalog) as gateways,
        fault(local_url, "image", garbage="bad_json"),
    ):
        with pytest.raises(PipelineError, match="INVALID_ANSWER"):
            await call("image", gateways, "half")


async def test_a_job_that_fails_is_told_from_one_that_was_objected_to(
    local_url: str, settings: Settings, catalog: Catalog
) -> None:
    codes: list[str] = []
    async with open_gateways(settings, catalog) as gateways:
        picture = await gateways.image.draw(IMAGE)
        for key, action in (("refused", {"refusal": "No."}), ("expired", {"incomplete": True})):
            request = VideoRequest(
                *("x", picture.data, picture.media_type, 5, 1280, 720, PATIENCE, key)
            )
            async with fault(local_url, "video", **action):
                job = await gateways.video.start(request)
            with pytest.raises(PipelineError) as caught:
                await collected(gateways, job)
            codes.append(caught.value.code)
    assert codes == ["REFUSED", "JOB_FAILED"]
