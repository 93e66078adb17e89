"""Where everything of a unit came from: over the API and as OpenLineage."""

from __future__ import annotations

from datetime import datetime

import pytest

from pipeline_defs.domain.articles import recipe
from pipeline_defs_tests.web import writing
from pipeline_defs_tests.web.gateways import World
from pipeline_defs_tests.web.open_lineage_rules import assert_is_run_event

TEXT = writing.Text("Leaves", ("Leaves are green.",), "They eat light.", "eat light", "Botany")


@pytest.fixture
async def article(world: World) -> str:
    """A finished article of one section."""
    own = await world.article(sections=1)
    await world.transact(lambda tx: writing.plan(tx, own, "Plants", [TEXT]))
    await world.transact(lambda tx: writing.start_section(tx, own, 1))
    await world.transact(lambda tx: writing.write_section(tx, own, 1, TEXT))
    await world.transact(lambda tx: writing.assemble_article(tx, own, [TEXT]))
    return own


async def test_lineage_tells_of_what_every_result_was_made(world: World, article: str) -> None:
    client = world.client()
    told = (await client.get(f"/v1/articles/{article}/lineage")).json()
    nodes = {node["asset"]: node for node in told["nodes"]}
    assert (told["id"], told["kind"]) == (article, "articles")
    assert list(nodes) == ["article_outline", "section_research", "section_draft", "article"]
    assert {node["standing"] for node in nodes.values()} == {"fresh"}
    draft = nodes["section_draft"]
    assert draft["rests_on"] == {"section_research": [f"{article}/01"]}
    drafts = {"article_outline": [article], "section_draft": [f"{article}/01"]}
    assert nodes["article"]["rests_on"] == drafts
    assert (draft["part"], draft["partition"]) == (1, f"{article}/01")
    assert [source["asset"] for source in draft["made_from"]] == list(recipe.NEEDS["section_draft"])
    assert all(source["is_current"] for source in draft["made_from"])
    assert "dagster.example" in draft["link"]
    edit = {"title": "Roots"}
    assert (await client.patch(f"/v1/articles/{article}/sections/1", json=edit)).is_success
    told = (await client.get(f"/v1/articles/{article}/lineage")).json()
    nodes = {node["asset"]: node for node in told["nodes"]}
    stale = {asset for asset, node in nodes.items() if node["standing"] == "stale"}
    assert stale == {"section_research", "section_draft", "article"}
    used = {source["asset"]: source["is_current"] for source in nodes["section_draft"]["made_from"]}
    assert used == {"section_brief": False, "section_research": True}


async def test_every_result_is_an_open_lineage_event(world: World, article: str) -> None:
    path = f"/v1/articles/{article}/lineage/open-lineage"
    events = (await world.client().get(path)).json()["events"]
    assert len(events) == 4
    times = [datetime.fromisoformat(event["eventTime"]) for event in events]
    assert times == sorted(times)
    for event in events:
        assert_is_run_event(event)
        assert event["eventType"] == "COMPLETE"
        assert len(event["outputs"]) == 1
        for dataset in (*event["inputs"], *event["outputs"]):
            assert dataset["facets"]["version"]["datasetVersion"]
    assert len({event["run"]["runId"] for event in events}) == len(events)


@pytest.mark.parametrize("tail", ["lineage", "lineage/open-lineage", "plan"])
async def test_only_ones_own_units_are_told_of(world: World, article: str, tail: str) -> None:
    client = world.client()
    for path in (
        f"articles/article-20260101-zzzzzzzz/{tail}",
        f"lectures/{article}/{tail}",
        f"articles/no-unit/{tail}",
        f"things/{article}/{tail}",
    ):
        assert (await client.get(f"/v1/{path}")).status_code == 404, path
    assert (await world.client("other").get(f"/v1/articles/{article}/{tail}")).status_code == 404
    assert (await client.get(f"/v1/articles/{article}/{tail}")).status_code == 200
