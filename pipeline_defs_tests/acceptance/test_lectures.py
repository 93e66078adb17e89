"""A lecture from topic to finished video, on the whole running product and with real media."""

from __future__ import annotations

from itertools import combinations, pairwise
from pathlib import Path
from typing import Any

import pytest

from pipeline_defs import policies
from pipeline_defs.domain.lectures.models import SEGMENT_ASSETS
from pipeline_defs.media.film import inspect_film
from pipeline_defs.media.pictures import hash_distance, perceptual_hash
from pipeline_defs_tests.journey import Journey, paid_twice


@pytest.fixture(scope="module")
def finished(user: Journey) -> dict[str, Any]:
    """A real lecture of three segments."""
    return user.finished(user.lecture("Volcanoes", 0.5), seconds=120)


def file(user: Journey, url: str) -> bytes:
    answer = user.api.get(url, follow_redirects=True)
    assert answer.status_code == 200, answer.text
    return answer.content


async def test_the_video_has_the_asked_length_loudness_and_sync(
    user: Journey, finished: dict[str, Any], tmp_path: Path
) -> None:
    path = tmp_path / "film.mp4"
    path.write_bytes(file(user, f"/v1/lectures/{finished['id']}/video"))
    film = await inspect_film(path)
    frame = 1 / policies.VIDEO_FPS
    assert abs(film.video_seconds - 30) <= frame
    assert abs(film.video_seconds - film.audio_seconds) <= policies.SYNC_DRIFT_END
    assert (film.width, film.height) == (1280, 720)
    assert film.loudness is not None
    assert abs(film.loudness - policies.LOUDNESS_LUFS) <= policies.LOUDNESS_TOLERANCE
    assert film.true_peak is not None
    assert film.true_peak <= policies.TRUE_PEAK_DBTP
    assert film.black == ()
    assert film.frozen == ()
    assert len(film.chapters) >= 1
    assert not any(check["faults"] for check in finished["video"]["checks"])


def test_each_segment_speaks_its_text_in_its_time(finished: dict[str, Any]) -> None:
    for segment in finished["segments"]:
        narration = segment["assets"]["segment_narration"]
        begin, end = narration["speech"]
        assert 9.5 <= narration["seconds"] <= 10.5
        assert 8.5 <= end - begin <= 9.95, segment
        assert narration["wer"] <= policies.NARRATION_WER_MAX, segment
        assert narration["method"]


def test_no_two_segments_show_the_same(user: Journey, finished: dict[str, Any]) -> None:
    seen = [
        perceptual_hash(file(user, segment["assets"]["segment_image"]["url"]))
        for segment in finished["segments"]
    ]
    for one, other in combinations(seen, 2):
        assert hash_distance(one, other) > policies.NEAR_DUPLICATE_BITS


def test_captions_say_the_script_in_order_and_within_the_film(
    user: Journey, finished: dict[str, Any]
) -> None:
    text = file(user, f"/v1/lectures/{finished['id']}/captions").decode()
    assert text.startswith("WEBVTT")
    times = [line.split(" --> ") for line in text.splitlines() if " --> " in line]
    spans = [(_seconds(start), _seconds(end)) for start, end in times]
    assert all(start < end for start, end in spans)
    assert all(before[1] <= after[0] + 0.001 for before, after in pairwise(spans))
    assert spans[-1][1] <= 30
    said = " ".join(
        line for line in text.splitlines()[1:] if line and "-->" not in line and not line.isdigit()
    )
    for segment in finished["segments"]:
        first = segment["assets"]["segment_narration"]["text"].split()[0]
        assert first in said


def test_dagster_shows_every_asset_as_materialized_and_fresh(
    user: Journey, finished: dict[str, Any]
) -> None:
    keys = [f"{finished['id']}/{n:03d}" for n in (1, 2, 3)]
    for asset in SEGMENT_ASSETS:
        assert set(keys) <= set(user.partitions(asset)["materializedPartitions"]), asset
        assert [user.stale(asset, key) for key in keys] == ["FRESH"] * 3, asset
    for asset in ("lecture_script", "lecture_music", "lecture_video"):
        assert user.stale(asset, finished["id"]) == "FRESH"


def test_it_is_priced_by_what_was_used(finished: dict[str, Any]) -> None:
    assert float(finished["cost_usd"]) > 0
    assert all(segment["cost_usd"] > 0 for segment in finished["segments"])


def test_the_music_is_composed_beside_the_media_and_keeps_its_price(
    user: Journey, finished: dict[str, Any]
) -> None:
    own = finished["id"]
    begun = "select min(started_at) from app.ledger where unit_id = %s and step = 'music'"
    done = "select max(finished_at) from app.ledger where unit_id = %s and step = 'clip'"
    assert user.sql(begun, own) < user.sql(done, own)
    told = user.sql(
        "select cost_usd from app.asset_versions where unit_id = %s and asset = 'lecture_music'",
        own,
    )
    used = user.sql(
        "select sum(cost_usd) from app.usage where unit_id = %s and asset = 'lecture_music'", own
    )
    assert 0 < told == used


def test_files_are_served_in_parts_and_only_to_whom_they_belong(
    user: Journey, finished: dict[str, Any]
) -> None:
    video = user.api.get(f"/v1/lectures/{finished['id']}/video", follow_redirects=True)
    url = str(video.url)
    part = user.api.get(url, headers={"Range": "bytes=0-99"})
    assert part.status_code == 206
    assert part.content == video.content[:100]
    foreign = user.api.get(f"/v1/lectures/{finished['id']}/files/{'0' * 64}")
    assert foreign.status_code == 404


def test_a_topic_the_corpus_does_not_cover_is_refused_in_words(user: Journey) -> None:
    failed = user.wait(user.lecture("Quarterly tax law of Liechtenstein", 0.5))
    assert failed["status"] == "failed"
    assert failed["error"]["code"] == "REFUSED"
    assert "Photosynthesis" in failed["error"]["message"]


@pytest.mark.usefixtures("quick")
def test_a_script_of_ones_own_is_said_word_for_word(user: Journey) -> None:
    texts = [
        "Tides are the slow rise and fall of the sea, drawn by the moon and, more weakly, the sun.",
        "Twice a month sun and moon pull in one line, and the water rises higher than usual.",
    ]
    lecture = user.finished(user.lecture(script=texts, minutes=2 / 6, title="Tides"))
    assert [segment["text"] for segment in lecture["segments"]] == texts
    assert lecture["title"] == "Tides"


def test_no_key_was_billed_twice_in_all_of_this(user: Journey) -> None:
    assert paid_twice(user.calls()) == []


def _seconds(clock: str) -> float:
    hours, minutes, seconds = clock.strip().split(":")
    return int(hours) * 3600 + int(minutes) * 60 + float(seconds)
