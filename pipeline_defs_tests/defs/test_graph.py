"""The loaded graph against the committed one, and what must hold for every asset.

After a wanted change write the snapshot anew, and commit it with the change:

    UPDATE_GRAPH_SNAPSHOT=1 .venv/bin/python -m pytest pipeline_defs_tests/defs
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from pipeline_defs import policies
from pipeline_defs.domain.articles import recipe as articles
from pipeline_defs.domain.calls import recipe as calls
from pipeline_defs.domain.lectures import recipe as lectures
from pipeline_defs.domain.pages import recipe as pages
from pipeline_defs.storage.models_in_use import models_in_use
from pipeline_defs_tests.defs.graph import describe, nodes

MAKERS = {**articles.MAKERS, **lectures.MAKERS, **pages.MAKERS, **calls.MAKERS}
REPORTS = {"cost_report"}  # of everything at once: made by a schedule, from no other asset
ROOT = Path(__file__).resolve().parents[2]
SNAPSHOT = Path(__file__).with_name("graph.json")
HEAVY = ("openai", "pandas", "obstore", "bm25s", "py3langid", "playwright")
WITHOUT_ANYTHING = f"""
import sys

def forbid(event, arguments):
    if event in ("socket.connect", "socket.bind", "socket.getaddrinfo"):
        raise RuntimeError(f"{{event}} {{arguments[1:]}} while definitions were loaded")

sys.addaudithook(forbid)
import dagster as dg
from pipeline_defs.definitions import defs

