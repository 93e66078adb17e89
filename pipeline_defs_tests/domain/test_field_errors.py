"""Faults of a request name the field and say in words what is wrong with it."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from pipeline_defs.domain.articles.models import ArticleRequest
from pipeline_defs.domain.field_errors import readable
from pipeline_defs.domain.lectures.models import LectureRequest

LECTURES: list[tuple[dict[str, Any], str, str]] = [
    ({"topic": "T"}, "minutes", "is missing: say how long"),
    ({"topic": "T", "minutes": 1.1}, "minutes", "must be a multiple of 10 seconds"),
    ({"script": ["A."], "minutes": 2}, "minutes", "does not suit a script of 1 segment: set it to"),
    ({"script": "One. Two.", "minutes": 2}, "minutes", "is too long for this script"),
    ({"script": "\u200b"}, "script", "has no words"),
    ({"script": "y" * 50_000}, "script", "may have at most 46800 characters"),
    ({"script": ["a", " "]}, "script[1]", "must not be empty"),
    ({"script": ["x" * 261]}, "script[0]", "may have at most 260 characters"),
    ({"script": 5}, "script", "must be one text, or a list with the text of each segment"),
    ({"script": {}}, "script", "must be one text, or a list"),
    ({}, "body", "give either `topic` or `script`"),
]
ARTICLES: list[tuple[dict[str, Any], str, str]] = [
    ({"topic": "T", "sections": 31}, "sections", "may be at most 30"),
    ({"topic": "T", "sections": "6"}, "sections", "must be a whole number of sections, or a list"),
    ({"topic": "T", "sections": [{"title": " "}]}, "sections[0].title", "must not be empty"),
    ({"topic": " "}, "topic", "must not be empty"),
]


@pytest.mark.parametrize(
    ("model", "body", "field", "words"),
    [(LectureRequest, *case) for case in LECTURES] + [(ArticleRequest, *case) for case in ARTICLES],
)
def test_a_fault_is_told_once_with_its_field(
    model: type[LectureRequest | ArticleRequest], body: dict[str, Any], field: str, words: str
) -> None:
    with pytest.raises(ValidationError) as caught:
        model.model_validate(body)
    (told,) = readable([{**e, "loc": ("body", *e["loc"])} for e in caught.value.errors()], body)
    assert told.field == field
    assert told.message.startswith(words)
