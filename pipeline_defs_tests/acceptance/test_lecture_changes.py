"""What happens to a lecture later: edits, rebuilds, lost files, refusals, budgets, stops."""

from __future__ import annotations

import time
from collections import Counter
from typing import Any

import pytest

from pipeline_defs.domain.lectures.models import SEGMENT_ASSETS
from pipeline_defs_tests.acceptance.conftest import QUICK, SHORT
from pipeline_defs_tests.journey import Journey, paid_twice
from pipeline_defs_tests.product import ProductStack


def file_is_there(user: Journey, sha256: str) -> bool:
    blob = user.product.state / "blobs" / sha256[:2] / sha256[2:4] / sha256
    return blob.is_file()


def billed(user: Journey) -> Counter[str]:
    """Billed calls by capability."""
    return Counter(c["capability"] for c in user.calls() if c["billed"])


def files_of(lecture: dict[str, Any], *without: int) -> dict[str, str]:
    """The file of every asset of every segment."""
    return {
        f"{segment['n']} {name}": segment["assets"][name]["url"]
        for segment in lecture["segments"]
        if segment["n"] not in without
        for name in SEGMENT_ASSETS
    }


@pytest.mark.usefixtures("quick")
def test_an_edited_text_is_the_only_thing_made_again(user: Journey, small: str) -> None:
    lecture_id, before = small, user.finished(small)
    counted = billed(user)
    keys = [f"{lecture_id}/{n:03d}" for n in (1, 2)]
    text = (
        "Coffee is brewed by letting hot water draw flavor, oils and caffeine out of the ground "
        "beans, and its taste depends on grind, time and heat."
    )
    edited = user.api.patch(f"/v1/lectures/{lecture_id}/segments/2", json={"text": text})
    assert edited.status_code == 200, edited.text
    shown = edited.json()
    assert [segment["stale"] for segment in shown["segments"]] == [False, True]
    assert shown["assets"]["lecture_video"]["stale"]
    for asset in ("segment_image", "segment_narration"):
        states = user.settled(lambda a=asset: [user.stale(a, key) for key in keys], 1, "STALE")
        assert states == ["FRESH", "STALE"], asset

    assert user.post(lecture_id, "rebuild").status_code == 202
    after = user.finished(lecture_id)
    assert files_of(after, 2) == files_of(before, 2)
    assert after["segments"][1]["assets"]["segment_narration"]["text"] == text
    assert not any(segment["stale"] for segment in after["segments"])
    made = billed(user) - counted
    assert made["image"] == 1
    assert made["video"] <= 1  # the ready-made picture is the same: then its clip is kept
    assert made["transcription"] <= 1
    assert 1 <= made["speech"] <= 3
    assert made["music"] == made["text"] == made["research"] == 0
    assert user.stale("segment_narration", keys[1]) == "FRESH"


@pytest.mark.usefixtures("quick")
def test_a_new_picture_is_drawn_and_nothing_is_spoken(user: Journey, small: str) -> None:
    lecture_id = small
    counted = billed(user)
    path = f"/v1/lectures/{lecture_id}/segments/2"
    assert user.api.patch(path, json={"picture": "A map of caravans"}).status_code == 200
    assert user.post(lecture_id, "rebuild", parts=[2]).status_code == 202
    user.finished(lecture_id)
    made = billed(user) - counted
    assert made["image"] == 1
    assert made["speech"] == made["transcription"] == made["music"] == 0


@pytest.mark.usefixtures("quick")
def test_one_asset_is_made_anew_on_request_and_paid_once(user: Journey, small: str) -> None:
    lecture_id = small
    counted = billed(user)
    assert user.post(lecture_id, "rebuild", parts=[1], assets=["segment_narration"]).is_success
    user.finished(lecture_id)
    assert billed(user) == counted, "it is up to date: nothing is paid"
    wanted = {"parts": [1], "assets": ["segment_narration"], "fresh": True}
    assert user.post(lecture_id, "rebuild", **wanted).status_code == 202
    user.finished(lecture_id)
    made = billed(user) - counted
    assert 1 <= made["speech"] <= 3, "spoken, and perhaps again at another speed"
    assert made["image"] == made["video"] == made["music"] == 0