dg.Definitions.validate_loadable(defs() if callable(defs) else defs)
print(sorted(set({HEAVY!r}) & set(sys.modules)))
"""


@pytest.fixture(scope="module")
def definitions() -> dg.Definitions:
    from pipeline_defs.definitions import defs

    loaded = defs()
    assert isinstance(loaded, dg.Definitions)
    return loaded


def test_the_graph_is_the_committed_one(definitions: dg.Definitions) -> None:
    found = json.dumps(describe(definitions), indent=2, ensure_ascii=False) + "\n"
    if os.environ.get("UPDATE_GRAPH_SNAPSHOT"):
        SNAPSHOT.write_text(found, encoding="utf-8")
    assert json.loads(found) == json.loads(SNAPSHOT.read_text(encoding="utf-8")), (
        "the graph has changed: see the docstring of this file if it was meant to"
    )


def test_definitions_are_loadable(definitions: dg.Definitions) -> None:
    dg.Definitions.validate_loadable(definitions)


def test_definitions_load_without_environment_network_database_or_heavy_clients(
    tmp_path: Path,
) -> None:
    loaded = subprocess.run(
        [sys.executable, "-c", WITHOUT_ANYTHING],
        cwd=tmp_path,
        env={"PYTHONPATH": str(ROOT), "PIPELINE_STATE": str(tmp_path / "none")},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert loaded.returncode == 0, loaded.stderr
    assert loaded.stdout.strip() == "[]", "these were imported when definitions were loaded"


def test_every_asset_says_whose_it_is_and_what_it_is(definitions: dg.Definitions) -> None:
    for name, node in nodes(definitions).items():
        assert node.owners, name
        assert node.group_name not in (None, "", "default"), name
        assert len(node.description or "") > 40, name
        assert node.kinds, name


def of_lines(definitions: dg.Definitions) -> dict[str, Any]:
    """Assets of the lines of work; those about the system itself have neither parts nor recipe."""
    return {n: node for n, node in nodes(definitions).items() if node.group_name != "operations"}


def test_every_asset_of_a_line_has_partitions(definitions: dg.Definitions) -> None:
    assert [n for n, node in of_lines(definitions).items() if node.partitions_def is None] == []


def test_every_asset_says_what_it_is_made_from_what_it_costs_and_what_to_do_when_it_fails(
    definitions: dg.Definitions,
) -> None:
    for name, node in of_lines(definitions).items():
        points = re.findall(r"^- \*\*([^*]+):\*\* \S", node.description, re.MULTILINE)
        made = ["Made from", "Costs", "When it fails", "Make it again"]
        bridge = ["Reported", "A new version", "Why it exists"]
        assert points == (made if node.is_executable else bridge), name
        assert len(node.description.split("\n")[0]) < 100, f"{name}: it is shown in lists"


def test_every_asset_leads_to_studio_and_to_its_code(definitions: dg.Definitions) -> None:
    for name, node in of_lines(definitions).items():
        assert "/studio" in node.metadata["studio"].url, name
        places = node.metadata["dagster/code_references"].code_references
        assert [place.label for place in places][:: len(places) - 1] == ["code", "staleness rule"]
        for place in places:
            line = Path(place.file_path).read_text("utf-8").splitlines()[place.line_number - 1]
            assert place.line_number == 1 or "def " in line, f"{name}: {place.label}"


def test_tags_name_the_capabilities_an_asset_pays_for(definitions: dg.Definitions) -> None:
    for name, node in of_lines(definitions).items():
        asked = {tag.removeprefix("provider/") for tag in node.tags if tag.startswith("provider/")}
        assert asked <= set(policies.CAPABILITY_LIMITS), name
        assert ("bridge" in node.tags) == (not node.is_executable), name


def test_dg_checks_and_lists_the_definitions(tmp_path: Path) -> None:
    """One after the other: two that create the same throwaway storage at once spoil it."""
    dg_command = Path(sys.executable).with_name("dg")
    environment = {**os.environ, "PIPELINE_STATE": str(tmp_path)}
    checked, listing = (
        subprocess.run(
            [dg_command, *arguments], cwd=ROOT, env=environment, capture_output=True, timeout=120
        )
        for arguments in (("check", "defs"), ("list", "defs", "--json"))
    )
    assert (checked.returncode, listing.returncode) == (0, 0), (checked, listing)
    assert b"All definitions loaded successfully." in checked.stdout
    listed = json.loads(listing.stdout)
    assert len(listed["assets"]) == len(json.loads(SNAPSHOT.read_text("utf-8"))["assets"])


def test_every_asset_we_make_has_the_code_version_of_the_recipe(
    definitions: dg.Definitions,
) -> None:
    """Bridges are only reported: their data version says all."""
    for name, node in of_lines(definitions).items():
        expected = MAKERS[name].version(models_in_use()) if node.is_executable else None
        assert node.code_version == expected, name


def test_every_asset_we_make_is_held_by_a_pool(definitions: dg.Definitions) -> None:
    """But the reconciler by none: it frees the slots that others leave behind."""
    for name, node in of_lines(definitions).items():
        assert bool(node.pools) == node.is_executable, name
    assert not nodes(definitions)["reconciliation"].pools


def test_dependencies_follow_the_contract(definitions: dg.Definitions) -> None:
    chain = {
        name: {key.to_user_string() for key in node.parent_keys}
        for name, node in nodes(definitions).items()
    }
    assert chain.items() >= {
        ("article_outline", frozenset({"article_request"})),
        ("section_brief", frozenset({"article_outline"})),
        ("section_research", frozenset({"section_brief"})),
        ("section_draft", frozenset({"section_brief", "section_research"})),
        ("article_manuscript", frozenset({"section_draft"})),
        ("article", frozenset({"article_manuscript"})),
        ("article_publication", frozenset({"article"})),
        ("lecture_script", frozenset({"lecture_request"})),
        ("segment_script", frozenset({"lecture_script"})),
        ("segment_prompt", frozenset({"lecture_script"})),
        ("segment_narration", frozenset({"segment_script"})),
        ("segment_image", frozenset({"segment_prompt"})),
        ("segment_start_frame", frozenset({"segment_image"})),
        ("segment_clip", frozenset({"segment_start_frame"})),
        ("lecture_music", frozenset()),
        (
            "lecture_media",
            frozenset({"segment_narration", "segment_clip", "lecture_music"}),
        ),
        ("lecture_video", frozenset({"lecture_media"})),
        ("page_context", frozenset({"page_subject"})),
        ("page_components", frozenset({"page_context", "page_voice"})),
        ("page", frozenset({"page_context", "page_components", "page_gate"})),
    }


def test_what_runs_by_itself_is_switched_on(definitions: dg.Definitions) -> None:
    graph = describe(definitions)
    assert graph["sensors"]["due_work"]["default_status"] == "RUNNING"
    assert graph["sensors"]["due_work"]["minimum_interval_seconds"] == policies.SENSOR_INTERVAL
    assert {s["default_status"] for s in graph["schedules"].values()} == {"RUNNING"}
    assert set(graph["sensors"]["due_work"]["targets"]) <= set(graph["jobs"])


def test_all_that_runs_and_checks_is_described(definitions: dg.Definitions) -> None:
    graph = describe(definitions)
    repository = definitions.get_repository_def()
    assert all(job["description"] for job in graph["jobs"].values())
    assert all(schedule.description for schedule in repository.schedule_defs)
    assert all(sensor.description for sensor in repository.sensor_defs)
    for name, check in graph["checks"].items():
        assert "**If it fails:** " in check["description"], name
    on_assets = {check for asset in graph["assets"].values() for check in asset["checks"]}
    assert on_assets == set(graph["checks"])


def test_runs_stay_in_their_process(definitions: dg.Definitions) -> None:
    """The multiprocess executor leaves orphan steps that work on after their run was failed."""
    assert definitions.executor is dg.in_process_executor
