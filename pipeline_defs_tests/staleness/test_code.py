"""Another prompt, rule, number, template or model turns exactly its assets stale, of every line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import dagster as dg
import pytest

from pipeline_defs import policies
from pipeline_defs.domain.graph import Node
from pipeline_defs.domain.source_code import code_of
from pipeline_defs.domain.versions import maker
from pipeline_defs.storage.models_in_use import models_in_use
from pipeline_defs_tests.staleness.changes import RECIPES, Product, other, product
from pipeline_defs_tests.staleness.histories import History
from pipeline_defs_tests.staleness.lines import HISTORIES, new

__all__ = ["product"]
NUMBERS: Mapping[str, Mapping[str, set[str]]] = {
    "articles": {
        "RESEARCH_MAX_SEARCHES": {"section_research"},
        "RESEARCH_RESULTS_PER_SEARCH": {"section_research"},
        "SECTION_MIN_WORDS": {"section_draft"},
        "SECTION_MAX_WORDS": {"section_draft"},
        "CONTEXT_BUDGET_CHARS": {"section_draft"},
    },
    "lectures": {
        "SEGMENT_MIN_CHARS": {"lecture_script"},
        "SEGMENT_MAX_CHARS": {"lecture_script"},
        "NARRATION_SPEED_MOST": {"segment_narration"},
        "START_FRAME_JPEG_QUALITY": {"segment_start_frame"},
        "VIDEO_FPS": {"segment_clip", "lecture_video"},
        "VIDEO_WIDTH": {"segment_image", "segment_start_frame", "segment_clip", "lecture_video"},
        "MUSIC_LONGEST": {"lecture_music"},
        "CAPTION_LINE_CHARS": {"lecture_video"},
        "CAPTION_HOLD": {"lecture_video"},
        "LOUDNESS_LUFS": {"lecture_video"},
        "CAMERA_TRAVEL": {"lecture_video"},
    },
    "pages": {
        "COMPETITOR_HEADINGS": {"page_context"},
        "PAGE_ITEMS": {"page_components"},
        "PAGE_TITLE_CHARS": {"page_components"},
        "PAGE_COMPARED_PRODUCTS": {"page"},
    },
    "campaigns": {
        "SHORT_PAUSE": {"transcript"},
        "WORDS_OF_A_TURN": {"transcript"},
        "SPEECH_GAP": {"transcript"},
        "PASSAGE_WORDS": {"claims"},
        "RELEVANCE_LEAST": {"claims"},
        "VERDICT_CONFIDENCE_LEAST": {"hypothesis_verdict"},
    },
}
PAGES = "pipeline_defs.domain.pages"
TEXTS: Mapping[str, tuple[str, str, str, set[str]]] = {
    "a label": (f"{PAGES}.labels.en", '"Skip to content"', '"Skip"', {"page"}),
    "a section of pages": (f"{PAGES}.sections", '"faq"', '"questions"', {"page"}),
    "how prices look": (f"{PAGES}.formatting", "NO_BREAK = ", "NO_BREAK = ' ' + ", {"page"}),
    "what may leave a page": ("pipeline_defs.rendering.pages", '"nav", ', "", {"page"}),
    "a style": (
        "pipeline_defs.domain.lectures.prompts",
        "calm background",
        "dark background",
        {"segment_image"},
    ),
    "where sentences end": (
        "pipeline_defs.domain.lectures.sentences",
        "def sentences(",
        "_PARAGRAPH = None\ndef sentences(",
        {"lecture_video", "page_components"},
    ),
    "how a failure is told": (
        "pipeline_defs.domain.errors",
        "class Permanent(",
        "OTHER = 1\nclass Permanent(",
        set(),
    ),
    "a docstring": ("pipeline_defs.media.film", '"""The film', '"""A film', set()),
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


def changed(before: dict[str, str], after: dict[str, str]) -> set[str]:
    return {asset for asset, version in before.items() if after[asset] != version}


def test_another_number_turns_exactly_what_is_made_by_it_stale(
    finished: History, product: Product
) -> None:
    before = product.versions()
    for name, assets in NUMBERS[finished.kind].items():
        product.number(name, other(getattr(policies, name)))
        assert changed(before, product.versions()) == assets, name
        assert finished.graph.standing_as("stale") == of_assets(finished, assets), name
        product.put_back()
    assert finished.graph.standing_as("stale") == frozenset()


@pytest.mark.parametrize("what", TEXTS)
def test_another_text_of_the_code_turns_exactly_what_is_made_by_it_stale(
    product: Product, what: str
) -> None:
    before = product.versions()
    module, old, new_text, assets = TEXTS[what]
    product.text(module, old, new_text)
    assert changed(before, product.versions()) == assets


def test_another_label_turns_the_page_stale_and_nothing_it_was_written_from(
    product: Product,
) -> None:
    (kind,) = [kind for kind in HISTORIES if kind.kind == "pages"]
    with dg.DagsterInstance.ephemeral() as instance:
        page = new(kind, instance)
        page.complete()
        product.text(*TEXTS["a label"][:3])
        assert page.graph.standing_as("stale") == of_assets(page, {"page"})


def test_another_deadline_or_size_that_is_refused_turns_nothing_stale(product: Product) -> None:
    before = product.versions()
    for name in policies.UNVERSIONED:
        product.number(name, other(getattr(policies, name)))
    for name, value in vars(policies).items():
        if isinstance(value, policies.StepPolicy):
            product.number(name, replace(value, timeout=value.timeout + 1))
    assert changed(before, product.versions()) == set()


def test_the_numbers_that_turn_nothing_stale_are_exactly_those_that_code_of_makers_reads() -> None:
    read = {name for code in all_code() for name in code_of(code).numbers}
    assert read >= policies.UNVERSIONED
    counted = {name for code in all_code() for name in code_of(code).values()}
    of_waiting = ("_DEADLINE", "_TIMEOUT", "_POLL", "_INTERVAL", "_GRACE", "_TRIES", "_AT_ONCE")
    assert not [name for name in counted if name.endswith(of_waiting)]


def all_code() -> set[str]:
    makers = [maker for recipe in RECIPES.values() for maker in recipe.MAKERS.values()]
    return {name for made in makers for name in made.code}


def test_dagster_finds_stale_after_a_change_of_code_what_we_do(
    finished: History, product: Product
) -> None:
    name, assets = next(iter(NUMBERS[finished.kind].items()))
    product.number(name, other(getattr(policies, name)))
    assert finished.graph.standing_as("stale") == of_assets(finished, assets)
    assert finished.differences(deployed(product)) == []


def deployed(product: Product) -> Any:
    """The graph of the definitions, as a code server that starts now has it."""
    from pipeline_defs.definitions import defs

    versions = product.versions(dict(models_in_use()))

    def anew(spec: dg.AssetSpec) -> dg.AssetSpec:
        version = versions.get(spec.key.to_user_string()) if spec.code_version else None
        return spec.replace_attributes(code_version=version or spec.code_version)

    return defs().map_asset_specs(func=anew).resolve_asset_graph()


def test_another_prompt_turns_exactly_its_asset_stale(
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
