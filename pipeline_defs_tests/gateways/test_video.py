"""The video adapter: what is asked of a model, the life of a job, its clip and its bill."""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from pipeline_defs.domain.errors import PipelineError
from pipeline_defs.gateways.catalog import Catalog
from pipeline_defs.gateways.failures import spent
from pipeline_defs.gateways.video import capabilities
from pipeline_defs.gateways.video.capabilities import Capability, chosen_seconds, chosen_shape
from pipeline_defs.gateways.video.chained import ChainedVideo
from pipeline_defs.gateways.video.port import VideoJob
from pipeline_defs.settings import Settings
from pipeline_defs_tests.gateways.conftest import SECRET
from pipeline_defs_tests.gateways.media_cases import MODELS, video_request
from pipeline_defs_tests.gateways.media_samples import clip, picture
from pipeline_defs_tests.gateways.scripted_server import Answer, Request, ScriptedServer

Make = Callable[..., Settings]
MODEL = "openrouter:bytedance/seedance-2.5-flash"
STARTED = Answer({"id": "job-1", "polling_url": "/x", "status": "pending"}, 202)
JOB = VideoJob("job-1", MODEL, 12)
CLIP = Answer(clip(), headers={"content-type": "video/mp4"})


@pytest.fixture
def video(server: ScriptedServer, settings_with: Make, catalog: Catalog) -> ChainedVideo:
    values = {"openrouter_api_key": SECRET, "openrouter_base_url": f"{server.url}/api/v1"}
    return ChainedVideo(settings_with(**values), catalog)


def job(status: str, **more: Any) -> Answer:
    return Answer({"id": "job-1", "status": status, **more})


async def failure(video: ChainedVideo, wanted: VideoJob = JOB) -> PipelineError:
    async with video:
        with pytest.raises(PipelineError) as caught:
            await video.collect(wanted, 10.0)
    return caught.value


async def test_a_job_is_started_with_what_the_model_can_do(
    server: ScriptedServer, video: ChainedVideo
) -> None:
    server.script(MODELS, STARTED)
    async with video:
        started = await video.start(video_request())
    assert started == JOB
    listed, posted = server.requests
    assert (listed.method, listed.path) == ("GET", "/api/v1/videos/models")
    assert (posted.method, posted.path) == ("POST", "/api/v1/videos")
    assert posted.headers["idempotency-key"] == f"lecture-1:{MODEL}"
    frame = "data:image/jpeg;base64," + base64.b64encode(picture("JPEG")).decode()
    assert posted.json == {
        "model": "bytedance/seedance-2.5-flash",
        "prompt": "A slow movement.",
        "duration": 12,
        "size": "1280x720",
        "frame_images": [
            {"type": "image_url", "image_url": {"url": frame}, "frame_type": "first_frame"}
        ],
        "generate_audio": False,
        "callback_url": "https://example.org/callback",
    }


async def test_without_a_callback_none_is_asked_for(
    server: ScriptedServer, video: ChainedVideo
) -> None:
    server.script(MODELS, STARTED)
    async with video:
        await video.start(replace(video_request(), callback_url=None))
    assert "callback_url" not in server.requests[1].json


async def test_models_are_asked_for_once_in_some_minutes(
    server: ScriptedServer, video: ChainedVideo, monkeypatch: pytest.MonkeyPatch
) -> None:
    def answer(request: Request) -> Answer:
        return MODELS if request.method == "GET" else STARTED

    server.default = answer
    async with video:
        for _ in range(3):
            await video.start(video_request())
        assert [request.method for request in server.requests] == ["GET", "POST", "POST", "POST"]
        monkeypatch.setattr(capabilities, "VIDEO_CAPABILITIES_KEPT", -1.0)
    async with video:
        await video.start(video_request())
        await video.start(video_request())
    assert [request.method for request in server.requests[4:]] == ["GET", "POST"] * 2


@pytest.mark.parametrize(
    "listed",
    [Answer(b"", 404), Answer({"data": []}), Answer({"data": [{"id": "x/y"}, 7, {"name": "z"}]})],
)
async def test_of_a_model_that_says_nothing_what_is_wanted_is_asked(
    listed: Answer, server: ScriptedServer, video: ChainedVideo
) -> None:
    server.script(listed, STARTED)
    async with video:
        started = await video.start(video_request())
    assert started.seconds == 10
    sent = server.requests[1].json
    assert (sent["duration"], sent["size"]) == (10, "1280x720")
    assert "generate_audio" not in sent


