"""A fifth line, defined outside of the product, works as the four do: docs/adding-a-line.md."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline_defs_tests.example_line.domain import MAKERS
from pipeline_defs_tests.example_line.world import ORG, PRICE, REFUSED, Poetry, poetry
from pipeline_defs_tests.gateways.scripted_server import Answer
from pipeline_defs_tests.servers import TestDatabase
from pipeline_defs_tests.web.gateways import settings_for

BUSY = Answer({"error": {"message": "overloaded"}}, 503)


@pytest.fixture
def poems(
    database: TestDatabase, redis_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Poetry]:
    """A world with the line."""
    settings = settings_for(database, redis_url, tmp_path)
    with poetry(database, settings, monkeypatch) as world:
        yield world


def test_a_haiku_is_written_once_edited_and_only_what_changed_is_paid_again(poems: Poetry) -> None:
    poems.poet.script(BUSY)
    haiku_id = poems.create("moss", "rain", "frogs")
    assert poems.settle() == ["write_verses", "bind_haikus"]

    haiku = poems.get(f"/v1/haikus/{haiku_id}")
    assert haiku["status"] == "completed"
    assert haiku["text"] == "Of moss I sing\nOf rain I sing\nOf frogs I sing"
    assert set(poems.asked) == {"moss", "rain", "frogs"}
    assert len(poems.asked) == 4  # one was tried again
    assert poems.checks("haiku", "haiku_repeats_no_verse") == [True]
    first, second, third = (f"{haiku_id}/{n}" for n in (1, 2, 3))
    verse = poems.events("verse")[second]
    assert verse.metadata["verse"].value == "> Of rain I sing"
    tags = dict(verse.tags or {})
    assert tags["dagster/code_version"] == MAKERS["verse"].version({})
    assert tags["dagster/input_data_version/verse_theme"]
    assert tags["dagster/input_event_pointer/verse_theme"]
    assert poems.stale(haiku_id) == (set(), set())
    before = {key: event.tags for key, event in poems.events("verse").items()}

    poems.edit(haiku_id, 2, "snow")
    assert poems.stale(haiku_id) == ({("verse", second)}, {("verse", second)})
    plan = poems.get(f"/v1/haikus/{haiku_id}/plan")
    assert (plan["summary"], plan["cost_usd"]) == ("1 verse and the haiku", PRICE)
    poems.post(f"/v1/haikus/{haiku_id}/resume")
    assert poems.settle() == ["write_verses", "bind_haikus"]

    assert poems.asked[4:] == ["snow"]
    assert poems.get(f"/v1/haikus/{haiku_id}")["text"] == (
        "Of moss I sing\nOf snow I sing\nOf frogs I sing"
    )
    after = {key: event.tags for key, event in poems.events("verse").items()}
    assert {key for key in after if after[key] != before[key]} == {second}
    assert poems.stale(haiku_id) == (set(), set())

    poems.edit(haiku_id, 2, "rain")  # what was paid for once is found again
    assert [(one.unit_id, one.outcome) for one in poems.backfill()] == [(haiku_id, "queued")]
    poems.settle()
    assert len(poems.asked) == 5
    assert poems.get(f"/v1/haikus/{haiku_id}")["text"] == haiku["text"]
    assert {first, second, third} == set(poems.events("verse"))


def test_one_verse_that_fails_leaves_the_others_and_can_be_mended(poems: Poetry) -> None:
    haiku_id = poems.create("moss", REFUSED)
    assert poems.settle() == ["write_verses"]
    haiku = poems.get(f"/v1/haikus/{haiku_id}")
    assert haiku["status"] == "incomplete"
    assert [verse["status"] for verse in haiku["verses"]] == ["ready", "failed"]
    assert haiku["error"]["code"] == "PARTS_FAILED"
    assert list(poems.events("verse")) == [f"{haiku_id}/1"]

    poems.edit(haiku_id, 2, "noise")
    poems.post(f"/v1/haikus/{haiku_id}/resume")
    assert poems.settle() == ["write_verses", "bind_haikus"]
    assert poems.asked.count("moss") == 1
    assert poems.get(f"/v1/haikus/{haiku_id}")["status"] == "completed"


def test_an_event_creates_one_and_a_cancelled_one_goes_on_when_it_is_resumed(
    poems: Poetry,
) -> None:
    haiku_id = poems.send("haiku/requested", {"themes": ["dew"]}).outcome.unit_id
    assert poems.post(f"/v1/haikus/{haiku_id}/cancel")["status"] == "cancelled"
    assert poems.settle() == []
    poems.post(f"/v1/haikus/{haiku_id}/resume")
    assert poems.settle() == ["write_verses", "bind_haikus"]
    assert poems.get(f"/v1/haikus/{haiku_id}")["status"] == "completed"


def test_lists_lineage_cost_progress_and_studio_know_it_without_being_told(poems: Poetry) -> None:
    haiku_id = poems.create("moss", "rain")
    poems.settle()
    for listed in (poems.get("/v1/haikus"), poems.get("/v1/units?kind=haikus")):
        assert [unit["id"] for unit in listed["items"]] == [haiku_id]
        assert listed["items"][0]["links"]["dagster_asset"].split("?")[0].endswith("/assets/haiku")
    lineage = poems.get(f"/v1/haikus/{haiku_id}/lineage")
    assert [node["asset"] for node in lineage["nodes"]] == [
        *("verse_theme", "verse") * 2,
        *("haiku_verses", "haiku"),
    ]
    assert all(source["is_current"] for node in lineage["nodes"] for source in node["made_from"])
    assert poems.get(f"/v1/haikus/{haiku_id}/cost")["total_usd"] == 2 * PRICE
    with poems.client.stream("GET", f"/v1/progress/haikus/{haiku_id}") as told:
        assert "Verse 2: Of rain I sing" in told.read().decode()
    page = poems.portal.call(poems.world.studio, "/studio?kind=haikus", ORG)
    assert ">Haikus</a>" in page
    assert haiku_id in page
    page = poems.portal.call(poems.world.studio, f"/studio/haikus/{haiku_id}", ORG)
    assert page.count('<th scope="row">Verse</th>') == 2
    assert page.count(">Verse 2</a>") == 1
    assert page.count('<span class="chip fresh">') == 3
    assert "Make again what is not fresh" not in page
    poems.edit(haiku_id, 2, "snow")
    page = poems.portal.call(poems.world.studio, f"/studio/haikus/{haiku_id}", ORG)
    assert page.count('<span class="chip stale">') == 1
    assert "Make again what is not fresh" in page
    page = poems.portal.call(poems.world.studio, "/studio/backfills?line=haikus", ORG)
    assert f'href="/studio/haikus/{haiku_id}"' in page
    other = {"Authorization": f"Bearer {poems.world.keys['other']}"}
    assert poems.client.get(f"/v1/haikus/{haiku_id}", headers=other).status_code == 404
