"""The research endpoints, and the pages their addresses lead to."""

from __future__ import annotations

import pytest

from pipeline_defs_tests.local.providers.client import BASE_URL, Providers

QUESTION = "How does magma form beneath a volcano?"


async def test_the_agent_api_gives_results_and_an_answer_that_cites_them(
    providers: Providers,
) -> None:
    response = await providers.post(
        "/perplexity/v1/responses", {"preset": "fast", "input": QUESTION}
    )
    body = response.json()
    found, message = body["output"]
    assert found["queries"] == [QUESTION]
    assert [result["id"] for result in found["results"]][:2] == [1, 2]
    assert found["results"][0]["url"] == f"{BASE_URL}/corpus/volcanoes/magma-and-its-formation"
    part = message["content"][0]
    first = part["annotations"][0]
    assert part["text"][first["start_index"] : first["end_index"]] == "[1]"
    assert first["url"] == found["results"][0]["url"]
    assert body["usage"]["cost"]["total_cost"] > 0.0025


async def test_the_sonar_shape_lists_citations_beside_results(providers: Providers) -> None:
    messages = [{"role": "system", "content": "Search."}, {"role": "user", "content": QUESTION}]
    response = await providers.post(
        "/perplexity/chat/completions", {"model": "sonar", "messages": messages}
    )
    body = response.json()
    assert body["citations"] == [result["url"] for result in body["search_results"]]
    assert "[1]" in body["choices"][0]["message"]["content"]
    assert body["usage"]["cost"]["total_cost"] > 0


async def test_the_search_api_gives_snippets_long_enough_to_write_from(
    providers: Providers,
) -> None:
    results = (await providers.search(QUESTION)).json()["results"]
    assert 1 <= len(results) <= 5
    assert results[0].keys() >= {"title", "url", "snippet", "date"}
    assert 700 < len(results[0]["snippet"]) <= 2600
    assert results[0]["snippet"].startswith("## ")


async def test_different_questions_get_different_parts_of_a_document(
    providers: Providers,
) -> None:
    def text(results: list[dict[str, str]]) -> str:
        return next(r["snippet"] for r in results if r["url"].endswith("coffee-roasting"))

    one = (await providers.search("coffee roasting: light and dark roast levels")).json()
    other = (await providers.search("coffee roasting: freshness and degassing")).json()
    assert text(one["results"]) != text(other["results"])


async def test_a_question_beyond_the_corpus_gets_nothing(providers: Providers) -> None:
    assert (await providers.search("football players transfer fees")).json()["results"] == []


async def test_the_generic_search_is_a_get(providers: Providers) -> None:
    response = await providers.get("/search", q=QUESTION, count=2)
    assert len(response.json()["results"]) == 2
    assert (await providers.get("/search", q="")).status_code == 422
    assert (await providers.get("/search", q="bees", count=99)).status_code == 422


async def test_every_address_of_a_result_can_be_read_without_a_key(providers: Providers) -> None:
    for result in (await providers.search(QUESTION)).json()["results"]:
        page = await providers.http.get(result["url"])
        assert page.status_code == 200
        assert result["title"] in page.text
        assert "<script" not in page.text
        assert "default-src 'none'" in page.headers["content-security-policy"]


async def test_the_index_lists_all_documents(providers: Providers) -> None:
    page = await providers.http.get("/corpus")
    assert page.text.count('<a href="/corpus/') >= 150
    assert (await providers.http.get("/theme.css")).headers["content-type"].startswith("text/css")


@pytest.mark.parametrize("path", ["/corpus/volcanoes/none", "/corpus/..%2f/x", "/wordpress/?p=77"])
async def test_what_is_not_there_is_a_page_that_says_so(path: str, providers: Providers) -> None:
    page = await providers.http.get(path)
    assert page.status_code == 404
