"""Fault scripts: what the client sees, and what it is billed."""

from __future__ import annotations

import asyncio
import json
import time
from typing import Any

import httpx
import pytest

from pipeline_defs_tests.local.providers.client import Providers, refused, said


@pytest.mark.parametrize("status", [429, 500, 503])
async def test_a_status_is_answered_in_the_providers_shape_and_nothing_is_billed(
    status: int, providers: Providers
) -> None:
    await providers.faults({"action": {"status": status, "headers": {"Retry-After": "7"}}})
    response = await providers.outline()
    assert (response.status_code, response.headers["retry-after"]) == (status, "7")
    assert response.json()["error"]["message"]
    assert (await providers.totals())["text"]["billed"] == 0


async def test_a_body_of_ones_own_may_stand_in_an_answer_with_status_200(
    providers: Providers,
) -> None:
    error = {"error": {"code": 502, "message": "gone after it began"}}
    await providers.faults({"action": {"status": 200, "body": error}})
    response = await providers.outline()
    assert (response.status_code, response.json()) == (200, error)


async def test_rules_choose_by_path_capability_and_body(providers: Providers) -> None:
    await providers.faults(
        {"match": {"body_contains": '"topic":"Coffee"'}, "action": {"status": 500}},
        {"match": {"path_regex": "^/perplexity/search$"}, "action": {"status": 502}},
        {"match": {"capability": "publishing"}, "action": {"status": 503}},
    )
    assert (await providers.outline("Coffee")).status_code == 500
    assert (await providers.outline("Bees")).status_code == 200
    assert (await providers.search("bees")).status_code == 502
    assert (await providers.wordpress("GET")).status_code == 503


async def test_skip_and_times_count_the_requests_that_match(providers: Providers) -> None:
    await providers.faults({"skip": 1, "times": 2, "action": {"status": 500}})
    statuses = [(await providers.search("bees")).status_code for _ in range(5)]
    assert statuses == [200, 500, 500, 200, 200]
    state = (await providers.get("/_control/faults")).json()["rules"][0]
    assert (state["seen"], state["applied"]) == (5, 2)


async def test_a_probability_with_a_seed_hits_the_same_requests_each_time(
    providers: Providers,
) -> None:
    runs: list[list[int]] = []
    for _ in range(2):
        await providers.faults({"probability": 0.5, "seed": 7, "action": {"status": 500}})
        runs.append([(await providers.search("bees")).status_code for _ in range(12)])
    assert runs[0] == runs[1]
    assert set(runs[0]) == {200, 500}


async def test_rules_can_be_cleared(providers: Providers) -> None:
    await providers.faults({"action": {"status": 500}})
    await providers.http.delete("/_control/faults", headers=providers.headers)
    assert (await providers.search("bees")).status_code == 200


@pytest.mark.parametrize(
    ("rule", "field"),
    [
        ({"action": {}}, "rules.0.action"),
        ({"action": {"status": 99}}, "rules.0.action.status"),
        ({"action": {"staus": 500}}, "rules.0.action.staus"),
        ({"match": {"path_regex": "("}, "action": {"status": 500}}, "rules.0.match.path_regex"),
        ({"times": 0, "action": {"status": 500}}, "rules.0.times"),
        ({}, "rules.0.action"),
    ],
)
async def test_a_script_that_is_not_valid_names_the_field(
    rule: dict[str, Any], field: str, providers: Providers
) -> None:
    response = await providers.faults(rule)
    assert response.status_code == 422
    assert field in [error["field"] for error in response.json()["errors"]]


async def test_a_refusal_and_an_incomplete_answer_are_billed(providers: Providers) -> None:
    await providers.faults(
        {"times": 1, "action": {"refusal": "Not this."}},
        {"times": 1, "action": {"incomplete": True}},
    )
    assert refused(await providers.outline()) == "Not this."
    cut = (await providers.outline()).json()
    assert cut["incomplete_details"]["reason"] == "max_output_tokens"
    with pytest.raises(json.JSONDecodeError):
        json.loads(cut["output"][0]["content"][0]["text"])
    assert (await providers.totals())["text"]["billed"] == 2


