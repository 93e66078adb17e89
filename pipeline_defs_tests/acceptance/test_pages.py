"""Pages on the whole running product: stages, failures that stay alone, the queue, Dagster."""

from __future__ import annotations

import time
from collections import Counter

import pytest

from pipeline_defs.domain.pages.stages import STAGE_NAMES
from pipeline_defs_tests.journey import FINAL, Journey, paid_twice
from pipeline_defs_tests.paging import product, product_page

SLOW = {"match": {"capability": "text"}, "action": {"delay": 1.5}}
# What is asked for the head of a page, once a page.
HEAD = {"capability": "text", "body_contains": "contains the first keyword"}
ASSETS = ("page_context", "page_components", "page")


@pytest.fixture(scope="module")
def finished_page(user: Journey) -> str:
    page_id = user.page(**product_page(1))
    user.finished(page_id)
    return page_id


def test_a_page_goes_through_seven_stages_and_agrees_with_its_product(
    user: Journey, finished_page: str
) -> None:
    page = user.unit(finished_page)
    assert [stage["name"] for stage in page["stages"]] == list(STAGE_NAMES)
    assert {stage["status"] for stage in page["stages"]} == {"completed"}
    assert all(stage["seconds"] is not None for stage in page["stages"])
    assert page["progress"]["percentage"] == 100
    assert page["quality"]["passed"]
    assert page["job"]["status"] == "completed"
    asked = product(1)
    data = str(page["document"]["json_ld"])
    assert asked["price"] in data
    assert asked["sku"] in data
    assert asked["name"] in page["document"]["html"]
    html = user.api.get(f"/v1/pages/{finished_page}/html")
    assert html.text == page["document"]["html"]
    assert "sandbox" in html.headers["content-security-policy"]


def test_dagster_shows_the_assets_their_checks_and_nothing_stale(
    user: Journey, finished_page: str
) -> None:
    for asset in ASSETS:
        assert user.stale(asset, finished_page) == "FRESH", asset
        assert finished_page in user.partitions(asset)["materializedPartitions"], asset


def test_a_page_without_product_data_states_no_figures(user: Journey) -> None:
    page_id = user.page(keywords=["quiet kettles"], target_url="https://shop.example/kettles")
    page = user.finished(page_id)
    assert page["products"] == []
    assert "states no figures" in page["remarks"][0]
    assert "Product" not in str(page["document"]["json_ld"])


def test_skipped_quality_is_recorded(user: Journey) -> None:
    page = user.finished(user.page(**product_page(2, options={"skip_quality": True})))
    stage = next(s for s in page["stages"] if s["name"] == "quality-validation")
    assert (stage["status"], stage["detail"]) == ("skipped", {"reason": "as was asked for"})
    assert page["quality"] is None
    assert page["progress"]["percentage"] == 100


def test_a_refused_page_fails_alone_and_can_be_replayed(user: Journey) -> None:
    words = product(3)["name"]
    user.faults(
        {"match": {"capability": "text", "body_contains": words}, "action": {"refusal": True}}
    )
    bad, good = user.page(**product_page(3)), user.page(**product_page(4))
    user.finished(good)
    failed = user.wait(bad)
    assert (failed["status"], failed["error"]["code"]) == ("failed", "REFUSED")
    letters = user.api.get("/v1/dead-letters", params={"code": "REFUSED"}).json()["items"]
    assert bad in [letter["id"] for letter in letters]
    user.faults()
    answer = user.api.post("/v1/dead-letters/replay", json={"filter": {"ids": [bad]}})
    assert (answer.status_code, answer.json()["replayed"]) == (202, [bad])
    user.finished(bad)


@pytest.mark.parametrize(("number", "status"), [(5, 503), (6, 500)])
def test_a_call_that_fails_twice_is_tried_again_within_one_attempt(
    user: Journey, number: int, status: int
) -> None:
    user.faults({"match": HEAD, "action": {"status": status}, "times": 2})
    page = user.finished(user.page(**product_page(number)), seconds=60)
    user.faults()
    assert page["job"]["attempts"] == 1
    assert paid_twice(user.calls()) == []


