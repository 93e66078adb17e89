"""JSON schema in the strict subset that providers accept for structured output.

Strict mode wants every property required and no others allowed, knows neither defaults nor lengths
of strings, and takes a reference only without siblings. Pydantic still checks the lengths and
fills nothing in: what strict mode cannot say is told to the model in the description.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from pydantic import BaseModel

_DROPPED = {"default", "title", "minLength", "maxLength", "examples", "discriminator"}
_KEPT = {"type", "description", "enum", "const", "format", "pattern", "$ref"} | {
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "multipleOf",
    "minItems",
    "maxItems",
}


@cache
def strict_schema(model: type[BaseModel]) -> dict[str, Any]:
    """The schema of `model`; ValueError names a part that strict mode cannot express.

    Do not change what you get: it is shared.
    """
    schema = model.model_json_schema()
    definitions = schema.pop("$defs", {})
    strict = _strict(schema, model.__name__)
    if definitions:
        strict["$defs"] = {name: _strict(part, name) for name, part in definitions.items()}
    return strict


def schema_name(model: type[BaseModel]) -> str:
    """A name as the providers allow it."""
    return re.sub(r"[^A-Za-z0-9_-]", "_", model.__name__)[:64]


def _strict(node: dict[str, Any], path: str) -> dict[str, Any]:
    if "$ref" in node:
        return {"$ref": node["$ref"]}
    strict: dict[str, Any] = {}
    for keyword, value in node.items():
        if keyword in _DROPPED:
            continue
        if keyword in _KEPT:
            strict[keyword] = value
        else:
            strict.update(_nested(keyword, value, node, path))
    hint = _length_hint(node)
    if hint:
        strict["description"] = f"{strict['description']} ({hint})" if _described(strict) else hint
    if node.get("type") == "object" and "properties" not in node:
        raise ValueError(f"{path}: a free-form object has no strict schema; name its fields")
    return strict


def _nested(keyword: str, value: Any, node: dict[str, Any], path: str) -> dict[str, Any]:
    if keyword == "properties":
        return {
            "properties": {name: _strict(part, f"{path}.{name}") for name, part in value.items()},
            "required": list(value),
            "additionalProperties": False,
        }
    if keyword in {"required", "additionalProperties"} and "properties" in node:
        return {}
    if keyword == "items" and isinstance(value, dict):
        return {"items": _strict(value, f"{path}[]")}
    if keyword in {"anyOf", "oneOf"}:
        return {"anyOf": [_strict(part, path) for part in value]}
    if keyword == "allOf" and len(value) == 1:
        return _strict(value[0], path)
    raise ValueError(f"{path}: '{keyword}' cannot be expressed in a strict schema")


def _described(node: dict[str, Any]) -> bool:
    return bool(node.get("description"))


def _length_hint(node: dict[str, Any]) -> str:
    least, most = node.get("minLength"), node.get("maxLength")
    if most is not None:
        return f"{least or 0} to {most} characters"
    return f"at least {least} characters" if least else ""
