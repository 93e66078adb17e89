"""Search figures and competitors' pages through the real adapters, over HTTP, with faults."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx
import pytest

from pipeline_defs import policies
from pipeline_defs.domain.errors import Permanent, PipelineError, Transient
from pipeline_defs.gateways.competitors.web import WebCompetitors
from pipeline_defs.gateways.keywords.service import ServiceKeywords
from pipeline_defs.settings import Settings
from pipeline_defs_tests.gateways.local_server import LOCAL_KEY

TERMS = ["Two-person tents", "nobody asks this"]
Script = Callable[..., Any]


@pytest.fixture
async def script(local_url: str) -> AsyncIterator[Script]:
    """Puts an action in force for a number of requests of a capability."""
    bearer = {"Authorization": f"Bearer {LOCAL_KEY}"}
    async with httpx.AsyncClient(base_url=local_url, trust_env=False, headers=bearer) as http:

        async def put(capability: str, times: int = 1, skip: int = 0, **action: Any) -> None:
            rule = {"match": {"capability": capability}, "times": times, "skip": skip}
            answer = await http.put("/_control/faults", json={"rules": [rule | {"action": action}]})
            assert answer.status_code == 200, answer.text

        yield put
        await http.delete("/_control/faults")


@pytest.fixture
async def keywords(
    local_url: str, settings_with: Callable[..., Settings]
) -> AsyncIterator[ServiceKeywords]:
    async with ServiceKeywords(
        settings_with(keywords_base_url=local_url, keywords_api_key=LOCAL_KEY)
    ) as service:
        yield service


@pytest.fixture
async def web(local_url: str) -> AsyncIterator[WebCompetitors]:
    async with WebCompetitors([local_url.removeprefix("http://")]) as competitors:
        yield competitors


async def fault_of(asking: Any) -> PipelineError:
    with pytest.raises((Permanent, Transient)) as caught:
        await asking
    return caught.value


async def test_figures_of_known_terms_come_back(keywords: ServiceKeywords) -> None:
    (found,) = await keywords.figures(TERMS, "en", 10)
    assert (found.keyword, found.monthly_searches, found.difficulty) == (
        "two-person tents",
        12_100,
        48,
    )
    assert await keywords.figures(TERMS, "de", 10) == ()


async def test_a_rate_limit_is_named_with_its_wait_and_then_over(
    keywords: ServiceKeywords, script: Script
) -> None:
    await script("keywords", status=429, headers={"Retry-After": "7"})
    error = await fault_of(keywords.figures(TERMS, "en", 10))
    assert (error.code, error.retryable) == ("RATE_LIMITED", True)
    assert isinstance(error, Transient)
    assert error.retry_after == 7
    assert len(await keywords.figures(TERMS, "en", 10)) == 1


@pytest.mark.parametrize(
    ("action", "code"),
    [
        ({"status": 500}, "PROVIDER_ERROR"),
        ({"status": 503}, "OVERLOADED"),
        ({"status": 403}, "UNAUTHORIZED"),
        ({"garbage": "bad_json"}, "INVALID_ANSWER"),
        ({"garbage": "html"}, "INVALID_ANSWER"),
        ({"garbage": "empty"}, "INVALID_ANSWER"),
        ({"status": 200, "body": {"keywords": [{"keyword": 5}]}}, "INVALID_ANSWER"),
        ({"status": 200, "body": {"keywords": "many"}}, "INVALID_ANSWER"),
        ({"status": 200, "body": [1]}, "INVALID_ANSWER"),
        ({"status": 200, "body": {"keywords": [{"keyword": "a", "difficulty": 101}]}},
         "INVALID_ANSWER"),
        ({"lost_answer": True}, "CONNECTION_LOST"),
    ],
)  # fmt: skip
async def test_what_is_no_answer_is_a_classified_error(
    keywords: ServiceKeywords, script: Script, action: dict[str, Any], code: str
) -> None:
    await script("keywords", **action)
    assert (await fault_of(keywords.figures(TERMS, "en", 10))).code == code


async def test_an_answer_that_is_too_large_is_not_read(
    keywords: ServiceKeywords, script: Script, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert keywords._http is not None
    monkeypatch.setattr(keywords._http, "_limit", 1000)
    await script("keywords", status=200, body={"keywords": [], "more": "x" * 2000})
    error = await fault_of(keywords.figures(TERMS, "en", 10))
    assert error.code == "INVALID_ANSWER"
    assert "1000 bytes" in error.message


async def test_a_rivals_page_is_looked_at_where_its_rules_allow(
    local_url: str, web: WebCompetitors
) -> None:
    page = await web.look(f"{local_url}/rivals/tents", 10)
    assert page.title == "Tents for every weather"
    assert page.headings[1:] == ("Two-person tents", "How heavy is a tent?", "Poles")
    private = await fault_of(web.look(f"{local_url}/rivals/private", 10))
    assert private.code == "ROBOTS_DISALLOWED"
    assert (await fault_of(web.look(f"{local_url}/rivals/none", 10))).code == "NOT_FOUND"


@pytest.mark.parametrize(
    ("action", "code"),
    [
        ({"status": 429}, "PROVIDER_ERROR"),
        ({"status": 502}, "PROVIDER_ERROR"),
        ({"status": 403}, "REFUSED"),
        ({"lost_answer": True}, "UNREACHABLE"),
        ({"truncate": True}, "UNREACHABLE"),
        ({"status": 200, "headers": {"Content-Type": "text/html"},
          "body": "x" * (policies.COMPETITOR_BYTES + 1)}, "TOO_LARGE"),
    ],
)  # fmt: skip
async def test_a_rivals_page_that_fails_is_a_classified_error(
    local_url: str, web: WebCompetitors, script: Script, action: dict[str, Any], code: str
) -> None:
    await script("competitors", skip=1, **action)  # robots.txt is asked first
    assert (await fault_of(web.look(f"{local_url}/rivals/tents", 10))).code == code
    assert (await web.look(f"{local_url}/rivals/tents", 10)).title
