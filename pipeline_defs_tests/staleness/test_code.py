"""Another prompt, rule, template or model turns exactly its assets stale, of every line."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from types import ModuleType
from typing import Any

import dagster as dg
import pytest

from pipeline_defs.domain.articles import recipe as articles
from pipeline_defs.domain.calls import recipe as campaigns
from pipeline_defs.domain.graph import Node
from pipeline_defs.domain.lectures import recipe as lectures
from pipeline_defs.domain.pages import recipe as pages
from pipeline_defs.domain.versions import maker
from pipeline_defs.storage.models_in_use import models_in_use
from pipeline_defs_tests.staleness.histories import History
from pipeline_defs_tests.staleness.lines import HISTORIES, new

RECIPES: dict[str, ModuleType] = {
    "articles": articles,
    "lectures": lectures,
    "pages": pages,
    "campaigns": campaigns,
}


@pytest.fixture(params=HISTORIES, ids=lambda kind: kind.kind)
def finished(request: pytest.FixtureRequest) -> Iterator[History]:
    """A unit of which everything is made."""
    with dg.DagsterInstance.ephemeral() as instance:
        history = new(request.param, instance)
        history.complete()
        assert set(history.graph.standing.values()) == {"fresh"}
        yield history


def of_assets(history: History, assets: set[str]) -> set[Node]:
    return {node for node in history.graph.graph.nodes if node.asset in assets}


def test_another_prompt_rule_or_code_turns_exactly_its_asset_stale(
    finished: History, monkeypatch: pytest.MonkeyPatch
) -> None:
    recipe: Any = RECIPES[finished.kind]
    makers = recipe.MAKERS
    for asset in {node.asset for node in finished.graph.graph.nodes}:
        monkeypatch.setattr(recipe, "MAKERS", {**makers, asset: maker("another prompt")})
        assert finished.graph.standing_as("stale") == of_assets(finished, {asset})


def test_another_model_turns_exactly_what_it_makes_stale(finished: History) -> None:
    recipe: Any = RECIPES[finished.kind]
    before = finished.unit
    for purpose in models_in_use():
        finished.unit = replace(before, models={**before.models, purpose: "another model"})
        asking = {asset for asset, made in recipe.MAKERS.items() if purpose in made.purposes}
        assert finished.graph.standing_as("stale") == of_assets(finished, asking), purpose
