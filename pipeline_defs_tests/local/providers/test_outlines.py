"""Outlines by the local writer: what it covers, what it refuses, and how plans look."""

from __future__ import annotations

import pytest

from pipeline_defs.domain.articles.drafts import OutlineTask
from pipeline_defs.local.providers.engines import Engines
from pipeline_defs.local.providers.writer.topics import Topics
from pipeline_defs.policies import SECTION_MAX_OUTPUT_TOKENS
from pipeline_defs_tests.local.providers.writing import outline


@pytest.fixture(scope="session")
def topics(engines: Engines) -> Topics:
    return Topics(engines.search)


@pytest.mark.parametrize(
    ("query", "folder"),
    [
        ("Volcanoes", "volcanoes"),
        ("How do volcanoes work?", "volcanoes"),
        ("volcanos", "volcanoes"),
        ("VOLCANO", "volcanoes"),
        ("A history of the printing press", "printing-press"),
        ("Bees", "honey-bees"),
        ("the inner life of honeybees for kids", "honey-bees"),
        ("Photosynthesys", "photosynthesis"),
        ("The Moon landing", "apollo-program"),
        ("Encryption", "cryptography"),
        ("Industrial Revolution in England", "industrial-revolution"),
        ("Why do we sleep?", "sleep"),
        ("Vaccines", "immune-system"),
        ("Johannes Gutenberg", "printing-press"),
        ("Roman aqueducts", "roman-engineering"),
        ("The Riemann hypothesis", "prime-numbers"),
        ("Lithium-ion batteries", "batteries"),
    ],
)
def test_a_topic_is_recognised_in_many_words(query: str, folder: str, topics: Topics) -> None:
    match = topics.match(query)
    assert match is not None
    assert match.arrangement.topic.folder == folder


@pytest.mark.parametrize(
    "query",
    [
        "Football",
        "Roman law",
        "Coffee on Mars",
        "Prime ministers",
        "Japanese tea ceremony",
        "Greek god Apollo",
        "Light",
        "writing a novel",
        "",
        "????",
    ],
)
def test_what_is_not_covered_is_not_matched(query: str, topics: Topics) -> None:
    assert topics.match(query) is None


def test_a_refused_topic_is_told_what_is_covered_and_what_to_do(engines: Engines) -> None:
    task = OutlineTask(topic="Lithium mining in Chile", sections=5)
    refusal = engines.writer.answer(f"```json\n{task.model_dump_json()}\n```", None, None).refusal
    assert "nearest to it: Batteries" in refusal
    assert "Writing Systems" in refusal
    assert "OPENAI_API_KEY" in refusal


def test_other_languages_are_refused(engines: Engines) -> None:
    task = OutlineTask(topic="Coffee", sections=5, language="de")
    written = engines.writer.answer(f"```json\n{task.model_dump_json()}\n```", None, None)
    assert "English" in written.refusal


@pytest.mark.parametrize("sections", [0, 31])
def test_a_number_of_sections_out_of_range_is_refused(sections: int, engines: Engines) -> None:
    task = OutlineTask(topic="Coffee", sections=sections)
    written = engines.writer.answer(f"```json\n{task.model_dump_json()}\n```", None, None)
    assert "1 to 30 sections" in written.refusal


@pytest.mark.parametrize("sections", [1, 2, 3, 6, 7, 8, 13, 21, 30])
def test_every_topic_has_exactly_the_sections_asked_for_and_they_differ(
    sections: int, engines: Engines
) -> None:
    for topic in engines.library.topics:
        plan = outline(engines, topic.name, sections)
        titles = {section.title.casefold() for section in plan.sections}
        assert len(plan.sections) == len(titles) == sections, topic.name
        assert all(section.focus for section in plan.sections)
        assert len(plan.model_dump_json()) < SECTION_MAX_OUTPUT_TOKENS * 4, topic.name


def test_a_plan_goes_from_what_a_thing_is_to_what_it_does(engines: Engines) -> None:
    titles = [section.title for section in outline(engines, "volcanoes", 7).sections]
    assert titles[0] == "Magma and Its Formation"
    assert titles[-1] == "Volcanoes, Climate, and Life"


def test_a_narrow_topic_is_planned_around_its_own_document(engines: Engines) -> None:
    plan = outline(engines, "Vaccines", 4)
    assert plan.title == "Immune Memory and Vaccination"
    assert [s.title for s in plan.sections][:2] == [
        "Remembering Past Infections",
        "How Vaccines Are Made",
    ]


def test_the_same_task_gets_the_same_plan(engines: Engines) -> None:
    assert outline(engines, "Sleep", 9) == outline(engines, "Sleep", 9)
