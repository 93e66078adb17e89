from __future__ import annotations

import json
from typing import Annotated, Any, Literal

import pytest
from pydantic import BaseModel, Field

from pipeline_defs.domain.articles.drafts import OutlineDraft, SectionDraft
from pipeline_defs.gateways.text.schema import schema_name, strict_schema


def objects(node: Any) -> list[dict[str, Any]]:
    """All object schemas inside `node`."""
    found: list[dict[str, Any]] = []
    if isinstance(node, dict):
        found += [node] if node.get("type") == "object" else []
        for part in node.values():
            found += objects(part)
    elif isinstance(node, list):
        for part in node:
            found += objects(part)
    return found


@pytest.mark.parametrize("model", [OutlineDraft, SectionDraft])
def test_the_drafts_have_schemas_that_strict_mode_accepts(model: type[BaseModel]) -> None:
    schema = strict_schema(model)
    text = json.dumps(schema)
    for unknown in ("default", "minLength", "maxLength", "prefixItems", "oneOf", "allOf"):
        assert f'"{unknown}":' not in text
    assert objects(schema)
    for node in objects(schema):
        assert node["additionalProperties"] is False
        assert node["required"] == list(node["properties"])


def test_a_field_named_like_a_keyword_stays_a_field() -> None:
    class Odd(BaseModel):
        title: str
        default: int = 3

    assert set(strict_schema(Odd)["properties"]) == {"title", "default"}


def test_lengths_are_told_to_the_model_in_words() -> None:
    title = strict_schema(OutlineDraft)["properties"]["title"]
    assert title == {"type": "string", "description": "1 to 200 characters"}


def test_unions_literals_and_optionals_are_expressed() -> None:
    class Cat(BaseModel):
        kind: Literal["cat"]

    class Dog(BaseModel):
        kind: Literal["dog"]
        bark: str | None = None

    class Home(BaseModel):
        pet: Annotated[Cat | Dog, Field(discriminator="kind")]

    schema = strict_schema(Home)
    assert [part["$ref"] for part in schema["properties"]["pet"]["anyOf"]] == [
        "#/$defs/Cat",
        "#/$defs/Dog",
    ]
    assert schema["$defs"]["Dog"]["properties"]["bark"]["anyOf"][1] == {"type": "null"}


def test_what_strict_mode_cannot_say_is_refused_by_name() -> None:
    class Free(BaseModel):
        anything: dict[str, str]

    class Pair(BaseModel):
        pair: tuple[int, str]

    with pytest.raises(ValueError, match=r"Free\.anything"):
        strict_schema(Free)
    with pytest.raises(ValueError, match=r"Pair\.pair"):
        strict_schema(Pair)


def test_a_name_has_only_what_providers_allow() -> None:
    odd = type("Draft[int, str]", (OutlineDraft,), {})
    assert schema_name(OutlineDraft) == "OutlineDraft"
    assert schema_name(odd) == "Draft_int__str_"
