"""Approving, rejecting and editing pages over HTTP, with the worker played by the test."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from pipeline_defs.domain.pages.quality.findings import Finding, QualityReport
from pipeline_defs_tests.web.gateways import World
from pipeline_defs_tests.web.paging_world import TAKEN, Shop

DRAFT = {"publish": "draft"}
FAULTS = QualityReport.of(
    (
        Finding(check="one-h1", passed=False, required=True, advice="Have one h1."),
        Finding(check="readability", passed=False, required=False, advice="Shorter sentences."),
        Finding(check="html", passed=True, required=True),
    )
)


@pytest.fixture
def client(world: World) -> httpx.AsyncClient:
    return world.client()


@pytest.fixture
def shop(world: World) -> Shop:
    return Shop(world)


async def shown(client: httpx.AsyncClient, page_id: str) -> dict[str, Any]:
    return (await client.get(f"/v1/pages/{page_id}")).json()


async def decide(client: httpx.AsyncClient, page_id: str, how: str, **body: Any) -> httpx.Response:
    return await client.post(f"/v1/pages/{page_id}/{how}", json=body)


async def audited(world: World, page_id: str) -> list[str]:
    rows = await world.gateway.database.all("default", "audit.of_unit", unit_id=page_id)
    return [row["action"] for row in rows]


async def to_approve(client: httpx.AsyncClient, **more: str) -> list[str]:
    answer = await client.get("/v1/queue/jobs", params={"to_approve": True, **more})
    return [job["id"] for job in answer.json()["items"]]


async def test_pages_that_wait_for_approval_are_found_among_all_others(
    client: httpx.AsyncClient, shop: Shop
) -> None:
    batch_id, [page_id, _] = await shop.batch("Autumn", ["Tents", "Stoves"], options=DRAFT)
    await shop.completes(page_id)
    await shop.finished("Tarps")
    other = await shop.finished("Lamps", options=DRAFT)
    assert await to_approve(client) == [other, page_id]
    assert await to_approve(client, batch_id=batch_id) == [page_id]


async def test_a_finished_page_waits_for_approval_and_is_published_as_was_asked(
    client: httpx.AsyncClient, shop: Shop
) -> None:
    page_id = await shop.finished(options=DRAFT)
    page = await shown(client, page_id)
    assert (page["status"], page["approval"]["state"]) == ("completed", "waiting")
    assert (page["approval"]["approved_at"], page["publication"]) == (None, None)

    approved = await decide(client, page_id, "approve", version=page["approval"]["version"])
    assert (approved.status_code, approved.json()["status"]) == (202, "queued")
    assert approved.json()["approval"]["publish"] == "draft"
    link = await shop.published(page_id)
    page = await shown(client, page_id)
    assert (page["status"], page["publication"]["link"]) == ("completed", link)
    assert page["publication"]["current"]
    assert page["approval"]["approved_at"] is not None


async def test_approving_twice_has_one_effect(
    world: World, client: httpx.AsyncClient, shop: Shop
) -> None:
    page_id = await shop.finished(options=DRAFT)
    version = (await shown(client, page_id))["approval"]["version"]
    for _ in range(2):
        answer = await decide(client, page_id, "approve", version=version)
        assert (answer.status_code, answer.json()["status"]) == (202, "queued")
    await shop.published(page_id)
    answer = await decide(client, page_id, "approve", version=version)
    assert (answer.status_code, answer.json()["status"]) == (202, "completed")
    trail = [action for action in await audited(world, page_id) if action.startswith("pages.")]
    assert trail.count("pages.approved") == 1


async def test_one_approves_what_one_saw_and_nothing_else(
    client: httpx.AsyncClient, shop: Shop
) -> None:
    page_id = await shop.finished()
    for how, more in (("approve", {}), ("reject", {"reason": "Too long."})):
        answer = await decide(client, page_id, how, version="another", **more)
        assert (answer.status_code, answer.json()["code"]) == (409, "CHANGED")
    waiting = await shop.queued()
    answer = await decide(client, waiting, "approve", version="any")
    assert (answer.status_code, answer.json()["code"]) == (409, "BUSY")
    assert (await decide(client, page_id, "approve")).status_code == 422


async def test_a_page_that_was_made_anew_waits_for_approval_again(
    client: httpx.AsyncClient, shop: Shop
) -> None:
    page_id = await shop.finished(options=DRAFT)
    version = (await shown(client, page_id))["approval"]["version"]
    await decide(client, page_id, "approve", version=version)
    await shop.published(page_id)
    again = await client.post(
        f"/v1/pages/{page_id}/rebuild", json={"assets": ["page_components"], "fresh": True}
    )
    assert again.status_code == 202
    await shop.begun(page_id)
    await shop.made(page_id, remarks=(), headline="Tents that keep the rain out")
    await shop.concludes(page_id)
    page = await shown(client, page_id)
    assert (page["approval"]["state"], page["approval"]["approved_at"]) == ("waiting", None)
    assert not page["publication"]["current"]
    old = await decide(client, page_id, "approve", version=version)
    assert old.json()["code"] == "CHANGED"


async def made_anew(client: httpx.AsyncClient, shop: Shop, page_id: str) -> str:
    """The version of the other document that the page has now."""
    await client.post(
        f"/v1/pages/{page_id}/rebuild", json={"assets": ["page_components"], "fresh": True}
    )
    await shop.begun(page_id)
    await shop.made(page_id, headline="Tents that keep the rain out")
    await shop.concludes(page_id)
    return (await shown(client, page_id))["approval"]["version"]


async def test_no_draft_is_approved_in_place_of_a_public_post(
    world: World, client: httpx.AsyncClient, shop: Shop
) -> None:
    page_id = await shop.finished(options=DRAFT)
    version = (await shown(client, page_id))["approval"]["version"]
    await decide(client, page_id, "approve", version=version, status="publish")
    await shop.published(page_id, "publish")
    version = await made_anew(client, shop, page_id)
    before = await shown(client, page_id)
    for how in ({"status": "draft"}, {}):
        answer = await decide(client, page_id, "approve", version=version, **how)
        assert (answer.status_code, answer.json()["code"]) == (409, "PUBLIC_ALREADY")
        assert "for everyone" in answer.json()["advice"]
    assert await shown(client, page_id) == before
    assert before["publication"]["public"]
    studio = await world.studio(f"/studio/pages/{page_id}")
    assert "Approve for everyone" in studio
    assert "Approve as draft" not in studio
    taken_back = await decide(
        client, page_id, "approve", version=version, status="draft", unpublished=True
    )
    assert (taken_back.status_code, taken_back.json()["status"]) == (202, "queued")


async def test_a_rejected_page_says_why_and_rests(client: httpx.AsyncClient, shop: Shop) -> None:
    page_id = await shop.finished(options=DRAFT)
    version = (await shown(client, page_id))["approval"]["version"]
    for _ in range(2):
        answer = await decide(client, page_id, "reject", version=version, reason="Too long.")
        assert answer.status_code == 200
    page = answer.json()
    assert (page["status"], page["approval"]["state"]) == ("completed", "rejected")
    assert page["approval"]["reason"] == "Too long."
    assert await to_approve(client) == []
    after = await decide(client, page_id, "approve", version=version)  # on second thoughts
    assert (after.status_code, after.json()["approval"]["state"]) == (202, "approved")
    await shop.published(page_id)
    late = await decide(client, page_id, "reject", version=version, reason="Too late.")
    assert (late.status_code, late.json()["code"]) == (409, "PUBLISHED")


async def test_a_stale_page_is_rebuilt_before_it_can_be_approved(
    client: httpx.AsyncClient, shop: Shop
) -> None:
    page_id = await shop.finished(options=DRAFT)
    version = (await shown(client, page_id))["approval"]["version"]
    await client.patch(f"/v1/pages/{page_id}", json={"keywords": ["winter tents"]})
    answer = await decide(client, page_id, "approve", version=version)
    assert (answer.status_code, answer.json()["code"]) == (409, "STALE")


async def test_decisions_of_another_organization_are_not_possible(
    world: World, shop: Shop, client: httpx.AsyncClient
) -> None:
    page_id = await shop.finished(options=DRAFT)
    version = (await shown(client, page_id))["approval"]["version"]
    theirs = world.client("other")
    assert (await decide(theirs, page_id, "approve", version=version)).status_code == 404
    assert (await theirs.patch(f"/v1/pages/{page_id}", json={"keywords": []})).status_code == 404


async def test_exactly_what_rests_on_an_edit_turns_stale(
    client: httpx.AsyncClient, shop: Shop
) -> None:
    page_id = await shop.finished()
    for change, stale in (
        ({"deadline": "2030-01-01T00:00:00Z", "priority": "LOW"}, set()),
        ({"options": {"publish": "draft"}}, set()),
        ({"options": {"skip_quality": True}}, {"page"}),
        ({"brand_voice": "Dry"}, {"page_components", "page"}),
        ({"keywords": ["winter tents"]}, {"page_context", "page_components", "page"}),
    ):
        page = (await client.patch(f"/v1/pages/{page_id}", json=change)).json()
        assert {asset["name"] for asset in page["assets"] if asset["stale"]} == stale, change
    assert page["request"]["options"] == {"skip_quality": True, "publish": "draft"}
    assert page["request"]["metadata"]["topic"] == "Trekking tents"


async def test_a_page_that_waits_changes_its_place_with_its_request(
    client: httpx.AsyncClient, shop: Shop
) -> None:
    page_id = await shop.queued()
    await client.post(f"/v1/pages/{page_id}/priority", json={"priority": "HIGH"})
    change = {"metadata": {"topic": "Stoves"}, "deadline": "2020-01-01T00:00:00Z"}
    page = (await client.patch(f"/v1/pages/{page_id}", json=change)).json()
    assert (page["job"]["priority"], page["title"]) == ("HIGH", "Stoves")
    assert page["job"]["deadline"] == "2020-01-01T00:00:00Z"
    for priority, wanted in (("LOW", "LOW"), (None, "NORMAL")):
        page = (await client.patch(f"/v1/pages/{page_id}", json={"priority": priority})).json()
        assert page["job"]["priority"] == wanted
    page = (await client.patch(f"/v1/pages/{page_id}", json={"deadline": None})).json()
    assert (page["job"]["deadline"], page["job"]["priority"]) == (None, "LOW")


async def test_a_page_in_work_is_not_edited(client: httpx.AsyncClient, shop: Shop) -> None:
    page_id = await shop.queued()
    await shop.begun(page_id)
    answer = await client.patch(f"/v1/pages/{page_id}", json={"keywords": ["stoves"]})
    assert (answer.status_code, answer.json()["code"]) == (409, "BUSY")
    assert "cancel" in answer.json()["advice"]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"page_type": "blog"}, "page_type"),
        ({"page_type": None}, "page_type"),
        ({"keywords": None}, "keywords"),
        ({"target_url": "nowhere"}, "target_url"),
        ({"metadata": {"content_status": "odd"}}, "metadata.content_status"),
        ({"options": {"publish": "now"}}, "options.publish"),
        ({"surprise": 1}, "surprise"),
    ],
)
async def test_an_edit_is_checked_as_a_new_page_is(
    client: httpx.AsyncClient, shop: Shop, change: dict[str, Any], field: str
) -> None:
    page_id = await shop.finished()
    before = (await shown(client, page_id))["request"]
    answer = await client.patch(f"/v1/pages/{page_id}", json=change)
    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == [field]
    assert (await shown(client, page_id))["request"] == before


async def test_a_page_that_failed_the_gate_shows_every_finding_and_its_draft(
    client: httpx.AsyncClient, shop: Shop
) -> None:
    page_id = await shop.queued(options=DRAFT)
    draft = await shop.refused(page_id, FAULTS, "Tents for every rain")
    page = await shown(client, page_id)
    assert (page["status"], page["document"], page["approval"]["state"]) == ("failed", None, "none")
    assert page["draft"]["document"]["html"] == draft.html
    assert [f["advice"] for f in page["draft"]["quality"]["findings"]] == [
        "Have one h1.",
        "Shorter sentences.",
        "",
    ]
    html = await client.get(f"/v1/pages/{page_id}/html", params={"draft": True})
    assert (html.status_code, html.text) == (200, draft.html)
    assert (await client.get(f"/v1/pages/{page_id}/html")).status_code == 404
    await client.post(f"/v1/pages/{page_id}/resume")
    await shop.completes(page_id)
    assert (await shown(client, page_id))["draft"] is None


async def test_words_that_failed_the_gate_are_written_anew_until_something_else_was_asked_for(
    world: World, client: httpx.AsyncClient, shop: Shop
) -> None:
    page_id = await shop.queued()
    await shop.refused(page_id, FAULTS, "Tents for every rain")
    studio = await world.studio(f"/studio/pages/{page_id}")
    assert studio.count("Write it anew") == 1
    assert "Check the same words again" in studio
    assert ">Resume<" not in studio
    letters = await world.studio("/studio/dead-letters")
    assert "Write it anew: " in letters
    assert "Try again: " not in letters
    await client.patch(f"/v1/pages/{page_id}", json={"brand_voice": "Dry"})
    assert ">Resume<" in await world.studio(f"/studio/pages/{page_id}")


async def test_prices_say_when_they_were_taken(client: httpx.AsyncClient, shop: Shop) -> None:
    page = await shown(client, await shop.finished())
    assert page["as_of"] == TAKEN.isoformat().replace("+00:00", "Z")
    assert "Prices and availability as of November 20, 2026." in page["document"]["html"]
