"""The words of a page, in every language."""

from __future__ import annotations

from dataclasses import asdict, fields
from string import Formatter
from typing import get_args

import pytest

from pipeline_defs.domain.languages import LANGUAGES, Language
from pipeline_defs.domain.pages.labels.catalogue import LABELS
from pipeline_defs.domain.pages.labels.model import Labels
from pipeline_defs.domain.pages.products import Availability, Condition

SAME = {"gtin", "home"}  # in other languages too


def places(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


def test_every_language_has_labels() -> None:
    assert set(LABELS) == set(LANGUAGES) == set(get_args(Language))


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_label_is_missing_or_empty(language: Language) -> None:
    told = asdict(LABELS[language])
    assert set(told) == {field.name for field in fields(Labels)}
    assert set(LABELS[language].availabilities) == set(get_args(Availability))
    assert set(LABELS[language].conditions) == set(get_args(Condition))
    assert len(set(LABELS[language].months)) == 12
    for name, value in told.items():
        values = value.values() if isinstance(value, dict) else value
        for text in [value] if isinstance(value, str) else values:
            assert text == text.strip() != "", (language, name)


@pytest.mark.parametrize("language", LANGUAGES)
def test_sentences_have_the_places_of_the_english_ones(language: Language) -> None:
    for field in fields(Labels):
        ours, english = getattr(LABELS[language], field.name), getattr(LABELS["en"], field.name)
        if isinstance(ours, str):
            assert places(ours) == places(english), field.name


@pytest.mark.parametrize("language", sorted(set(LANGUAGES) - {"en"}))
def test_nothing_is_left_in_english(language: Language) -> None:
    ours, english = asdict(LABELS[language]), asdict(LABELS["en"])
    assert {name for name in ours if ours[name] == english[name]} <= SAME | {
        name for name in ("date", "as_of") if language in ("fr", "it", "nl", "pl")
    }


def test_a_label_that_is_missing_is_an_error() -> None:
    told = asdict(LABELS["en"])
    del told["view"]
    with pytest.raises(TypeError, match="view"):
        Labels(**told)
