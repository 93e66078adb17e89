"""OpenRouter's asynchronous clips: ordered, looked at, fetched; jobs outlive the server."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from pipeline_defs.local.providers.apis import videos
from pipeline_defs.local.providers.app import Config, create_app
from pipeline_defs.local.providers.engines import Engines
from pipeline_defs.media.clip_facts import clip_facts
from pipeline_defs_tests.local.providers.client import BASE_URL, KEY, Providers
from pipeline_defs_tests.local.providers.media import (
    VIDEOS,
    data_url,
    finished,
    frame_image,
    picture,
    video_body,
)


@asynccontextmanager
async def server(state: Path, engines: Engines) -> AsyncGenerator[Providers]:
    """A server with its state in a folder, as long as the block lasts."""
    app = create_app(Config(KEY, state, BASE_URL), engines)
    transport = httpx.ASGITransport(app=app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url=BASE_URL) as http,
    ):
        yield Providers(http)


async def test_models_say_what_they_can_do(providers: Providers) -> None:
    models = (await providers.get(f"{VIDEOS}/models")).json()["data"]
    assert {model["id"] for model in models} >= {"bytedance/seedance-2.5-flash"}
    assert models[0]["supported_durations"] == [5, 10]
    assert models[0]["supported_sizes"] == ["1280x720"]
    assert models[0]["supported_frame_images"] == ["first_frame"]


async def test_a_job_goes_from_pending_to_a_clip_and_is_billed_once(providers: Providers) -> None:
    response = await providers.post(VIDEOS, video_body())
    order = response.json()
    assert (response.status_code, order["status"]) == (202, "pending")
    assert order["polling_url"] == f"{VIDEOS}/{order['id']}"
    early = await providers.get(f"{VIDEOS}/{order['id']}/content")
    assert early.status_code == 404
    job = await finished(providers, order["id"])
    assert job["status"] == "completed"
    assert job["usage"]["cost"] == pytest.approx(0.35)
    assert job["unsigned_urls"] == [f"{BASE_URL}{VIDEOS}/{order['id']}/content?index=0"]
    clip = await providers.get(f"{VIDEOS}/{order['id']}/content", index=0)
    assert clip.headers["content-type"] == "video/mp4"
    facts = clip_facts(clip.content, 5)
    assert (facts.width, facts.height, facts.conforms) == (1280, 720, True)
    totals = (await providers.totals())["video"]
    assert totals["billed"] == 1
    assert totals["cost_usd"] == pytest.approx(0.35)
    assert (await providers.calls())[0]["quantity"] == 5


async def test_a_job_that_was_at_work_is_taken_up_again_after_a_restart(
    tmp_path: Path, engines: Engines
) -> None:
    async with server(tmp_path, engines) as providers:
        order = (await providers.post(VIDEOS, video_body(), key="k")).json()
        await asyncio.sleep(0.1)  # the encoder has begun
    async with server(tmp_path, engines) as providers:
        again = await providers.post(VIDEOS, video_body(), key="k")
        assert again.json() == order
        job = await finished(providers, order["id"])
        assert job["status"] == "completed"
        assert (await providers.get(f"{VIDEOS}/{order['id']}/content")).content
        totals = (await providers.totals())["video"]
    assert (totals["billed"], totals["replayed"]) == (1, 1)


async def test_the_same_order_under_its_key_is_the_same_job(providers: Providers) -> None:
    body = video_body()
    answers = await asyncio.gather(*[providers.post(VIDEOS, body, key="k") for _ in range(5)])
    assert len({answer.json()["id"] for answer in answers}) == 1
    other = await providers.post(VIDEOS, video_body(prompt="Another."), key="k")
    assert other.status_code == 409
    totals = (await providers.totals())["video"]
    assert (totals["billed"], totals["replayed"]) == (1, 4)


async def test_a_refused_job_is_accepted_fails_and_costs_nothing(providers: Providers) -> None:
    await providers.faults(
        {"times": 1, "match": {"capability": "video"}, "action": {"refusal": "Not this."}},
        {"times": 1, "match": {"capability": "video"}, "action": {"incomplete": True}},
    )
    refused = await providers.post(VIDEOS, video_body())
    expired = await providers.post(VIDEOS, video_body())
    assert (refused.status_code, expired.status_code) == (202, 202)
    job = await finished(providers, refused.json()["id"])
    assert (job["status"], job["error"]) == ("failed", "content_policy_violation: Not this.")
    assert "usage" not in job
    assert (await finished(providers, expired.json()["id"]))["status"] == "expired"
    assert (await providers.totals())["video"]["billed"] == 0


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"duration": 7}, "duration"),
        ({"size": "1920x1080"}, "size"),
        ({"resolution": "1080p"}, "resolution"),
        ({"aspect_ratio": "9:16"}, "aspect ratio"),
        ({"frame_images": []}, "first_frame"),
        ({"frame_images": [frame_image("https://example.com/a.png")]}, "nothing is fetched"),
        ({"frame_images": [frame_image("data:image/png;base64,AAAA")]}, "damaged"),
        ({"frame_images": [frame_image("data:image/png;base64,@@@")]}, "base64"),
        ({"frame_images": [frame_image(data_url(picture()[:5000]))]}, "damaged"),
        ({"prompt": ""}, "prompt"),
    ],
)
async def test_what_cannot_be_filmed_is_a_bad_request(
    change: dict[str, Any], word: str, providers: Providers
) -> None:
    response = await providers.post(VIDEOS, video_body(**change))
    assert response.status_code == 400
    assert word in response.json()["error"]["message"]
    assert (await providers.totals())["video"]["billed"] == 0


async def test_too_many_waiting_jobs_are_told_to_come_later(
    providers: Providers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(videos, "MOST_WAITING", 1)
    assert (await providers.post(VIDEOS, video_body())).status_code == 202
    assert (await providers.post(VIDEOS, video_body())).status_code == 429


async def test_a_job_nobody_ordered_is_not_found(providers: Providers) -> None:
    for path in ("job-none", "job-none/content"):
        response = await providers.get(f"{VIDEOS}/{path}")
        assert (response.status_code, response.json()["error"]["code"]) == (404, 404)
