"""Research adapters against a server that answers in each provider's shape."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from pipeline_defs.domain.errors import PipelineError
from pipeline_defs.gateways.catalog import Catalog
from pipeline_defs.gateways.research.chained import ChainedResearch
from pipeline_defs.gateways.research.port import ResearchAnswer, ResearchRequest
from pipeline_defs.gateways.research.sources import TEXT_LIMIT, Found, citable, normal_url
from pipeline_defs.settings import Settings
from pipeline_defs_tests.gateways.conftest import SECRET
from pipeline_defs_tests.gateways.scripted_server import Answer, ScriptedServer

Make = Callable[..., Settings]
REQUEST = ResearchRequest("how tides work", max_results=5, timeout=10.0, idempotency_key="unit-1")


def result(n: int, **changes: Any) -> dict[str, Any]:
    return {
        "id": n,
        "title": f"Page {n}",
        "url": f"https://example.org/{n}",
        "snippet": f"Text {n}.",
        "date": "2026-01-02",
        **changes,
    }


def agent(*results: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": "resp_1",
        "model": "xai/some-model",
        "status": "completed",
        "output": [
            {"type": "search_results", "queries": ["tides"], "results": list(results)},
            {"type": "message", "content": [{"type": "output_text", "text": "So [1]."}]},
        ],
        "usage": {"input_tokens": 9, "output_tokens": 4, "cost": {"total_cost": 0.0071}},
    }


def sonar(*results: dict[str, Any], citations: list[str] | None = None) -> dict[str, Any]:
    return {
        "model": "sonar",
        "choices": [{"message": {"content": "So [1]."}, "finish_reason": "stop"}],
        "citations": citations,
        "search_results": [{k: v for k, v in found.items() if k != "id"} for found in results],
        "usage": {"prompt_tokens": 9, "completion_tokens": 4, "cost": {"total_cost": 0.006}},
    }


def research_of(
    key: str, server: ScriptedServer, settings_with: Make, catalog: Catalog
) -> ChainedResearch:
    """The research port with one model of the catalogue as its whole chain."""
    provider = key.partition(":")[0]
    values = {f"{provider}_api_key": SECRET, f"{provider}_base_url": server.url}
    only = catalog.model_copy(update={"chains": {**catalog.chains, "research": (key,)}})
    return ChainedResearch(settings_with(**values), only)


async def found_by(research: ChainedResearch, request: ResearchRequest = REQUEST) -> ResearchAnswer:
    async with research:
        return await research.search(request)


@pytest.mark.parametrize("body", [agent(result(2), result(1)), sonar(result(1), result(2))])
async def test_the_agent_api_is_read_in_both_shapes_and_keeps_the_order_of_its_ids(
    body: Any, server: ScriptedServer, settings_with: Make, catalog: Catalog
) -> None:
    server.script(Answer(body))
    answer = await found_by(research_of("perplexity:fast", server, settings_with, catalog))
    assert [source.url for source in answer.sources] == [
        "https://example.org/1",
        "https://example.org/2",
    ]
    assert answer.sources[0].text == "Text 1."
    assert answer.sources[0].published == "2026-01-02"
    (usage,) = answer.usage
    assert (usage.cost_source, usage.unit, usage.quantity) == ("reported", "searches", 1)
    assert usage.cost_usd in {Decimal("0.0071"), Decimal("0.006")}
    (request,) = server.requests
    assert request.path == "/v1/responses"
    assert request.json["preset"] == "fast"
    assert request.headers["authorization"] == f"Bearer {SECRET}"
    assert request.headers["idempotency-key"] == "unit-1:perplexity:fast"


async def test_sonar_counts_its_citations_from_one(
    server: ScriptedServer, settings_with: Make, catalog: Catalog
) -> None:
    """`[1]` is the first citation, also where the search results come in another order."""
    citations = ["https://example.org/2", "https://example.org/1", "https://example.org/untold"]
    server.script(Answer(sonar(result(1), result(2), result(3), citations=citations)))
    answer = await found_by(research_of("perplexity:sonar", server, settings_with, catalog))
    assert [source.title for source in answer.sources] == ["Page 2", "Page 1", "Page 3"]
    assert server.requests[0].path == "/chat/completions"
    assert server.requests[0].json["model"] == "sonar"


async def test_the_search_api_is_priced_by_the_catalogue(
    server: ScriptedServer, settings_with: Make, catalog: Catalog
) -> None:
    server.script(Answer({"id": "x", "results": [result(1), result(1), result(2)]}))
    answer = await found_by(research_of("perplexity:search", server, settings_with, catalog))
    assert len(answer.sources) == 2
    assert answer.usage[0].cost_usd == Decimal("0.005")
    assert answer.usage[0].cost_source == "computed"
    assert server.requests[0].path == "/search"
    assert server.requests[0].json == {"query": "how tides work", "max_results": 5}


@pytest.mark.parametrize(
    "body",
    [
        {
            "web": {
                "results": [
                    {
                        "title": "<b>Tides</b> &amp; more",
                        "url": "https://a.org",
                        "description": "The <strong>moon</strong>.",
                        "page_age": "2026-01-02",
                    }
                ]
            }
        },
        {
            "results": [
                {
                    "title": "Tides & more",
                    "url": "https://a.org/",
                    "snippet": "The moon.",
                    "published": "2026-01-02",
                }
            ]
        },
    ],
)
async def test_the_generic_search_reads_the_fields_the_catalogue_names(
    body: Any, server: ScriptedServer, settings_with: Make, catalog: Catalog
) -> None:
    server.script(Answer(body))
    answer = await found_by(research_of("search:web", server, settings_with, catalog))
    (source,) = answer.sources
    assert (source.title, source.url, source.text, source.published) == (
        "Tides & more",
        "https://a.org/",
        "The moon.",
        "2026-01-02",
    )
    assert server.requests[0].query == {"q": "how tides work", "count": "5"}
    assert server.requests[0].headers["x-subscription-token"] == SECRET
    assert "authorization" not in server.requests[0].headers


async def test_nothing_found_is_an_answer_without_sources(
    server: ScriptedServer, settings_with: Make, catalog: Catalog
) -> None:
    server.script(Answer({"type": "search"}), Answer(agent()))
    assert (await found_by(research_of("search:web", server, settings_with, catalog))).sources == ()
    agent_api = research_of("perplexity:fast", server, settings_with, catalog)
    assert (await found_by(agent_api)).sources == ()


@pytest.mark.parametrize(
    ("key", "answer", "code"),
    [
        ("perplexity:fast", Answer({"choices": []}), "INVALID_ANSWER"),
        ("perplexity:fast", Answer([1]), "INVALID_ANSWER"),
        ("perplexity:fast", Answer({"output": [{"type": 3}]}), "INVALID_ANSWER"),
        ("perplexity:fast", Answer({"error": {"code": 429, "message": "x"}}), "RATE_LIMITED"),
        ("perplexity:fast", Answer({"output": [], "status": "failed"}), "PROVIDER_ERROR"),
        (
            "perplexity:fast",
            Answer({"output": [], "incomplete_details": {"reason": "content_filter"}}),
            "REFUSED",
        ),
        ("perplexity:fast", Answer(b"", 401), "UNAUTHORIZED"),
        ("perplexity:fast", Answer({"error": {"message": "no preset"}}, 404), "MODEL_GONE"),
        ("perplexity:fast", Answer(b"<html>", 404), "NOT_FOUND"),
        ("perplexity:search", Answer({"error": "quota"}), "PROVIDER_ERROR"),
        ("perplexity:search", Answer({}), "INVALID_ANSWER"),
        ("perplexity:search", Answer(b"", 503, {"retry-after": "2"}), "OVERLOADED"),
        ("search:web", Answer({"error": "no"}), "INVALID_ANSWER"),
        ("search:web", Answer({"results": {"a": 1}}), "INVALID_ANSWER"),
        ("search:web", Answer([]), "INVALID_ANSWER"),
        ("search:web", Answer(lost=True), "CONNECTION_LOST"),
    ],
)
async def test_faults_are_classified(
    key: str,
    answer: Answer,
    code: str,
    server: ScriptedServer,
    settings_with: Make,
    catalog: Catalog,
) -> None:
    server.script(answer)
    with pytest.raises(PipelineError) as caught:
        await found_by(research_of(key, server, settings_with, catalog))
    assert caught.value.code == code
    assert SECRET not in str(caught.value)


async def test_a_limited_provider_is_followed_by_the_next_of_the_chain(
    server: ScriptedServer, settings_with: Make, catalog: Catalog
) -> None:
    settings = settings_with(perplexity_api_key=SECRET, perplexity_base_url=server.url)
    server.script(Answer(b"", 429), Answer({"results": [result(1)]}))
    answer = await found_by(
        ChainedResearch(settings, catalog), replace(REQUEST, idempotency_key="unit-2")
    )
    assert len(answer.sources) == 1
    assert [request.path for request in server.requests] == ["/v1/responses", "/search"]


@pytest.mark.parametrize(
    ("url", "normal"),
    [
        ("https://Example.ORG", "https://example.org/"),
        ("http://example.org:80/a#part", "http://example.org/a"),
        ("https://example.org:8443/a?b=c", "https://example.org:8443/a?b=c"),
        (" https://example.org/ä ", "https://example.org/ä"),
        ("https://[2001:db8::1]/", "https://[2001:db8::1]/"),
        ("javascript:alert(1)", None),
        ("data:text/html,x", None),
        ("file:///etc/passwd", None),
        ("ftp://example.org/", None),
        ("//example.org/", None),
        ("https://user:word@example.org/", None),
        ("https://user@example.org/", None),
        ("https:///path", None),
        ("https://example.org:99999/", None),
        ("https://[broken/", None),
        ('https://example.org/"onclick="x', None),
        ("https://example.org/a b", None),
        ("https://example.org/\x00", None),
        ("https://example.org/" + "a" * 2000, None),
        ("", None),
    ],
)
def test_only_plain_web_addresses_in_normal_form_may_be_cited(url: str, normal: str | None) -> None:
    assert normal_url(url) == normal


def test_sources_are_capped_named_and_listed_once() -> None:
    found = [
        Found("", "https://a.org/", "x" * (TEXT_LIMIT + 1)),
        Found("again", "https://A.org", "other"),
        Found("no text", "https://b.org/", " \x00 "),
        Found("bad", "javascript:x", "text"),
        Found("line\nbreak\x07", "https://c.org/", "text", "  "),
        Found("over", "https://d.org/", "text"),
    ]
    sources = citable(found, limit=2)
    assert [(source.title, source.url) for source in sources] == [
        ("a.org", "https://a.org/"),
        ("line break", "https://c.org/"),
    ]
    assert len(sources[0].text) == TEXT_LIMIT
    assert sources[1].published is None
