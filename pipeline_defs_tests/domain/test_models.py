"""What users may ask for; what they may not is refused with the name of the field."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import BaseModel, ValidationError

from pipeline_defs.domain.articles.models import (
    Approval,
    ArticleRequest,
    RebuildRequest,
    SectionEdit,
)
from pipeline_defs_tests.domain.builders import article, key

TITLE = {"title": "A"}
BAD: list[tuple[type[BaseModel], Any, str]] = [
    (ArticleRequest, {}, "topic"),
    (ArticleRequest, {"topic": ""}, "topic"),
    (ArticleRequest, {"topic": " \t\n\u00a0"}, "topic"),
    (ArticleRequest, {"topic": None}, "topic"),
    (ArticleRequest, {"topic": 7}, "topic"),
    (ArticleRequest, {"topic": ["T"]}, "topic"),
    (ArticleRequest, {"topic": "x" * 301}, "topic"),
    (ArticleRequest, {"topic": "\ud800"}, "topic"),
    (ArticleRequest, {"topic": "T", "sections": 0}, "sections"),
    (ArticleRequest, {"topic": "T", "sections": -1}, "sections"),
    (ArticleRequest, {"topic": "T", "sections": 31}, "sections"),
    (ArticleRequest, {"topic": "T", "sections": 10_000}, "sections"),
    (ArticleRequest, {"topic": "T", "sections": "6"}, "sections"),
    (ArticleRequest, {"topic": "T", "sections": 6.0}, "sections"),
    (ArticleRequest, {"topic": "T", "sections": True}, "sections"),
    (ArticleRequest, {"topic": "T", "sections": None}, "sections"),
    (ArticleRequest, {"topic": "T", "sections": {}}, "sections"),
    (ArticleRequest, {"topic": "T", "sections": []}, "sections"),
    (ArticleRequest, {"topic": "T", "sections": [TITLE] * 31}, "sections"),
    (ArticleRequest, {"topic": "T", "sections": ["A"]}, "sections.0"),
    (ArticleRequest, {"topic": "T", "sections": [{}]}, "sections.0.title"),
    (ArticleRequest, {"topic": "T", "sections": [TITLE, {"title": " "}]}, "sections.1.title"),
    (ArticleRequest, {"topic": "T", "sections": [{"title": "x" * 201}]}, "sections.0.title"),
    (
        ArticleRequest,
        {"topic": "T", "sections": [TITLE | {"notes": "x" * 1001}]},
        "sections.0.notes",
    ),
    (ArticleRequest, {"topic": "T", "sections": [TITLE | {"note": "x"}]}, "sections.0.note"),
    (ArticleRequest, {"topic": "T", "language": "xx"}, "language"),
    (ArticleRequest, {"topic": "T", "language": "EN"}, "language"),
    (ArticleRequest, {"topic": "T", "language": None}, "language"),
    (ArticleRequest, {"topic": "T", "publish": "now"}, "publish"),
    (ArticleRequest, {"topic": "T", "publish": True}, "publish"),
    (ArticleRequest, {"topic": "T", "section": 6}, "section"),
    (ArticleRequest, {"topic": "T", "org_id": "other"}, "org_id"),
    (ArticleRequest, [], ""),
    (ArticleRequest, "topic", ""),
    (SectionEdit, {"title": " "}, "title"),
    (SectionEdit, {"title": "x" * 201}, "title"),
    (SectionEdit, {"notes": "x" * 1001}, "notes"),
    (SectionEdit, {"key_points": ["x"] * 21}, "key_points"),
    (SectionEdit, {"key_points": ["x", " "]}, "key_points.1"),
    (SectionEdit, {"key_points": ["x" * 301]}, "key_points.0"),
    (SectionEdit, {"status": "completed"}, "status"),
    (RebuildRequest, {"parts": [0]}, "parts.0"),
    (RebuildRequest, {"parts": ["1"]}, "parts.0"),
    (RebuildRequest, {"parts": [True]}, "parts.0"),
    (RebuildRequest, {"parts": 1}, "parts"),
    (RebuildRequest, {"parts": [1] * 31}, "parts"),
    (RebuildRequest, {"assets": ["section_audio"]}, "assets.0"),
    (RebuildRequest, {"fresh": "yes"}, "fresh"),
    (RebuildRequest, {"fresh": 1}, "fresh"),
    (RebuildRequest, {"freh": True}, "freh"),
    (Approval, {"status": "none"}, "status"),
    (Approval, {"when": "now"}, "when"),
]
TAGS = ("constrained-int", "int", "list[")


@pytest.mark.parametrize(
    ("model", "body", "field"),
    BAD,
    ids=[f"{m.__name__}-{f}-{n}" for n, (m, _, f) in enumerate(BAD)],
)
def test_bad_input_is_refused_with_the_name_of_its_field(
    model: type[BaseModel], body: Any, field: str
) -> None:
    with pytest.raises(ValidationError) as caught:
        model.model_validate(body)
    named = {_field(error["loc"]) for error in caught.value.errors()}
    assert field in named
    assert all(name.split(".")[0] == field.split(".")[0] for name in named)


def _field(loc: tuple[int | str, ...]) -> str:
    return ".".join(
        str(part) for part in loc if not (isinstance(part, str) and part.startswith(TAGS))
    )


def test_every_fault_is_named_at_once() -> None:
    with pytest.raises(ValidationError) as caught:
        ArticleRequest.model_validate({"topic": "", "language": "xx", "colour": "red"})
    assert {error["loc"][0] for error in caught.value.errors()} == {"topic", "language", "colour"}


def test_the_least_a_user_must_say_is_a_topic() -> None:
    wish = ArticleRequest.model_validate({"topic": "  Lighthouses "})
    assert (wish.topic, wish.sections_wanted, wish.language, wish.publish) == (
        "Lighthouses",
        6,
        "en",
        "none",
    )
    assert wish.given_outline is None


@pytest.mark.parametrize("count", [1, 30])
def test_the_limits_themselves_are_allowed(count: int) -> None:
    assert ArticleRequest(topic="x" * 300, sections=count).sections_wanted == count
    listed = ArticleRequest.model_validate(
        {"topic": "T", "sections": [{"title": "x" * 200, "notes": "y" * 1000}] * count}
    )
    assert listed.sections_wanted == count


def test_a_given_outline_keeps_titles_and_notes() -> None:
    wish = ArticleRequest.model_validate(
        {"topic": "T", "sections": [{"title": " A ", "notes": "n"}, {"title": "B"}]}
    )
    assert wish.given_outline is not None
    assert [(s.title, s.focus) for s in wish.given_outline] == [("A", "n"), ("B", "")]


def test_requests_cannot_be_changed() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        Approval().status = "publish"


def test_a_section_knows_its_partition() -> None:
    assert article(3).sections[1].key == key(2)