@pytest.mark.parametrize(
    ("listed", "code"), [(Answer(b"", 503), "OVERLOADED"), (Answer(b"x"), "INVALID_ANSWER")]
)
async def test_no_job_is_started_while_the_models_cannot_be_asked_for(
    listed: Answer, code: str, server: ScriptedServer, video: ChainedVideo
) -> None:
    server.default = lambda _: listed
    async with video:
        with pytest.raises(PipelineError, match=code):
            await video.start(video_request())
    assert {request.method for request in server.requests} == {"GET"}


async def test_a_model_that_begins_with_no_picture_is_not_asked(
    server: ScriptedServer, video: ChainedVideo
) -> None:
    model = {"id": "bytedance/seedance-2.5-flash", "supported_frame_images": ["last_frame"]}
    server.script(Answer({"data": [model]}))
    async with video:
        with pytest.raises(PipelineError, match="NOT_CONFIGURED"):
            await video.start(video_request())
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("durations", "chosen"),
    [
        ((5, 10), 10),
        ((5, 8, 12), 12),
        ((12, 15, 30), 12),
        ((4, 6, 8), 8),
        ((), 10),
        (None, 10),
        ((0, -5), 10),
    ],
)
def test_the_shortest_length_that_is_enough_is_chosen_else_the_longest(
    durations: tuple[int, ...] | None, chosen: int
) -> None:
    assert chosen_seconds(Capability(id="m", supported_durations=durations), 10) == chosen


@pytest.mark.parametrize(
    ("said", "asked"),
    [
        ({}, {"size": "1280x720"}),
        ({"supported_sizes": ["1280x720", "1920x1080"]}, {"size": "1280x720"}),
        ({"supported_sizes": ["1920x1080", "2560x1440", "720x1280"]}, {"size": "1920x1080"}),
        ({"supported_sizes": ["640x360", "854x480", "1080x1080"]}, {"size": "854x480"}),
        ({"supported_sizes": ["720x1280", "1024x1024"]}, {"size": "1024x1024"}),
        (
            {
                "supported_resolutions": ["480p", "720p", "1080p"],
                "supported_aspect_ratios": ["9:16", "16:9"],
            },
            {"resolution": "720p", "aspect_ratio": "16:9"},
        ),
        ({"supported_resolutions": ["1080p", "4K"]}, {"resolution": "1080p"}),
        ({"supported_resolutions": ["480p"]}, {"resolution": "480p"}),
        ({"supported_aspect_ratios": ["1:1", "4:3"]}, {"aspect_ratio": "4:3"}),
        ({"supported_sizes": ["wide", "0x0", "x"]}, {}),
    ],
)
def test_the_shape_is_asked_for_in_the_words_of_the_model(
    said: dict[str, Any], asked: dict[str, str]
) -> None:
    assert chosen_shape(Capability(id="m", **said), 1280, 720) == asked


@pytest.mark.parametrize("status", ["pending", "in_progress", "queued", "processing"])
async def test_a_job_at_work_has_no_clip_yet(
    status: str, server: ScriptedServer, video: ChainedVideo
) -> None:
    server.script(job(status))
    async with video:
        assert await video.collect(JOB, 10.0) is None
    assert [request.path for request in server.requests] == ["/api/v1/videos/job-1"]
    assert server.requests[0].headers["authorization"] == f"Bearer {SECRET}"


async def test_a_finished_job_gives_its_clip_and_its_cost(
    server: ScriptedServer, video: ChainedVideo
) -> None:
    done = job(
        "completed", usage={"cost": 0.84}, model="served/one", unsigned_urls=["http://127.0.0.1:1/"]
    )
    server.script(done, CLIP)
    async with video:
        answer = await video.collect(JOB, 10.0)
    assert answer is not None
    assert (answer.data, answer.media_type, answer.model) == (clip(), "video/mp4", "served/one")
    (usage,) = answer.usage
    assert (usage.capability, usage.quantity, usage.unit) == ("video", 12, "seconds")
    assert (usage.cost_usd, usage.cost_source) == (Decimal("0.84"), "reported")
    assert server.requests[1].path == "/api/v1/videos/job-1/content"


async def test_a_clip_without_a_bill_costs_the_price_of_its_seconds(
    server: ScriptedServer, video: ChainedVideo
) -> None:
    server.script(job("completed"), CLIP)
    async with video:
        answer = await video.collect(JOB, 10.0)
    assert answer is not None
    assert answer.usage[0].cost_usd == Decimal("0.84")
    assert answer.usage[0].cost_source == "computed"