@pytest.mark.usefixtures("quick")
def test_missing_and_corrupt_files_are_found_and_healed_without_being_paid_again(
    user: Journey, small: str, stack: ProductStack
) -> None:
    lecture_id, before = small, user.finished(small)
    counted = billed(user)
    blobs = stack.state / "blobs"
    image, clip = (
        before["segments"][0]["assets"][name]["url"].rsplit("/", 1)[1]
        for name in ("segment_image", "segment_clip")
    )
    (blobs / image[:2] / image[2:4] / image).unlink()
    stored = blobs / clip[:2] / clip[2:4] / clip
    stored.write_bytes(stored.read_bytes()[:-1] + b"?")

    report = user.post(lecture_id, "check").json()
    assert report["broken"], report
    assert user.post(lecture_id, "rebuild").status_code == 202
    after = user.finished(lecture_id)
    assert user.post(lecture_id, "check").json()["broken"] == []
    assert files_of(after) == files_of(before)
    assert billed(user) == counted, "the providers know the requests and answer them again"


@pytest.mark.usefixtures("quick")
def test_the_nightly_check_heals_what_was_lost_on_the_disk(
    user: Journey, small: str, stack: ProductStack
) -> None:
    before = user.finished(small)
    counted = billed(user)
    frame = before["segments"][1]["assets"]["segment_narration"]["url"].rsplit("/", 1)[1]
    (stack.state / "blobs" / frame[:2] / frame[2:4] / frame).unlink()
    user.sql(
        "update app.units set files_checked_at = now() - interval '40 days' where id = %s", small
    )
    assert user.run_ended(user.launch("files_check", [], partition="")) == "SUCCESS"
    user.wait(small, until=lambda it: it["status"] == "completed" and file_is_there(user, frame))
    assert files_of(user.finished(small)) == files_of(before)
    assert billed(user) == counted, "the providers know the requests and answer them again"


@pytest.mark.usefixtures("quick")
def test_a_spent_budget_stops_a_lecture_and_a_higher_one_lets_it_go_on(user: Journey) -> None:
    """It stops between two calls: what was begun is kept and paid, and not paid again."""
    user.providers.put("/_control/latency", json={**QUICK, "video": 0.5}).raise_for_status()
    spent = user.sql("select coalesce(sum(cost_usd), 0) from app.usage where org_id = 'default'")
    budget = "insert into app.budgets (org_id, line, hard_usd) values ('default', '', %s)"
    user.sql(budget, float(spent) + 0.006)
    try:
        lecture_id = user.lecture("Honey Bees", 6 / 6)
        stopped = user.wait(lecture_id)
    finally:
        user.sql("delete from app.budgets where org_id = 'default'")
    assert stopped["status"] == "failed"
    assert stopped["error"]["code"] == "BUDGET_EXCEEDED"
    assert "Raise the monthly budget" in stopped["error"]["advice"]
    assert not _any(stopped, "segment_clip", "working")
    ready = {key for key, url in files_of(stopped).items() if url}
    assert 0 < len(ready) < len(files_of(stopped))
    counted = billed(user)
    assert user.post(lecture_id, "resume").status_code == 202
    finished = user.finished(lecture_id)
    kept = {key: url for key, url in files_of(finished).items() if key in ready}
    assert kept == {key: files_of(stopped)[key] for key in ready}
    clips = sum(key.endswith("segment_clip") for key in ready)
    assert (billed(user) - counted)["video"] <= 6 - clips