async def test_refused_research_says_so_in_each_shape(providers: Providers) -> None:
    await providers.faults({"action": {"refusal": True}})
    agent = await providers.post("/perplexity/v1/responses", {"preset": "fast", "input": "bees"})
    assert agent.json()["incomplete_details"] == {"reason": "content_filter"}
    search = await providers.search("bees")
    assert search.json()["error"]["type"] == "content_policy_violation"


async def test_a_text_models_garbage_is_paid_for_and_remembered(providers: Providers) -> None:
    await providers.faults({"times": 1, "action": {"garbage": "wrong_schema"}})
    assert said(await providers.outline(key="a")) == {"unexpected": True}
    assert said(await providers.outline(key="a")) == {"unexpected": True}
    await providers.faults({"times": 1, "action": {"garbage": "bad_json"}})
    with pytest.raises(json.JSONDecodeError):
        said(await providers.outline(key="b"))
    totals = (await providers.totals())["text"]
    assert (totals["billed"], totals["replayed"]) == (2, 1)


@pytest.mark.parametrize(("garbage", "start"), [("html", b"<!doctype"), ("empty", b"")])
async def test_garbage_of_something_in_between_costs_nothing(
    garbage: str, start: bytes, providers: Providers
) -> None:
    await providers.faults({"times": 1, "action": {"garbage": garbage}})
    broken = await providers.outline(key="k")
    assert (broken.status_code, broken.content[:9]) == (200, start)
    assert said(await providers.outline(key="k"))["sections"]
    assert (await providers.totals())["text"]["billed"] == 1


async def test_a_broken_research_answer_was_paid_for_and_comes_whole_under_its_key(
    providers: Providers,
) -> None:
    await providers.faults({"times": 1, "action": {"garbage": "bad_json"}})
    with pytest.raises(json.JSONDecodeError):
        (await providers.search("bees", key="k")).json()
    assert (await providers.search("bees", key="k")).json()["results"]
    totals = (await providers.totals())["research"]
    assert (totals["billed"], totals["replayed"]) == (1, 1)


async def test_a_lost_answer_was_paid_for_and_is_there_under_its_key(
    socket_providers: Providers,
) -> None:
    await socket_providers.faults({"times": 1, "action": {"lost_answer": True}})
    with pytest.raises((httpx.RemoteProtocolError, httpx.ReadError)):
        await socket_providers.outline(key="k")
    again = await socket_providers.outline(key="k")
    assert again.headers["idempotent-replayed"] == "true"
    assert said(again)["sections"]
    totals = (await socket_providers.totals())["text"]
    assert (totals["billed"], totals["replayed"]) == (1, 1)


async def test_a_truncated_answer_breaks_off_before_its_announced_end(
    socket_providers: Providers,
) -> None:
    await socket_providers.faults({"times": 1, "action": {"truncate": True}})
    with pytest.raises((httpx.RemoteProtocolError, httpx.ReadError)):
        await socket_providers.outline(key="k")
    assert said(await socket_providers.outline(key="k"))["sections"]


async def test_a_dripped_answer_is_whole_but_slow(socket_providers: Providers) -> None:
    drip = {"chunk_bytes": 1000, "interval": 0.05}
    await socket_providers.faults({"times": 1, "action": {"drip": drip}})
    began = time.monotonic()
    response = await socket_providers.outline()
    assert said(response)["sections"]
    assert time.monotonic() - began >= 0.05 * (len(response.content) // 1000)


async def test_a_client_that_gives_up_on_a_delay_finds_its_answer_under_its_key(
    socket_providers: Providers,
) -> None:
    await socket_providers.faults({"times": 1, "action": {"delay": 0.4}})
    http = socket_providers.http
    with pytest.raises(httpx.ReadTimeout):
        await http.post(
            "/perplexity/search",
            json={"query": "bees", "max_results": 5},
            headers={**socket_providers.headers, "Idempotency-Key": "k"},
            timeout=0.1,
        )
    assert (await socket_providers.search("bees", key="k")).json()["results"]
    await asyncio.sleep(0.6)
    totals = (await socket_providers.totals())["research"]
    assert (totals["billed"], totals["replayed"]) == (1, 1)
