"""The loaded graph against the committed one, and what must hold for every asset.

After a wanted change write the snapshot anew, and commit it with the change:

    UPDATE_GRAPH_SNAPSHOT=1 .venv/bin/python -m pytest pipeline_defs_tests/defs
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

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
        assert (node.partitions_def is None) == (name in REPORTS), name


def test_every_asset_we_make_has_the_code_version_of_the_recipe(
    definitions: dg.Definitions,
) -> None:
    """Bridges are only reported: their data version says all."""
    for name, node in nodes(definitions).items():
        made = node.is_executable and name not in REPORTS
        expected = MAKERS[name].version(models_in_use()) if made else None
        assert node.code_version == expected, name


def test_every_asset_we_make_is_held_by_a_pool(definitions: dg.Definitions) -> None:
    for name, node in nodes(definitions).items():
        assert bool(node.pools) == (node.is_executable and name not in REPORTS), name


def test_dependencies_follow_the_contract(definitions: dg.Definitions) -> None:
    chain = {
        name: {key.to_user_string() for key in node.parent_keys}
        for name, node in nodes(definitions).items()
    }
    assert chain.items() >= {
        ("article_outline", frozenset()),
        ("section_brief", frozenset({"article_outline"})),
        ("section_research", frozenset({"section_brief"})),
        ("section_draft", frozenset({"section_brief", "section_research"})),
        ("article_manuscript", frozenset({"section_draft"})),
        ("article", frozenset({"article_manuscript"})),
        ("article_publication", frozenset({"article"})),
        ("lecture_script", frozenset()),
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


def test_every_job_and_every_check_is_described(definitions: dg.Definitions) -> None:
    graph = describe(definitions)
    assert all(job["description"] for job in graph["jobs"].values())
    assert all(check["description"] for check in graph["checks"].values())
    on_assets = {check for asset in graph["assets"].values() for check in asset["checks"]}
    assert on_assets == set(graph["checks"])


def test_runs_stay_in_their_process(definitions: dg.Definitions) -> None:
    """The multiprocess executor leaves orphan steps that work on after their run was failed."""
    assert definitions.executor is dg.in_process_executor