@pytest.mark.usefixtures("quick")
def test_refusals_and_failures_stay_where_they_are(user: Journey) -> None:
    """Two pictures a segment. Once refused: rewritten; always: title cards. No clip: a still."""
    user.faults(
        _rule("image", "Segment: 1 of 4", {"refusal": True}, times=2),
        _rule("image", "Segment: 2 of 4", {"refusal": True}),
        {"match": {"capability": "image"}, "action": {"delay": 0.01}},
        *[_broken_clip(user)],
    )
    lecture_id = user.lecture("Honey Bees", 4 / 6, images_per_segment=2)
    lecture = user.wait(lecture_id)
    assert lecture["status"] == "incomplete", lecture["error"]
    images = [s["assets"]["segment_image"] for s in lecture["segments"]]
    assert [len(image["images"]) for image in images] == [2, 2, 2, 2]
    assert [image["fallback"] for image in images] == ["rewritten", "title_card", None, None]
    assert all(image["status"] == "ready" for image in images)
    clips = [s["assets"]["segment_clip"]["status"] for s in lecture["segments"]]
    assert Counter(clips) == {"ready": 3, "failed": 1}
    assert lecture["error"]["advice"]
    assert len(lecture["warnings"]) == 3
    assert lecture["video"]["seconds"] == pytest.approx(40, abs=0.05)

    user.faults()
    counted = billed(user)
    assert user.post(lecture_id, "resume").status_code == 202
    assert user.finished(lecture_id)["status"] == "completed"
    made = billed(user) - counted
    assert made["video"] == 1, "only the failed clip"
    assert made["image"] == made["speech"] == made["music"] == 0


@pytest.mark.usefixtures("quick")
def test_cancelling_is_final_within_ten_seconds_and_resume_goes_on(user: Journey) -> None:
    user.providers.put("/_control/latency", json={**QUICK, "video": 4.0}).raise_for_status()
    lecture_id = user.lecture("Photosynthesis", SHORT)
    user.wait(lecture_id, until=lambda it: _any(it, "segment_clip", "working"))
    assert user.post(lecture_id, "cancel").status_code in (200, 202)
    cancelled = user.wait(lecture_id, 10)
    assert cancelled["status"] == "cancelled"
    calls = len(user.calls())
    assert not _any(cancelled, "segment_clip", "working")
    time.sleep(1.5)
    assert len(user.calls()) <= calls + 1, "nothing new is asked for"
    user.providers.put("/_control/latency", json=QUICK).raise_for_status()
    assert user.post(lecture_id, "resume").status_code == 202
    user.finished(lecture_id)


@pytest.mark.usefixtures("quick")
def test_an_edit_while_the_lecture_is_made_is_part_of_it(user: Journey, small: str) -> None:
    user.providers.put("/_control/latency", json={**QUICK, "image": 2.0}).raise_for_status()
    assert user.post(small, "rebuild", assets=["segment_image"], fresh=True).status_code == 202
    user.wait(small, until=lambda it: _any(it, "segment_image", "working"))
    path = f"/v1/lectures/{small}/segments/1"
    text = "Coffee begins as the seed of a red cherry, and ends as a dark drink in a warm cup."
    assert user.api.patch(path, json={"text": text}).status_code == 200
    lecture = user.finished(small)
    assert lecture["segments"][0]["assets"]["segment_narration"]["text"] == text
    assert not any(segment["stale"] for segment in lecture["segments"])
    assert not lecture["assets"]["lecture_video"]["stale"]


@pytest.mark.usefixtures("quick")
def test_one_segment_can_be_materialized_from_the_dagster_ui(user: Journey, small: str) -> None:
    lecture_id = small
    counted = billed(user)
    config = {"ops": {"segment_media": {"config": {"fresh": True}}}}
    run = user.launch("make_lecture_media", ["segment_narration"], f"{lecture_id}/002", config)
    assert user.run_ended(run) == "SUCCESS"
    user.wait(lecture_id, until=lambda it: it["status"] == "completed")
    made = billed(user) - counted
    assert 1 <= made["speech"] <= 3
    assert made["image"] == made["video"] == 0


def test_no_key_was_billed_twice_in_all_of_this(user: Journey) -> None:
    assert paid_twice(user.calls()) == []


def _rule(capability: str, said: str, action: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"match": {"capability": capability, "body_contains": said}, "action": action, **more}


def _broken_clip(user: Journey) -> dict[str, Any]:
    """The third request for a clip is refused for good."""
    match = {"capability": "video", "path_regex": "/videos$"}
    refusal = {"status": 400, "body": {"error": {"code": 400, "message": "unsupported picture"}}}
    return {"match": match, "action": refusal, "skip": 2, "times": 1}


def _any(lecture: dict[str, Any], asset: str, status: str) -> bool:
    return any(s["assets"][asset]["status"] == status for s in lecture["segments"])
