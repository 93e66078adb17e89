"""What can go wrong with a call goes wrong in the same way for every media adapter."""

from __future__ import annotations

import gzip
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from pipeline_defs.domain.errors import PipelineError
from pipeline_defs.gateways.catalog import Catalog
from pipeline_defs.gateways.image.chained import ChainedImages
from pipeline_defs.gateways.music.chained import ChainedMusic
from pipeline_defs.gateways.speech.chained import ChainedSpeech
from pipeline_defs.gateways.transcription.chained import ChainedTranscription
from pipeline_defs.gateways.video.chained import ChainedVideo
from pipeline_defs.policies import PROVIDER_MEDIA_LIMIT_BYTES
from pipeline_defs.settings import Settings
from pipeline_defs_tests.gateways.conftest import SECRET
from pipeline_defs_tests.gateways.media_cases import CASES, KEY, Case
from pipeline_defs_tests.gateways.scripted_server import Answer, ScriptedServer

Make = Callable[..., Settings]
Fails = Callable[..., Awaitable[Any]]
HTML = {"content-type": "text/html"}
LIMIT = 50_000


@pytest.fixture(params=CASES, ids=lambda case: f"{case.purpose}-{case.model}")
def case(request: pytest.FixtureRequest) -> Case:
    return request.param


@pytest.fixture
def fails(case: Case, server: ScriptedServer, settings_with: Make, catalog: Catalog) -> Fails:
    """Gives the error of a call that gets this answer; checks that no secret is anywhere in it."""

    async def failure(answer: Answer, timeout: float = 10.0) -> PipelineError:
        async with case.gateways(server, settings_with, catalog) as gateways:
            server.script(answer)
            with pytest.raises(PipelineError) as caught:
                await case.call(gateways, timeout, False)
        error: BaseException | None = caught.value
        while error is not None:
            assert SECRET not in f"{error!r} {error} {getattr(error, 'advice', '')}"
            error = error.__cause__ or error.__context__
        return caught.value

    return failure


async def test_a_call_carries_its_own_key_and_the_provider_key_in_headers_only(
    case: Case, server: ScriptedServer, settings_with: Make, catalog: Catalog
) -> None:
    async with case.gateways(server, settings_with, catalog) as gateways:
        server.script(case.good(), case.good())
        answer = await case.call(gateways, 10.0, False)
        await case.call(gateways, 10.0, False)
    calls = [request for request in server.requests if request.method == "POST"]
    assert [call.path for call in calls] == [case.path, case.path]
    header = "xi-api-key" if case.provider == "elevenlabs" else "authorization"
    assert {call.headers[header].removeprefix("Bearer ") for call in calls} == {SECRET}
    assert {call.headers["idempotency-key"] for call in calls} == {f"{KEY}:{case.model}"}
    assert not any(SECRET in f"{call.path}{call.query}{call.body!r}" for call in calls)
    assert SECRET not in repr(answer)


@pytest.mark.parametrize(
    ("answer", "code", "retryable"),
    [
        (Answer({"error": {"message": f"bad key {SECRET}"}}, 401), "UNAUTHORIZED", False),
        (Answer({"detail": {"status": "invalid_api_key"}}, 401), "UNAUTHORIZED", False),
        (Answer({"error": {"message": "pay"}}, 402), "QUOTA", False),
        (Answer({"detail": {"status": "quota_exceeded"}}, 401), "QUOTA", False),
        (Answer({"error": {"message": "gone"}}, 404), "MODEL_GONE", False),
        (Answer({"error": {"code": "moderation_blocked", "message": "no"}}, 400), "REFUSED", False),
        (Answer({"error": {"code": 403, "message": "it was flagged"}}, 403), "REFUSED", False),
        (Answer({"error": {"message": f"no size {SECRET}"}}, 400), "BAD_REQUEST", False),
        (Answer({"detail": [{"msg": "field required"}]}, 422), "BAD_REQUEST", False),
        (Answer(b"", 413), "TOO_LARGE", False),
        (Answer(b"", 302, {"location": "http://127.0.0.1:1/"}), "REDIRECTED", False),
        (Answer(b"", 409), "CONFLICT", True),
        (Answer(b"oops", 500), "PROVIDER_ERROR", True),
        (Answer(b"", 503), "OVERLOADED", True),
        (Answer(lost=True), "CONNECTION_LOST", True),
        (Answer(b'{"data"', claimed_length=99), "CONNECTION_LOST", True),
        (Answer(b"", headers=HTML), "INVALID_ANSWER", True),
        (Answer(b"<html>gateway</html>", headers=HTML), "INVALID_ANSWER", True),
        (Answer(b'{"data": [], "id": 3}'), "INVALID_ANSWER", True),
        (Answer({"error": {"code": 429, "message": "?"}}), "RATE_LIMITED", True),
        (Answer(b"{}", delay=5), "TIMEOUT", True),
        (Answer(b" " * 3_000, drip=0.05), "TIMEOUT", True),
    ],
)
async def test_faults_are_classified_and_nothing_is_repeated(
    answer: Answer,
    code: str,
    retryable: bool,
    case: Case,
    server: ScriptedServer,
    fails: Fails,
) -> None:
    error = await fails(answer, 0.6 if code == "TIMEOUT" else 10.0)
    assert (error.code, error.retryable) == (code, retryable)
    assert len(server.requests) == len(case.before) + 1


async def test_the_wish_to_wait_reaches_the_caller(fails: Fails) -> None:
    error = await fails(Answer(b"", 429, {"retry-after": "4"}))
    assert (error.code, error.retry_after) == ("RATE_LIMITED", 4.0)


async def test_an_answer_over_the_limit_is_cut_also_where_it_unpacks_to_it(
    fails: Fails, monkeypatch: pytest.MonkeyPatch
) -> None:
    ports = (ChainedImages, ChainedSpeech, ChainedMusic, ChainedTranscription, ChainedVideo)
    assert {port.limit for port in ports if port is not ChainedTranscription} == {
        PROVIDER_MEDIA_LIMIT_BYTES
    }
    for port in ports:
        monkeypatch.setattr(port, "limit", LIMIT)
    bomb = gzip.compress(b" " * 5_000_000)
    error = await fails(Answer(bomb, headers={"content-encoding": "gzip"}))
    assert error.code == "INVALID_ANSWER"
    assert str(LIMIT) in error.message


async def test_a_provider_that_is_not_there_is_unreachable(
    case: Case, settings_with: Make, catalog: Catalog
) -> None:
    nowhere = ScriptedServer()  # on no port
    nowhere.port = 1
    async with case.gateways(nowhere, settings_with, catalog) as gateways:
        with pytest.raises(PipelineError) as caught:
            await case.call(gateways, 5.0, False)
    assert caught.value.code == "UNREACHABLE"
