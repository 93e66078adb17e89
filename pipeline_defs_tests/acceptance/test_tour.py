"""A tour through what the graph knows: edit, staleness, rebuild, a lost file, the night, the bill.

By Dagster's GraphQL, by Studio in a browser, and by the API: all three have to say the same.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from playwright.sync_api import (  # noqa: TID253 (in the browser only)
    Page,
    expect,
    sync_playwright,
)

from pipeline_defs.domain.lectures.models import SEGMENT_ASSETS
from pipeline_defs_tests.acceptance.conftest import QUICK
from pipeline_defs_tests.browser.conftest import ARGUMENTS, chromium  # noqa: F401 (a fixture)
from pipeline_defs_tests.journey import Journey
from pipeline_defs_tests.product import ProductStack

SEGMENTS = 4
TEXT = (
    "Every sip of coffee carries hundreds of aromas, most of which are born in the few minutes "
    "in which green beans are roasted brown."
)


@pytest.fixture
def studio(chromium: str, stack: ProductStack) -> Any:  # noqa: F811
    """Studio in a browser, signed in; errors of its console fail the test."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        page = browser.new_page(base_url=stack.settings["GATEWAY_URL"])
        errors: list[str] = []
        page.on("console", lambda m: errors.append(m.text) if m.type == "error" else None)
        key = stack.settings["DEVELOPMENT_API_KEY"]
        assert page.request.post("/session", data={"api_key": key}).ok
        yield page
        browser.close()
        assert errors == []


def test_a_tour(user: Journey, stack: ProductStack, studio: Page) -> None:
    user.providers.put("/_control/latency", json=QUICK).raise_for_status()
    try:
        _tour(user, stack, studio)
    finally:
        user.providers.delete("/_control/latency").raise_for_status()


def _tour(user: Journey, stack: ProductStack, studio: Page) -> None:
    lecture_id = user.lecture("Coffee", SEGMENTS / 6)
    before, made_before = user.finished(lecture_id), versions(user, lecture_id)
    keys = [f"{lecture_id}/{n:03d}" for n in range(1, SEGMENTS + 1)]

    # Segment 3 is edited: its image and narration are stale, in Dagster as in our own graph.
    edited = user.api.patch(f"/v1/lectures/{lecture_id}/segments/3", json={"text": TEXT})
    assert edited.status_code == 200, edited.text
    user.settled(lambda: [user.stale("segment_image", keys[2])], 0, "STALE")
    assert standing(user, lecture_id, "stale") == {
        ("segment_image", keys[2]), ("segment_narration", keys[2]),
    }  # fmt: skip
    everything = [(asset, key) for asset in SEGMENT_ASSETS for key in keys]
    in_dagster = {node for node in everything if user.stale(*node) != "FRESH"}
    assert in_dagster == standing(user, lecture_id, "stale")

    # What follows from it is what a rebuild makes: the plan says so, and Studio.
    plan = user.api.get(f"/v1/lectures/{lecture_id}/plan").json()
    planned = {(n["asset"], n["partition"]) for s in plan["stages"] for g in s["groups"]
               for n in g["nodes"]}  # fmt: skip
    descendants = {(asset, keys[2]) for asset in SEGMENT_ASSETS} | {("lecture_video", lecture_id)}
    assert planned == descendants
    studio.goto(f"/studio/lectures/{lecture_id}")
    expect(studio.get_by_text(f"Will make: {plan['summary']}")).to_be_visible()

    # The rebuild makes that, and nothing else is touched or paid.
    counted = billed(user)
    assert user.post(lecture_id, "rebuild").status_code == 202
    after, made_after = user.finished(lecture_id), versions(user, lecture_id)
    changed = {node for node in made_before if made_before[node] != made_after[node]}
    assert changed <= descendants
    assert changed >= {("segment_narration", keys[2]), ("lecture_video", lecture_id)}
    made = billed(user) - counted
    assert made["image"] == 1
    assert made["video"] <= 1
    assert made["music"] == made["text"] == 0
    assert {user.stale(*node) for node in everything} == {"FRESH"}

    # A file is corrupted; the night finds it and has it made again, unpaid.
    counted = billed(user)
    sha = after["segments"][0]["assets"]["segment_narration"]["url"].rsplit("/", 1)[1]
    stored = stack.state / "blobs" / sha[:2] / sha[2:4] / sha
    whole = stored.read_bytes()
    stored.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    user.sql("update app.units set files_checked_at = now() - interval '2 days' where id = %s",
             lecture_id)  # fmt: skip
    assert user.run_ended(user.launch("files_check", [], partition="")) == "SUCCESS"
    user.wait(
        lecture_id,
        until=lambda it: it["status"] == "completed" and stored.read_bytes() == whole,
    )
    at_night = {"ops": {"backfill_units": {"config": {"at_any_hour": True}}}}
    assert user.run_ended(user.launch("nightly_backfill", [], "", at_night)) == "SUCCESS"
    healed = user.finished(lecture_id)["segments"][0]
    assert healed["assets"] == after["segments"][0]["assets"]
    assert billed(user) == counted

    # What all of it cost, part by part; and where it all came from.
    bill = user.api.get(f"/v1/lectures/{lecture_id}/cost").json()
    assert bill["total_usd"] == pytest.approx(user.unit(lecture_id)["cost_usd"])
    assert bill["total_usd"] > before["cost_usd"] > 0
    lineage = user.api.get(f"/v1/lectures/{lecture_id}/lineage").json()["nodes"]
    assert {node["standing"] for node in lineage} == {"fresh", None}
    assert all(source["is_current"] for node in lineage for source in node["made_from"])
    studio.goto("/studio/audit")
    expect(studio.get_by_text("lectures.segment_edited").first).to_be_visible()


def standing(user: Journey, lecture_id: str, wanted: str) -> set[tuple[str, str]]:
    """What of a lecture stands so, by its lineage."""
    nodes = user.api.get(f"/v1/lectures/{lecture_id}/lineage").json()["nodes"]
    return {(n["asset"], n["partition"]) for n in nodes if n["standing"] == wanted}


def versions(user: Journey, lecture_id: str) -> dict[tuple[str, str], str]:
    """The data version of everything that was made."""
    nodes = user.api.get(f"/v1/lectures/{lecture_id}/lineage").json()["nodes"]
    return {(n["asset"], n["partition"]): n["version"] for n in nodes if n["standing"] is not None}


def billed(user: Journey) -> Counter[str]:
    """Billed calls by capability."""
    return Counter(call["capability"] for call in user.calls() if call["billed"])