@pytest.mark.parametrize("status", ["failed", "cancelled", "expired"])
async def test_a_job_that_ended_without_a_clip_may_be_started_again(
    status: str, server: ScriptedServer, video: ChainedVideo
) -> None:
    server.script(job(status, error={"code": "server_error", "message": f"died with {SECRET}"}))
    error = await failure(video)
    assert (error.code, error.retryable) == ("JOB_FAILED", True)
    assert status in error.message
    assert "died with ***" in error.message
    assert spent(error) == ()


@pytest.mark.parametrize(
    "said",
    [
        {"code": "content_policy_violation", "message": "no"},
        {"code": "moderation_blocked"},
        {"code": "InputImageSensitiveContentDetected", "message": "no"},
        "Rejected by content moderation",
        {"message": "violates our safety rules"},
    ],
)
async def test_a_job_that_was_objected_to_is_refused_and_its_bill_kept(
    said: Any, server: ScriptedServer, video: ChainedVideo
) -> None:
    server.script(job("failed", error=said, usage={"cost": 0.02}))
    error = await failure(video)
    assert (error.code, error.retryable) == ("REFUSED", False)
    assert [usage.cost_usd for usage in spent(error)] == [Decimal("0.02")]


async def test_a_job_refused_at_once_says_so(server: ScriptedServer, video: ChainedVideo) -> None:
    server.script(MODELS, job("failed", error="flagged"))
    async with video:
        with pytest.raises(PipelineError, match="REFUSED"):
            await video.start(video_request())


@pytest.mark.parametrize(
    "answers",
    [
        (Answer({"error": {"code": 404, "message": "no job"}}, 404),),
        (Answer(b"", 410),),
        (job("completed"), Answer(b"", 404)),
    ],
)
async def test_a_job_nobody_knows_any_more_is_over(
    answers: tuple[Answer, ...], server: ScriptedServer, video: ChainedVideo
) -> None:
    server.script(*answers)
    error = await failure(video)
    assert (error.code, error.retryable) == ("JOB_FAILED", True)


@pytest.mark.parametrize(
    ("answers", "code"),
    [
        ((job("completed"), Answer(clip()[:-50])), "INVALID_ANSWER"),
        ((job("completed"), Answer(b"")), "INVALID_ANSWER"),
        ((job("completed"), Answer(picture())), "INVALID_ANSWER"),
        ((job("completed"), Answer(clip(), claimed_length=10**6)), "CONNECTION_LOST"),
        ((job("completed"), Answer(b"", 302, {"location": "http://x/"})), "REDIRECTED"),
        ((job("completed"), Answer(b"", 500)), "PROVIDER_ERROR"),
        ((job("asleep"),), "INVALID_ANSWER"),
        ((Answer({"status": "completed"}),), "INVALID_ANSWER"),
        ((Answer({"error": {"code": 502}}),), "PROVIDER_ERROR"),
        ((Answer(b"", 429),), "RATE_LIMITED"),
        ((Answer(b"<html>"),), "INVALID_ANSWER"),
    ],
)
async def test_a_look_that_failed_leaves_the_job_to_be_looked_at_again(
    answers: tuple[Answer, ...], code: str, server: ScriptedServer, video: ChainedVideo
) -> None:
    server.script(*answers)
    error = await failure(video)
    assert error.code == code
    assert error.code != "JOB_FAILED"


async def test_a_look_ends_at_its_deadline(server: ScriptedServer, video: ChainedVideo) -> None:
    server.script(job("completed"), Answer(clip(), drip=0.01))
    async with video:
        with pytest.raises(PipelineError, match="TIMEOUT"):
            await video.collect(JOB, 0.5)


async def test_the_id_of_a_job_stays_one_part_of_the_address(
    server: ScriptedServer, video: ChainedVideo
) -> None:
    server.script(job("pending"))
    async with video:
        await video.collect(replace(JOB, id="../models?x"), 10.0)
    assert server.requests[0].path == "/api/v1/videos/..%2Fmodels%3Fx"


async def test_a_job_is_collected_where_it_was_started_not_where_the_chain_begins(
    server: ScriptedServer, video: ChainedVideo
) -> None:
    second = "openrouter:x-ai/grok-imagine-video-1.5-lite"
    gone = Answer({"error": {"code": "model_not_found"}}, 404)
    server.script(MODELS, gone, STARTED, job("completed"), CLIP)
    async with video:
        started = await video.start(video_request())
        answer = await video.collect(started, 10.0)
    assert started.model_key == second
    assert answer is not None
    assert answer.usage[0].cost_usd == Decimal("0.50")


async def test_a_job_of_a_model_that_left_the_catalogue_names_it(video: ChainedVideo) -> None:
    error = await failure(video, replace(JOB, model_key="openrouter:gone"))
    assert error.code == "NOT_CONFIGURED"
    assert "openrouter:gone" in error.message