def test_a_provider_that_fails_for_a_while_costs_attempts_and_no_page(user: Journey) -> None:
    user.faults({"match": HEAD, "action": {"status": 503}})
    page_id = user.page(**product_page(7))
    user.wait(page_id, 60, until=lambda page: page["job"]["attempts"] == 2)
    user.faults()
    page = user.finished(page_id, seconds=60)
    assert page["job"]["attempts"] == 2
    assert paid_twice(user.calls()) == []


def test_a_fresh_rebuild_pays_for_the_words_anew_and_for_nothing_else(
    user: Journey, finished_page: str
) -> None:
    before = _billed(user)
    assert user.post(finished_page, "rebuild").status_code == 202
    user.finished(finished_page)
    assert _billed(user) == before
    answer = user.post(finished_page, "rebuild", assets=["page_components"], fresh=True)
    assert answer.status_code == 202
    user.finished(finished_page)
    made = _billed(user) - before
    assert set(made) == {"text"}
    assert made["text"] == 3  # head, benefits, questions
    assert user.stale("page", finished_page) == "FRESH"


def test_a_page_is_materialized_by_hand_in_its_turn(user: Journey, finished_page: str) -> None:
    run_id = user.launch("generate_pages", ["page"], finished_page)
    assert user.run_ended(run_id) == "SUCCESS"
    assert user.unit(finished_page)["status"] == "completed"


def test_cancelling_ends_a_page_in_work_and_one_that_waits(user: Journey) -> None:
    user.faults(SLOW)
    ids = [user.page(**product_page(n)) for n in range(10, 20)]
    user.wait(ids[0], until=lambda page: page["status"] == "generating")
    waiting = next(i for i in reversed(ids) if user.unit(i)["job"]["status"] == "pending")
    asked = time.monotonic()
    for page_id in (ids[0], waiting):
        assert user.post(page_id, "cancel").status_code == 200
    for page_id in (ids[0], waiting):
        assert user.wait(page_id, 15)["status"] == "cancelled"
    assert time.monotonic() - asked < 15
    user.faults()
    rest = [user.wait(i)["status"] for i in ids if i not in (ids[0], waiting)]
    assert set(rest) == {"completed"}
    user.post(ids[0], "resume")
    user.finished(ids[0])


def test_an_urgent_page_that_comes_last_begins_before_those_that_wait(user: Journey) -> None:
    user.faults(SLOW)
    normal = [user.page(**product_page(n, priority="NORMAL")) for n in range(30, 50)]
    user.wait(normal[0], until=lambda page: page["status"] == "generating")
    time.sleep(1)
    high = user.page(**product_page(50, priority="HIGH"))
    behind_high = [i for i in normal if user.unit(i)["job"]["status"] == "pending"]
    low = user.page(**product_page(51, priority="LOW"))
    assert user.post(low, "priority", priority="HIGH").status_code == 200
    behind_low = [i for i in normal if user.unit(i)["job"]["status"] == "pending"]
    user.faults()
    begun = {i: user.finished(i)["job"]["started_at"] for i in (high, low, *normal)}
    turns = user.api.get("/v1/queue").json()["max_concurrency"]
    for urgent, waiting in ((high, behind_high), (low, behind_low)):
        overtaking = [i for i in waiting if begun[i] < begun[urgent]]
        # A page that has its turn is still `pending` until a run has begun with it.
        assert len(overtaking) <= turns < len(waiting)


def test_a_paused_queue_begins_nothing(user: Journey) -> None:
    assert user.api.post("/v1/queue/pause").json()["paused"]
    page_id = user.page(**product_page(60))
    time.sleep(2)
    assert user.unit(page_id)["job"]["status"] == "pending"
    status = user.api.post("/v1/queue/resume").json()
    assert (status["paused"], status["pending"]) == (False, 1)
    user.finished(page_id)
    assert user.api.get("/v1/queue").json()["workers"] == 1


def _billed(user: Journey) -> Counter[str]:
    return Counter(c["capability"] for c in user.calls() if c["billed"])


def test_all_pages_are_final_at_the_end(user: Journey) -> None:
    items = user.api.get("/v1/pages", params={"limit": 200}).json()["items"]
    assert {page["status"] for page in items} <= FINAL
