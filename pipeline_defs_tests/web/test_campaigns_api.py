"""Campaigns over the API: created, changed, paused, read, made again; faults name their field."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from pipeline_defs.storage import calls
from pipeline_defs.storage.database import Transaction
from pipeline_defs_tests.web.gateways import World
from pipeline_defs_tests.web.interviewing import REQUEST, Interviews
from pipeline_defs_tests.web.test_webhooks import signed


async def post(world: World, path: str, body: Any = None, **more: Any) -> Any:
    return await world.client().post(f"/v1/campaigns{path}", json=body, **more)


async def test_a_campaign_is_created_once_under_a_key_and_is_all_there(world: World) -> None:
    key = {"Idempotency-Key": "campaign-key"}
    first = await post(world, "", REQUEST, headers=key)
    again = await post(world, "", REQUEST, headers=key)
    assert (first.status_code, again.json()["id"]) == (202, first.json()["id"])
    shown = (await world.client().get(f"/v1/campaigns/{first.json()['id']}")).json()
    assert (shown["status"], shown["goal"]) == ("queued", REQUEST["goal"])
    assert shown["quiet_hours"] is None
    assert [h["text"] for h in shown["hypotheses"]] == ["People like bread.", "People like cake."]
    assert [c["phone"] for c in shown["calls"]] == ["+12…0130", "+12…0131", "+12…0132", "+12…0133"]
    assert "+12025550130" not in json.dumps(shown)
    assert [s["name"] for s in shown["progress"]["stages"]] == [
        "calls", "transcripts", "verdicts", "report"
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("change", "field", "says"),
    [
        ({"contacts": [{"phone": "12345"}]}, "contacts[0].phone", "country code"),
        ({"contacts": [{"phone": "+1202555"}]}, "contacts[0].phone", "check its digits"),
        ({"time_zone": "Mars/Olympus"}, "time_zone", "Europe/Berlin"),
        ({"quiet_hours": {"start": "25:00"}}, "quiet_hours.start", "20:30"),
        ({"checklist": [{"question": "Why?", "hypothesis": 7}]}, "", "there are 2"),
        ({"contacts": []}, "contacts", "at least 1"),
        ({"consent": "Hi"}, "consent", "at least 20"),
        ({"budget_usd": "-1"}, "budget_usd", "greater than 0"),
        ({"surprise": 1}, "surprise", "not a known field"),
    ],
)
async def test_a_faulty_field_is_named_and_nothing_is_stored(
    world: World, change: dict[str, Any], field: str, says: str
) -> None:
    answer = await post(world, "", {**REQUEST, **change})
    assert answer.status_code == 422, answer.text
    errors = answer.json()["errors"]
    assert any(field in e["field"] and says in e["message"] for e in errors), errors
    assert (await world.client().get("/v1/campaigns")).json()["items"] == []


async def test_a_file_is_taken_as_yaml_and_its_faults_are_named(world: World) -> None:
    good = await post(world, "/file", {"file": json.dumps(REQUEST)})
    assert good.status_code == 202, good.text
    bad = await post(world, "/file", {"file": "goal: x\ncontacts:\n  - {phone: '1'}\n"})
    assert bad.status_code == 422
    said = bad.json()["errors"][0]["message"]
    assert "contacts, number 1, phone" in said
    assert "hypotheses: is required" in said
    for faulty in ("{", json.dumps({**REQUEST, "title": "a\0b"}), 'title: "a\\0b"'):
        refused = await post(world, "/file", {"file": faulty})
        assert refused.status_code == 422, refused.text
    assert len((await world.client().get("/v1/campaigns")).json()["items"]) == 1


async def test_it_is_paused_changed_and_goes_on(world: World) -> None:
    campaign_id = await Interviews(world).queued()
    own = f"/{campaign_id}"
    assert (await post(world, f"{own}/pause")).json()["paused"] is True
    changed = await world.client().patch(
        f"/v1/campaigns{own}", json={"budget_usd": "12.5", "do_not_call": ["+1 202 555 0131"]}
    )
    assert (changed.json()["budget_usd"], changed.json()["do_not_call"]) == (12.5, 1)
    assert (await world.client().patch(f"/v1/campaigns{own}", json={})).status_code == 422
    assert (await post(world, f"{own}/unpause")).json()["paused"] is False
    assert (await post(world, f"{own}/cancel")).json()["status"] == "cancelled"
    assert (await post(world, f"{own}/pause")).status_code == 409
    assert (await post(world, f"{own}/resume")).json()["status"] == "queued"
    assert (await post(world, f"{own}/rebuild", {})).status_code == 409


async def test_a_finished_one_shows_verdicts_evidence_calls_and_files(world: World) -> None:
    interviews = Interviews(world)
    campaign_id = await interviews.queued()
    await interviews.finished(campaign_id)
    client = world.client()
    shown = (await client.get(f"/v1/campaigns/{campaign_id}")).json()
    bread, cake = shown["hypotheses"]
    assert (bread["verdict"]["status"], cake["verdict"]["status"]) == ("VALIDATED", "INVALIDATED")
    assert shown["counts"] == {"completed": 3, "no_answer": 1}
    assert [claim["call"] for claim in bread["claims"]] == [1, 2, 3]
    call = (await client.get(f"/v1/campaigns/{campaign_id}/calls/1")).json()
    assert [u["speaker"] for u in call["utterances"]] == ["AI", "HUMAN", "AI", "HUMAN"]
    assert call["utterances"][1]["words"][0][0] == "Yes,"
    sound = await client.get(call["recording"]["url"])
    assert (sound.status_code, sound.headers["content-type"]) == (200, "audio/wav")
    report = await client.get(shown["report"]["files"]["report.md"])
    assert "attachment" in report.headers["content-disposition"]
    assert bread["verdict"]["conclusion"] in report.text
    assert (await client.get(f"/v1/campaigns/{campaign_id}/calls/9")).status_code == 404
    history = (await client.get(f"/v1/campaigns/{campaign_id}/hypotheses/1/verdicts")).json()
    assert [verdict["number"] for verdict in history] == [1]
    assert (
        await client.get(f"/v1/campaigns/{campaign_id}/hypotheses/3/verdicts")
    ).status_code == 404


async def test_a_stage_waits_until_it_really_began(world: World) -> None:
    worker = Interviews(world)
    campaign_id = await worker.queued()
    await worker.begun(campaign_id)

    async def stages() -> list[str]:
        shown = (await world.client().get(f"/v1/campaigns/{campaign_id}")).json()
        return [stage["status"] for stage in shown["progress"]["stages"]]

    assert await stages() == ["pending"] * 4
    await worker.talked(campaign_id, 1)
    assert await stages() == ["running", "running", "pending", "pending"]  # nothing judged yet
    await worker.judged(campaign_id)
    assert await stages() == ["running", "running", "running", "pending"]


async def test_what_is_made_again_is_not_done_until_it_is(world: World) -> None:
    worker = Interviews(world)
    campaign_id = await worker.queued()
    await worker.finished(campaign_id)
    path = f"/v1/campaigns/{campaign_id}"

    async def stages() -> list[tuple[str, int]]:
        shown = (await world.client().get(path)).json()["progress"]["stages"]
        return [(stage["status"], stage["done"]) for stage in shown]

    assert await stages() == [("completed", n) for n in (4, 4, 2, 1)]
    again = {"parts": [1], "assets": ["claims"], "fresh": True}
    await post(world, f"/{campaign_id}/rebuild", again)
    await worker.begun(campaign_id)
    assert await stages() == [("completed", 4), ("running", 3), ("pending", 0), ("pending", 0)]


async def test_files_are_served_whole_in_ranges_and_as_what_they_are(world: World) -> None:
    interviews = Interviews(world)
    campaign_id = await interviews.queued()
    await interviews.finished(campaign_id)
    client = world.client()
    shown = (await client.get(f"/v1/campaigns/{campaign_id}")).json()
    url = shown["calls"][0]["recording"]["url"]
    whole = (await client.get(url)).content
    part = await client.get(url, headers={"Range": "bytes=100-199"})
    assert (part.status_code, part.content) == (206, whole[100:200])
    beyond = await client.get(url, headers={"Range": f"bytes={len(whole)}-"})
    assert (beyond.status_code, beyond.json()["code"]) == (416, "RANGE_NOT_SATISFIABLE")
    for name, path in shown["report"]["files"].items():
        kind = "text/markdown" if name.endswith(".md") else "text/csv"
        file = await client.get(path)
        assert file.headers["content-type"] == f"{kind}; charset=utf-8"
        assert file.headers["x-content-type-options"] == "nosniff"
        head = await client.head(path)
        assert (head.content, head.headers["content-length"]) == (b"", str(len(file.content)))
    unknown = await client.get(f"/v1/campaigns/{campaign_id}/report/secrets.csv")
    assert (unknown.status_code, "report.md" in unknown.json()["detail"]) == (404, True)
    report = shown["report"]["files"]["report.md"]
    assert (await world.client("other").get(report)).status_code == 404
    assert (await world.client("other").get(url)).status_code == 404


async def test_attempts_before_the_current_one_are_told(world: World) -> None:
    interviews = Interviews(world)
    campaign_id = await interviews.queued()
    await interviews.begun(campaign_id)

    async def again(tx: Transaction) -> None:
        call = await calls.get(tx, campaign_id, 2)
        assert call is not None
        await calls.move(tx, call, ("ringing", "busy"))
        await calls.begin_attempt(tx, call, datetime.now(UTC))

    await interviews.transact(again)
    shown = (await world.client().get(f"/v1/campaigns/{campaign_id}/calls/2")).json()
    assert (shown["attempt"], shown["status"]) == (2, "queued")
    assert [(a["attempt"], a["status"]) for a in shown["earlier_attempts"]] == [(1, "busy")]


async def test_signed_events_pause_let_go_on_and_rebuild(world: World) -> None:
    interviews = Interviews(world)
    campaign_id = await interviews.queued()

    async def tell(what: str, **data: Any) -> dict[str, Any]:
        event = {"type": f"campaign/{what}", "data": {"id": campaign_id, **data}}
        name = f"{what}-{len(data)}"
        return (await world.client(None).post("/v1/events", **signed(event, name))).json()

    assert (await tell("pause"))["status"] == "done"
    assert (await interviews.read(campaign_id)).paused
    assert (await tell("unpause"))["status"] == "done"
    assert not (await interviews.read(campaign_id)).paused
    busy = await tell("rebuild", parts=[1])
    assert (busy["status"], "BUSY" in busy["reason"]) == ("dead", True)
    await interviews.finished(campaign_id)
    assert (await tell("rebuild", parts=[1], assets=["claims"], fresh=True))["status"] == "done"
    assert (await interviews.read(campaign_id)).status == "queued"
    faulty = await tell("rebuild", parts=[0], assets=["cake"])
    assert (faulty["status"], "INVALID_EVENT" in faulty["reason"]) == ("dead", True)


async def test_a_rebuild_makes_what_is_named_and_nothing_else(world: World) -> None:
    interviews = Interviews(world)
    campaign_id = await interviews.queued()
    await interviews.finished(campaign_id)
    nothing = await post(world, f"/{campaign_id}/rebuild", {})
    assert (nothing.status_code, nothing.json()["making"]["total"]) == (200, 0)
    body = {"parts": [2], "assets": ["claims"], "fresh": True}
    again = await post(world, f"/{campaign_id}/rebuild", body)
    assert (again.status_code, again.json()["status"]) == (202, "queued")
    assert again.json()["making"]["summary"] == "1 extraction"
    campaign = await interviews.read(campaign_id)
    assert [call.extraction is None for call in campaign.calls] == [False, True, False, True]
    missing = await post(world, f"/{campaign_id}/rebuild", {"parts": [9]})
    assert missing.status_code == 409  # it is queued
