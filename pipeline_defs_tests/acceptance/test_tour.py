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
from pipeline_defs.web.studio.wording import usd
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
    cost_before = user.finished(lecture_id)["cost_usd"]
    studio.goto(f"/studio/lectures/{lecture_id}")
    _edit_segment_three(user, studio, lecture_id)
    _rebuild(user, studio, lecture_id)
    _heal_by_night(user, stack, lecture_id)
    _read_the_cost(user, studio, lecture_id, cost_before)


def _edit_segment_three(user: Journey, studio: Page, lecture_id: str) -> None:
    """What was made from its text is stale, in Dagster as in our own graph; what follows from that
    is what a rebuild makes: the plan says so, and Studio."""
    segment = studio.locator("#segment-3")
    segment.get_by_text("Edit", exact=True).click()
    segment.get_by_label("What is said").fill(TEXT)
    segment.get_by_role("button", name="Save segment").click()
    expect(segment.locator(".asset.stale")).to_have_count(len(SEGMENT_ASSETS))
    third = f"{lecture_id}/003"
    user.settled(lambda: [user.stale("segment_image", third)], 0, "STALE")
    ours = standing(user, lecture_id, "stale")
    assert ours == {("segment_image", third), ("segment_narration", third)}
    assert {node for node in of_segments(lecture_id) if user.stale(*node) != "FRESH"} == ours
    plan = user.api.get(f"/v1/lectures/{lecture_id}/plan").json()
    planned = {(n["asset"], n["partition"]) for s in plan["stages"] for g in s["groups"]
               for n in g["nodes"]}  # fmt: skip
    assert planned == descendants(lecture_id)
    expect(studio.get_by_text(f"Will make: {plan['summary']}")).to_be_visible()


def _rebuild(user: Journey, studio: Page, lecture_id: str) -> None:
    """It makes what follows from the edit; nothing else is touched or paid."""
    counted, before = billed(user), versions(user, lecture_id)
    studio.get_by_role("button", name="Rebuild what is stale").click()
    expect(studio.locator("#notices")).to_contain_text("Rebuilding.")
    user.finished(lecture_id)
    after = versions(user, lecture_id)
    changed = {node for node in before if before[node] != after[node]}
    assert changed <= descendants(lecture_id)
    assert changed >= {("segment_narration", f"{lecture_id}/003"), ("lecture_video", lecture_id)}
    made = billed(user) - counted
    assert made["image"] == 1
    assert made["video"] <= 1
    assert made["music"] == made["text"] == 0
    assert {user.stale(*node) for node in of_segments(lecture_id)} == {"FRESH"}
    expect(studio.locator(".asset.stale")).to_have_count(0)


def _heal_by_night(user: Journey, stack: ProductStack, lecture_id: str) -> None:
    """A file is corrupted. Looking at the files finds it and makes nothing; the nightly backfill
    has it made again, unpaid."""
    user.wait(lecture_id, until=lambda _: wanting(user, lecture_id) == set())
    counted, before = billed(user), user.unit(lecture_id)["segments"][0]["assets"]
    sha = before["segment_narration"]["url"].rsplit("/", 1)[1]
    stored = stack.state / "blobs" / sha[:2] / sha[2:4] / sha
    whole = stored.read_bytes()
    stored.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    user.sql("update app.units set files_checked_at = now() - interval '2 days' where id = %s",
             lecture_id)  # fmt: skip
    assert user.run_ended(user.launch("files_check", [], "", op="look_at_files")) == "SUCCESS"
    assert wanting(user, lecture_id) == {"corrupt"}
    assert user.unit(lecture_id)["status"] == "completed"
    assert stored.read_bytes() != whole
    at_night = {"ops": {"backfill_units": {"config": {"at_any_hour": True}}}}
    assert user.run_ended(user.launch("nightly_backfill", [], "", at_night)) == "SUCCESS"
    user.wait(
        lecture_id,
        until=lambda it: it["status"] == "completed" and stored.read_bytes() == whole,
    )
    assert user.unit(lecture_id)["segments"][0]["assets"] == before
    assert billed(user) == counted
    user.wait(lecture_id, until=lambda _: wanting(user, lecture_id) == set())


def _read_the_cost(user: Journey, studio: Page, lecture_id: str, cost_before: float) -> None:
    """What all of it cost, step by step; where it all came from; and who did what."""
    bill = user.api.get(f"/v1/lectures/{lecture_id}/cost").json()
    assert bill["total_usd"] == pytest.approx(user.unit(lecture_id)["cost_usd"])
    assert bill["total_usd"] > cost_before > 0
    studio.reload()  # it was made again by night, with nobody looking
    cost = studio.get_by_role("region", name="Cost", exact=True)
    expect(cost.locator(".percentage")).to_have_text(usd(bill["total_usd"]))
    cost.get_by_text("What it was spent on").click()
    expect(cost.get_by_role("row").filter(has_text="image").first).to_be_visible()
    lineage = user.api.get(f"/v1/lectures/{lecture_id}/lineage").json()["nodes"]
    assert {node["standing"] for node in lineage} == {"fresh", None}
    assert all(source["is_current"] for node in lineage for source in node["made_from"])
    studio.goto("/studio/audit")
    expect(studio.get_by_text("lectures.segment_edited").first).to_be_visible()


def of_segments(lecture_id: str) -> list[tuple[str, str]]:
    """Everything its segments consist of."""
    keys = [f"{lecture_id}/{n:03d}" for n in range(1, SEGMENTS + 1)]
    return [(asset, key) for asset in SEGMENT_ASSETS for key in keys]


def descendants(lecture_id: str) -> set[tuple[str, str]]:
    """What follows from the text of segment 3."""
    third = f"{lecture_id}/003"
    return {(asset, third) for asset in SEGMENT_ASSETS} | {("lecture_video", lecture_id)}


def standing(user: Journey, lecture_id: str, wanted: str) -> set[tuple[str, str]]:
    """What of a lecture stands so, by its lineage."""
    nodes = user.api.get(f"/v1/lectures/{lecture_id}/lineage").json()["nodes"]
    return {(n["asset"], n["partition"]) for n in nodes if n["standing"] == wanted}


def wanting(user: Journey, lecture_id: str) -> set[str]:
    """Why a backfill would make anything of a lecture, as it was looked at last."""
    plan = user.api.post("/v1/backfills", json={"line": "lectures", "dry_run": True}).json()
    return {
        reason for unit in plan["units"] if unit["id"] == lecture_id for reason in unit["found"]
    }


def versions(user: Journey, lecture_id: str) -> dict[tuple[str, str], str]:
    """The data version of everything that was made."""
    nodes = user.api.get(f"/v1/lectures/{lecture_id}/lineage").json()["nodes"]
    return {(n["asset"], n["partition"]): n["version"] for n in nodes if n["standing"] is not None}


def billed(user: Journey) -> Counter[str]:
    """Billed calls by capability."""
    return Counter(call["capability"] for call in user.calls() if call["billed"])
