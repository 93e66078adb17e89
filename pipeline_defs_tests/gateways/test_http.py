from __future__ import annotations

import gzip
import socket
import time
import zlib
from dataclasses import replace
from pathlib import Path

import pytest
from pydantic import SecretStr

from pipeline_defs.domain.errors import PipelineError, Transient
from pipeline_defs.gateways.endpoints import Endpoint
from pipeline_defs.gateways.http import Call, Http
from pipeline_defs_tests.gateways.conftest import SECRET
from pipeline_defs_tests.gateways.scripted_server import Answer, ScriptedServer

CALL = Call("GET", "/thing", timeout=5.0)


def endpoint_of(server: ScriptedServer) -> Endpoint:
    return Endpoint("search", server.url, "SEARCH_API_KEY", SecretStr(SECRET))


async def fails_with(server: ScriptedServer, call: Call = CALL, limit: int = 10_000) -> str:
    """Code of the error that the next scripted answer leads to; checks that no key is in it."""
    async with Http(endpoint_of(server), limit) as http:
        with pytest.raises(PipelineError) as caught:
            await http.json(call)
    assert SECRET not in str(caught.value)
    return caught.value.code


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (b'{"a": 1}', {}),
        (gzip.compress(b'{"a": 1}'), {"content-encoding": "gzip"}),
        (zlib.compress(b'{"a": 1}'), {"content-encoding": "deflate"}),
    ],
    ids=["plain", "gzip", "deflate"],  # what gzip packs holds the time of day
)
async def test_plain_and_compressed_answers_are_read(
    server: ScriptedServer, body: bytes, headers: dict[str, str]
) -> None:
    server.script(Answer(body, headers=headers))
    async with Http(endpoint_of(server)) as http:
        assert await http.json(CALL) == {"a": 1}


async def test_the_idempotency_key_goes_along(server: ScriptedServer) -> None:
    server.script(Answer({}))
    async with Http(endpoint_of(server)) as http:
        await http.json(replace(CALL, idempotency_key="unit-1"))
    assert server.requests[0].headers["idempotency-key"] == "unit-1"


async def test_an_answer_over_the_limit_is_cut(server: ScriptedServer) -> None:
    server.script(Answer(b"x" * 10_001))
    assert await fails_with(server) == "INVALID_ANSWER"


async def test_a_small_answer_that_unpacks_to_a_huge_one_is_cut_at_the_decoded_limit(
    server: ScriptedServer,
) -> None:
    bomb = gzip.compress(b"0" * 50_000_000)
    assert len(bomb) < 60_000
    server.script(Answer(bomb, headers={"content-encoding": "gzip"}))
    assert await fails_with(server, limit=100_000) == "INVALID_ANSWER"


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (Answer(b"<html>hello</html>"), "INVALID_ANSWER"),
        (Answer(b""), "INVALID_ANSWER"),
        (Answer(b'{"a": '), "INVALID_ANSWER"),
        (Answer(b"\xff\xfe{}"), "INVALID_ANSWER"),
        (Answer(b"[" * 9_000), "INVALID_ANSWER"),
        (Answer(b"junk", headers={"content-encoding": "gzip"}), "INVALID_ANSWER"),
        (Answer(b"junk", headers={"content-encoding": "br"}), "INVALID_ANSWER"),
        (
            Answer(gzip.compress(b"{}" * 500)[:-9], headers={"content-encoding": "gzip"}),
            "CONNECTION_LOST",
        ),
        (Answer(b'{"a": 1}', claimed_length=500), "CONNECTION_LOST"),
        (Answer(lost=True), "CONNECTION_LOST"),
        (Answer(b"{}", delay=5), "TIMEOUT"),
    ],
)
async def test_a_broken_answer_is_worth_another_try(
    server: ScriptedServer, answer: Answer, code: str
) -> None:
    server.script(answer)
    timeout = 0.4 if code == "TIMEOUT" else 10.0
    assert await fails_with(server, replace(CALL, timeout=timeout)) == code


async def test_a_drip_that_never_stalls_long_still_ends_at_the_total_deadline(
    server: ScriptedServer,
) -> None:
    server.script(Answer(b"{" + b" " * 1000 + b"}", drip=0.05))
    started = time.monotonic()
    assert await fails_with(server, replace(CALL, timeout=0.4)) == "TIMEOUT"
    assert time.monotonic() - started < 2


async def test_a_redirect_is_not_followed_so_no_key_reaches_another_host(
    server: ScriptedServer,
) -> None:
    server.script(Answer(b"", 307, {"location": f"{server.url}/elsewhere"}))
    assert await fails_with(server, replace(CALL, headers={"X-Key": SECRET})) == "REDIRECTED"
    assert len(server.requests) == 1


async def test_a_port_nobody_listens_on_is_unreachable() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    async with Http(Endpoint("search", f"http://127.0.0.1:{port}", "SEARCH_API_KEY")) as http:
        with pytest.raises(PipelineError, match="UNREACHABLE"):
            await http.json(CALL)


async def test_a_name_that_does_not_resolve_is_worth_another_try() -> None:
    async with Http(Endpoint("search", "http://nowhere.invalid", "SEARCH_API_KEY")) as http:
        with pytest.raises(Transient) as caught:
            await http.json(CALL)
    assert caught.value.code in {"UNREACHABLE", "TIMEOUT"}  # as quick as the resolver is


async def test_a_proxy_of_the_environment_is_used_but_no_password_it_keeps_for_others(
    server: ScriptedServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A `.netrc` may hold passwords for any host, and they are no provider's business."""
    netrc = tmp_path / "netrc"
    netrc.write_text("default login somebody password something\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    monkeypatch.setenv("http_proxy", server.url)
    monkeypatch.delenv("no_proxy", raising=False)
    server.script(Answer({"a": 1}))
    async with Http(Endpoint("search", "http://search.example/v1", "SEARCH_API_KEY")) as http:
        assert await http.json(CALL) == {"a": 1}
    assert server.requests[0].headers["host"] == "search.example"
    assert "authorization" not in server.requests[0].headers


async def test_a_proxy_of_the_environment_is_not_asked_for_what_is_on_this_machine(
    server: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    server.script(Answer({"a": 1}))
    async with Http(endpoint_of(server)) as http:
        assert await http.json(CALL) == {"a": 1}


async def test_a_cookie_is_not_sent_back(server: ScriptedServer) -> None:
    server.script(Answer({}, headers={"set-cookie": "a=b"}), Answer({}))
    async with Http(endpoint_of(server)) as http:
        await http.json(CALL)
        await http.json(CALL)
    assert "cookie" not in server.requests[1].headers
