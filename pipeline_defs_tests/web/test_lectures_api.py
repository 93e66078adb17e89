"""Lectures over HTTP, as users and the command line call it."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from pipeline_defs.storage import lectures
from pipeline_defs_tests.web.filming import TEXTS, Studio
from pipeline_defs_tests.web.gateways import World

CREATE = {"topic": "How honey bees dance", "minutes": 0.5}


@pytest.fixture
def studio(world: World) -> Studio:
    """Makes lectures as a worker does."""
    return Studio(world)


async def read(client: httpx.AsyncClient, lecture_id: str) -> dict[str, Any]:
    """The lecture as the API shows it."""
    answer = await client.get(f"/v1/lectures/{lecture_id}")
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_a_created_lecture_can_be_read_at_its_link(client: httpx.AsyncClient) -> None:
    answer = await client.post("/v1/lectures", json=CREATE)
    assert answer.status_code == 202, answer.text
    created = answer.json()
    assert created["links"]["self"] == answer.headers["location"]
    lecture = await read(client, created["id"])
    assert (lecture["kind"], lecture["status"], lecture["seconds"]) == ("lectures", "queued", 30)
    assert [(s["name"], s["total"]) for s in lecture["progress"]["stages"]] == [
        ("lecture_script", 1),
        ("segment_image", 3),
        ("segment_narration", 3),
        ("segment_start_frame", 3),
        ("segment_clip", 3),
        ("lecture_music", 1),
        ("lecture_video", 1),
    ]
    assert (lecture["segments"], lecture["video"]) == ([], None)
    assert "/assets/lecture_video?" in lecture["links"]["dagster_asset"]


async def test_the_same_idempotency_key_makes_one_lecture(client: httpx.AsyncClient) -> None:
    key = {"Idempotency-Key": "order-43"}
    first = await client.post("/v1/lectures", json=CREATE, headers=key)
    again = await client.post("/v1/lectures", json=CREATE, headers=key)
    assert (again.status_code, again.json()) == (202, first.json())
    assert again.headers["idempotent-replayed"] == "true"
    other = await client.post("/v1/lectures", json=CREATE | {"minutes": 1}, headers=key)
    assert (other.status_code, other.json()["code"]) == (409, "IDEMPOTENCY_CONFLICT")
    assert len((await client.get("/v1/lectures")).json()["items"]) == 1


async def test_a_script_of_ones_own_sets_the_number_of_segments(client: httpx.AsyncClient) -> None:
    answer = await client.post("/v1/lectures", json={"script": list(TEXTS[:2]), "title": "Bees"})
    assert answer.status_code == 202, answer.text
    lecture = await read(client, answer.json()["id"])
    assert (lecture["seconds"], lecture["title"]) == (20, "Bees")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"minutes": 1}, "body"),
        ({"topic": "Bees"}, "minutes"),
        ({"topic": "Bees", "minutes": 0.13}, "minutes"),
        ({"topic": "Bees", "minutes": 600}, "minutes"),
        ({"topic": "Bees", "minutes": 1, "voice": "robot"}, "voice"),
        ({"topic": "Bees", "minutes": 1, "music_tracks": 9}, "music_tracks"),
        ({"topic": "Bees", "minutes": 1, "colour": "red"}, "colour"),
        ({"script": ["x" * 999]}, "script"),
    ],
)
async def test_a_faulty_request_is_refused_with_its_field(
    client: httpx.AsyncClient, body: dict[str, Any], field: str
) -> None:
    answer = await client.post("/v1/lectures", json=body)
    assert (answer.status_code, answer.json()["code"]) == (422, "INVALID_REQUEST")
    fields = [error["field"].partition("[")[0] for error in answer.json()["errors"]]
    assert field in fields, answer.text


async def test_segments_carry_their_assets_with_files_and_costs(
    studio: Studio, client: httpx.AsyncClient
) -> None:
    lecture_id = await studio.queued()
    await studio.scripted(lecture_id)
    await studio.segment(lecture_id, 1)
    await studio.working(lecture_id, "segment_image", 2)
    await studio.spend(lecture_id, 1, "image", 0.25)
    first, second, _ = (await read(client, lecture_id))["segments"]
    assert (first["n"], first["start"], first["status"], first["stale"]) == (
        1, 0, "completed", False,
    )  # fmt: skip
    assert (first["narration_seconds"], first["cost_usd"]) == (9.62, 0.25)
    image = first["assets"]["segment_image"]
    assert (image["status"], image["urls"]) == ("ready", [image["url"]])
    assert image["images"][0]["kind"] == "drawn"
    assert first["assets"]["segment_narration"]["method"] == "speed"
    for name, media_type in [
        ("segment_image", "image/png"),
        ("segment_narration", "audio/wav"),
        ("segment_start_frame", "image/png"),
        ("segment_clip", "video/webm"),
    ]:
        answer = await client.get(first["assets"][name]["url"])
        assert (answer.status_code, answer.headers["content-type"]) == (200, media_type)
    assert (second["status"], second["start"]) == ("working", 10)
    assert second["assets"]["segment_clip"]["url"] is None


async def test_a_finished_lecture_leads_to_its_video_and_what_goes_with_it(
    studio: Studio, client: httpx.AsyncClient
) -> None:
    lecture_id = await studio.made()
    lecture = await read(client, lecture_id)
    video = lecture["video"]
    assert (lecture["status"], video["stale"], video["seconds"]) == ("completed", False, 30.0)
    assert video["marks"][1] == {"start": 1.0, "title": "The waggle run"}
    assert {check["name"] for check in video["checks"]} == {"loudness", "sync", "black"}
    assert all(s["status"] == "completed" for s in lecture["progress"]["stages"])
    for name in ("video", "captions", "chapters", "poster", "manifest"):
        answer = await client.get(f"/v1/lectures/{lecture_id}/{name}")
        assert answer.status_code == 303
        target = video["url" if name == "video" else name]
        assert answer.headers["location"] == f"{target}?film={name}"
        saved = await client.get(
            f"/v1/lectures/{lecture_id}/{name}?download=1", follow_redirects=True
        )
        named = saved.headers["content-disposition"]
        assert named.startswith(f'attachment; filename="How-honey-bees-dance-{name}.')
    assert lecture["links"]["video"] == f"/v1/lectures/{lecture_id}/video"


async def test_an_edit_makes_exactly_what_follows_from_it_stale(
    studio: Studio, client: httpx.AsyncClient
) -> None:
    lecture_id = await studio.made()
    edit = {"picture": "A diagram of the figure of eight, seen from above"}
    answer = await client.patch(f"/v1/lectures/{lecture_id}/segments/2", json=edit)
    assert answer.status_code == 200, answer.text
    lecture = answer.json()
    stale = {
        (s["n"], name) for s in lecture["segments"] for name, a in s["assets"].items() if a["stale"]
    }
    assert stale == {(2, "segment_image"), (2, "segment_start_frame"), (2, "segment_clip")}
    assert lecture["segments"][1]["picture"] == edit["picture"]
    assert [s["stale"] for s in lecture["segments"]] == [False, True, False]
    assert lecture["video"]["stale"] is True
    stages = {s["name"]: (s["done"], s["total"]) for s in lecture["progress"]["stages"]}
    assert stages["segment_image"] == (2, 3)
    assert stages["segment_narration"] == (3, 3)


@pytest.mark.parametrize(
    ("edit", "field"),
    [
        ({}, "body"),
        ({"heading": None}, "body"),
        ({"text": " "}, "text"),
        ({"text": "x" * 261}, "text"),
        ({"heading": "x" * 81}, "heading"),
        ({"title": "A title"}, "title"),
    ],
)
async def test_a_faulty_edit_is_refused_with_its_field(
    studio: Studio, client: httpx.AsyncClient, edit: dict[str, Any], field: str
) -> None:
    lecture_id = await studio.queued()
    await studio.scripted(lecture_id)
    answer = await client.patch(f"/v1/lectures/{lecture_id}/segments/1", json=edit)
    assert answer.status_code == 422, answer.text
    assert answer.json()["errors"][0]["field"] == field
    missing = await client.patch(f"/v1/lectures/{lecture_id}/segments/9", json={"heading": "x"})
    assert (missing.status_code, "numbered 1 to 3" in missing.json()["advice"]) == (404, True)


async def test_a_plan_says_in_stages_what_a_rebuild_would_make(
    studio: Studio, client: httpx.AsyncClient
) -> None:
    lecture_id = await studio.made()
    path = f"/v1/lectures/{lecture_id}/plan"
    nothing = (await client.get(path)).json()
    assert (nothing["total"], nothing["stages"]) == (0, [])
    assert "fresh" in nothing["advice"]
    await client.patch(
        f"/v1/lectures/{lecture_id}/segments/1", json={"text": "Bees dance at home."}
    )
    plan = (await client.get(path)).json()
    assert plan["summary"] == "1 image, 1 narration, 1 start frame, 1 clip and the video"
    assert plan["stages"][0]["description"] == "Stage 1: 1 image, 1 narration"
    assert [stage["number"] for stage in plan["stages"]] == [1, 2, 3, 4]
    named = {"parts": "2,3", "assets": ["segment_narration"], "fresh": "true"}
    anew = (await client.get(path, params=named)).json()
    assert anew["summary"] == "2 narrations and the video"
    assert (await read(client, lecture_id))["status"] == "completed"  # nothing was done
    for wrong in ({"parts": "two"}, {"assets": "article"}):
        answer = await client.get(path, params=wrong)
        assert answer.status_code == 422
        assert answer.json()["errors"][0]["field"].startswith(next(iter(wrong)))


async def test_a_rebuild_says_what_it_makes_and_when_there_is_nothing(
    studio: Studio, client: httpx.AsyncClient
) -> None:
    lecture_id = await studio.made()
    path = f"/v1/lectures/{lecture_id}/rebuild"
    nothing = await client.post(path)
    assert (nothing.status_code, nothing.json()["status"]) == (200, "completed")
    assert nothing.json()["making"]["total"] == 0
    assert "fresh" in nothing.json()["making"]["advice"]
    body = {"parts": [3], "assets": ["segment_narration"], "fresh": True}
    answer = await client.post(path, json=body)
    assert (answer.status_code, answer.json()["status"]) == (202, "queued")
    assert answer.json()["making"]["summary"] == "1 narration and the video"
    lecture = await studio.world.transact(lambda tx: lectures.required(tx, lecture_id))
    assert lecture.generation("segment_narration", f"{lecture_id}/003") == 1
    busy = await client.post(path)
    assert (busy.status_code, busy.json()["code"]) == (409, "BUSY")


async def test_lost_files_are_found_by_a_check_and_made_again_by_a_rebuild(
    studio: Studio, client: httpx.AsyncClient
) -> None:
    lecture_id = await studio.made()
    check = f"/v1/lectures/{lecture_id}/check"
    whole = (await client.post(check)).json()
    assert (whole["healthy"], whole["broken"], whole["files"]) == (True, [], 18)
    narration = (await read(client, lecture_id))["segments"][1]["assets"]["segment_narration"]
    _path(studio, narration["url"]).write_bytes(b"something else")
    clips = (await client.post(check)).json()
    assert [(b["asset"], b["part"], b["code"]) for b in clips["broken"]] == [
        ("segment_narration", 2, "BLOB_CORRUPT")
    ]
    assert "Rebuild" in clips["advice"]
    assert (await read(client, lecture_id))["status"] == "completed"  # nothing is changed by it
    plan = (await client.get(f"/v1/lectures/{lecture_id}/plan")).json()
    assert plan["summary"] == "1 narration and the video"
    rebuilt = await client.post(f"/v1/lectures/{lecture_id}/rebuild")
    assert rebuilt.status_code == 202
    assert rebuilt.json()["making"]["broken"][0]["part"] == 2
    error = rebuilt.json()["segments"][1]["assets"]["segment_narration"]
    assert (error["status"], error["url"]) == ("pending", None)


async def test_failures_and_stand_ins_are_told(studio: Studio, client: httpx.AsyncClient) -> None:
    lecture_id = await studio.incomplete()
    lecture = await read(client, lecture_id)
    image = lecture["segments"][1]["assets"]["segment_image"]
    assert (image["status"], image["error"]["code"]) == ("failed", "CONTENT_POLICY")
    assert image["error"]["advice"].startswith("Change what the segment shows")
    assert lecture["warnings"] == ["segment 2: shown as a moving still, without its clip"]
    assert "image of segment 2" in lecture["error"]["message"]
    statuses = {s["name"]: s["status"] for s in lecture["progress"]["stages"]}
    assert (statuses["segment_image"], statuses["segment_clip"]) == ("failed", "skipped")
    resumed = await client.post(f"/v1/lectures/{lecture_id}/resume")
    assert (resumed.status_code, resumed.json()["status"]) == (202, "queued")
    cancelled = await client.post(f"/v1/lectures/{lecture_id}/cancel")
    assert (cancelled.status_code, cancelled.json()["status"]) == (200, "cancelled")


async def test_units_of_every_kind_stand_in_one_list_and_cost_and_queue(
    world: World, studio: Studio, client: httpx.AsyncClient
) -> None:
    article_id, lecture_id = await world.article(), await studio.queued()
    everything = (await client.get("/v1/units")).json()["items"]
    assert [item["id"] for item in everything] == [lecture_id, article_id]
    only = (await client.get("/v1/units", params={"kind": "articles"})).json()["items"]
    assert [item["id"] for item in only] == [article_id]
    assert [i["id"] for i in (await client.get("/v1/lectures")).json()["items"]] == [lecture_id]
    kinds = (await client.get("/v1/queue")).json()["kinds"]
    assert kinds == {"articles": {"queued": 1}, "lectures": {"queued": 1}}
    await studio.spend(lecture_id, 1, "image", 0.5)
    cost = (await client.get(f"/v1/lectures/{lecture_id}/cost")).json()
    assert (cost["total_usd"], cost["items"][0]["partition"]) == (0.5, f"{lecture_id}/001")
    assert (await client.get(f"/v1/articles/{lecture_id}/cost")).status_code == 404


async def test_unknown_and_odd_ids_are_not_found(client: httpx.AsyncClient) -> None:
    actions = [
        ("GET", ""), ("POST", "/cancel"), ("POST", "/resume"), ("POST", "/rebuild"),
        ("POST", "/check"), ("GET", "/plan"), ("GET", "/cost"), ("GET", "/video"),
        ("GET", f"/files/{'0' * 64}"),
    ]  # fmt: skip
    for lecture_id in ["nope", "A%00", "x" * 300]:
        for method, path in actions:
            answer = await client.request(method, f"/v1/lectures/{lecture_id}{path}")
            assert answer.status_code == 404, (lecture_id, method, path)
            assert answer.headers["content-type"] == "application/problem+json"


def _path(studio: Studio, url: str) -> Any:
    sha = url.rsplit("/", 1)[-1]
    folder = studio.world.gateway.settings.pipeline_state / "blobs"
    return folder / sha[:2] / sha[2:4] / sha
