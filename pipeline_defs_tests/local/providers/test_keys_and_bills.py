"""Keys, idempotency, the call log, and what survives a restart."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from pathlib import Path

import httpx
import pytest

from pipeline_defs.local.providers.__main__ import main
from pipeline_defs.local.providers.app import Config, create_app
from pipeline_defs.local.providers.engines import Engines
from pipeline_defs.local.providers.server import jobs as jobs_module
from pipeline_defs.local.providers.server import store as stores
from pipeline_defs.local.providers.server.jobs import Job, Jobs
from pipeline_defs.local.providers.server.store import KeptAnswer, LoggedCall, Store
from pipeline_defs_tests.local.providers.client import BASE_URL, KEY, Providers, outline_body


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("/openai/v1/responses", "invalid_api_key"),
        ("/openrouter/api/v1/chat/completions", 401),
        ("/perplexity/search", 401),
    ],
)
async def test_a_wrong_key_gets_the_providers_own_401(
    path: str, code: str | int, providers: Providers
) -> None:
    providers.headers = {"Authorization": "Bearer another"}
    response = await providers.post(path, {})
    assert (response.status_code, response.json()["error"]["code"]) == (401, code)


@pytest.mark.parametrize("path", ["/_control/calls", "/_control/faults"])
async def test_the_control_plane_needs_the_key(path: str, providers: Providers) -> None:
    assert (await providers.http.get(path)).status_code == 401
    assert (await providers.http.get("/healthz")).status_code == 200


async def test_a_repeat_under_the_same_key_is_the_same_answer_and_free(
    providers: Providers,
) -> None:
    first = await providers.outline(key="k1")
    second = await providers.outline(key="k1")
    assert second.content == first.content
    assert second.headers["idempotent-replayed"] == "true"
    assert "idempotent-replayed" not in first.headers
    totals = (await providers.totals())["text"]
    assert (totals["calls"], totals["billed"], totals["replayed"]) == (2, 1, 1)
    assert totals["cost_usd"] > 0
    calls = await providers.calls()
    assert [(c["billed"], c["cost_usd"] > 0) for c in calls] == [(True, True), (False, False)]
    assert calls[0]["idempotency_key"] == "k1"


async def test_the_same_key_for_another_request_is_a_conflict(providers: Providers) -> None:
    await providers.outline("Bees", key="k1")
    response = await providers.outline("Coffee", key="k1")
    assert response.status_code == 409
    assert response.json()["error"]["type"] == "idempotency_error"


async def test_fifty_equal_requests_at_once_do_the_work_once(providers: Providers) -> None:
    answers = await asyncio.gather(*[providers.outline(key="together") for _ in range(50)])
    assert len({answer.content for answer in answers}) == 1
    totals = (await providers.totals())["text"]
    assert (totals["billed"], totals["replayed"]) == (1, 49)


async def test_without_a_key_each_request_is_paid(providers: Providers) -> None:
    await providers.search("bees")
    await providers.search("bees")
    assert (await providers.totals())["research"]["billed"] == 2


async def test_posting_under_a_key_makes_one_post(providers: Providers) -> None:
    body = {"title": "Once", "slug": "once"}
    first = await providers.wordpress("POST", body=body, key="p")
    second = await providers.wordpress("POST", body=body, key="p")
    assert first.json()["id"] == second.json()["id"]
    assert second.status_code == 201


async def test_a_failed_request_is_not_remembered(providers: Providers) -> None:
    await providers.faults({"times": 1, "action": {"status": 503}})
    assert (await providers.outline(key="k")).status_code == 503
    assert (await providers.outline(key="k")).status_code == 200


async def test_the_log_can_be_emptied_and_answers_stay_known(providers: Providers) -> None:
    await providers.outline(key="k")
    deleted = await providers.http.delete("/_control/calls", headers=providers.headers)
    assert deleted.status_code == 204
    assert await providers.calls() == []
    assert "idempotent-replayed" in (await providers.outline(key="k")).headers


async def test_answers_bills_and_posts_survive_a_restart(tmp_path: Path, engines: Engines) -> None:
    contents: list[bytes] = []
    totals: dict[str, int] = {}
    for _ in range(2):
        app = create_app(Config(KEY, tmp_path, BASE_URL), engines)
        transport = httpx.ASGITransport(app=app)
        async with (
            app.router.lifespan_context(app),
            httpx.AsyncClient(transport=transport, base_url=BASE_URL) as http,
        ):
            providers = Providers(http)
            contents.append((await providers.outline(key="k")).content)
            await providers.wordpress("POST", body={"title": "Kept"}, key="p")
            found = (await providers.wordpress("GET", status="any")).json()
            assert [post["title"]["rendered"] for post in found] == ["Kept"]
            totals = (await providers.totals())["text"]
    assert contents[0] == contents[1]
    assert (totals["billed"], totals["replayed"]) == (1, 1)


def test_the_log_and_the_answers_are_bounded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stores, "CALLS_KEPT", 10)
    monkeypatch.setattr(stores, "ANSWERS_KEPT", 10)
    monkeypatch.setattr(stores, "PRUNE_EVERY", 5)
    store = Store(tmp_path)
    for number in range(50):
        kept = KeptAnswer("openai", f"k{number}", "f", 200, b"{}", "m")
        store.log(LoggedCall("/p", "text"), kept)
    assert [call["n"] for call in store.calls()] == list(range(41, 51))
    assert store.kept("openai", "k39") is None
    assert store.kept("openai", "k49") is not None
    store.close()


def test_video_jobs_are_bounded_and_those_at_work_stay(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs_module, "JOBS_KEPT", 10)
    store = Store(tmp_path)
    jobs = Jobs(store)
    for number in range(30):
        jobs.add(Job(f"job-{number}", "m", "p", 5, 1, "f", "", "completed", Decimal(0)))
        if number != 3:
            jobs.finish(f"job-{number}", "completed")
    kept = [number for number in range(30) if jobs.get(f"job-{number}") is not None]
    assert kept == [3, *range(20, 30)]
    store.close()


async def test_an_endless_body_is_cut_off_with_413(providers: Providers) -> None:
    response = await providers.http.post(
        "/openai/v1/responses", content=b" " * 4_000_001, headers=providers.headers
    )
    assert response.status_code == 413


async def test_the_real_client_of_openai_reads_the_answers(socket_providers: Providers) -> None:
    from openai import AsyncOpenAI

    base_url = str(socket_providers.http.base_url.join("/openai/v1"))
    async with AsyncOpenAI(api_key=KEY, base_url=base_url, max_retries=0) as client:
        body = outline_body("Coffee", 5)
        answer = await client.responses.create(
            model=body["model"], input=body["input"], text=body["text"]
        )
        assert answer.status == "completed"
        assert '"sections"' in answer.output_text


@pytest.mark.parametrize(
    ("host", "variables", "word"),
    [
        ("0.0.0.0", {"LOCAL_PROVIDERS_KEY": "k", "LOCAL_PROVIDERS_STATE": "s"}, "loopback"),  # noqa: S104
        ("127.0.0.1", {"LOCAL_PROVIDERS_STATE": "s"}, "LOCAL_PROVIDERS_KEY"),
        ("127.0.0.1", {"LOCAL_PROVIDERS_KEY": "k"}, "LOCAL_PROVIDERS_STATE"),
    ],
)
def test_the_server_does_not_start_where_it_would_be_unsafe(
    host: str,
    variables: dict[str, str],
    word: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for name in ("LOCAL_PROVIDERS_KEY", "LOCAL_PROVIDERS_STATE"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert main(["--host", host, "--port", "1"]) == 2
    assert word in capsys.readouterr().err
