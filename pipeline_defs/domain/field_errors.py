"""What is wrong with which field, in words a person can act on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pydantic import BaseModel, Field

UNIONS = {
    "sections": "a whole number of sections, or a list of {title, notes} objects",
    "script": "one text, or a list with the text of each segment",
}


class FieldError(BaseModel):
    """One faulty field."""

    field: str = Field(examples=["sections"])
    message: str = Field(examples=["may be at most 30"])
    fix: str | None = Field(default=None, examples=["Send a number from 1 to 30."])


def readable(errors: Iterable[Mapping[str, Any]], body: Any = None) -> list[FieldError]:
    """Pydantic's errors as field errors, one per field; a union gives the errors of one branch."""
    found: dict[str, FieldError] = {}
    for error in errors:
        path, branch = _path(error["loc"])
        value = _value_at(body, path[: branch[0]]) if branch else None
        if branch is not None and not _fits(branch, value):
            name = _name(path[: branch[0]])
            if not isinstance(value, list):
                found.setdefault(name, FieldError(field=name, message=f"must be {_union(name)}"))
            continue
        name = _name(path)
        found.setdefault(name, FieldError(field=name, message=fault_of(error), fix=fix_of(error)))
    return list(found.values())


def _path(loc: Sequence[int | str]) -> tuple[list[int | str], tuple[int, str] | None]:
    """The path without the parameter's kind and pydantic's union tags, and where a tag stood."""
    path: list[int | str] = []
    branch: tuple[int, str] | None = None
    start = 1 if loc and loc[0] in ("body", "query", "path", "header") else 0
    for part in loc[start:]:
        tag = _tag(part)
        if tag is None:
            path.append(part)
        else:
            branch = (len(path), tag)
    return path, branch


def _tag(part: int | str) -> str | None:
    if part in ("int", "constrained-int"):
        return "int"
    if part in ("str", "constrained-str"):
        return "str"
    if isinstance(part, str) and part.startswith(("list[", "constrained-list")):
        return "list"
    return None


def _fits(branch: tuple[int, str], value: Any) -> bool:
    if branch[1] == "int":
        return isinstance(value, int) and not isinstance(value, bool)
    if branch[1] == "str":
        return isinstance(value, str)
    return isinstance(value, list)


def _value_at(body: Any, path: Sequence[int | str]) -> Any:
    for part in path:
        try:
            body = body[part]
        except (KeyError, IndexError, TypeError):
            return None
    return body


def _name(path: Sequence[int | str]) -> str:
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else str(part)
    return text or "body"


def _union(name: str) -> str:
    return UNIONS.get(name, "of another type")


def fault_of(error: Mapping[str, Any]) -> str:
    """What is wrong, by one of pydantic's errors: `may have at most 5 entries`."""
    context: Mapping[str, Any] = error.get("ctx") or {}
    template = MESSAGES.get(str(error["type"]))
    if error["type"] == "string_too_short" and context.get("min_length") == 1:
        return "must not be empty"
    if template is not None:
        return template.format(**context)
    text = str(error.get("msg", "is not valid")).removeprefix("Value error, ")
    return text[:1].lower() + text[1:]


def fix_of(error: Mapping[str, Any]) -> str | None:
    """What to do about it, where that is not said already."""
    return {
        "extra_forbidden": "Remove it, or check its spelling.",
        "missing": "Add it.",
    }.get(str(error["type"]))


MESSAGES = {
    "missing": "is required",
    "extra_forbidden": "is not a known field",
    "string_type": "must be text",
    "string_too_short": "must have at least {min_length} characters",
    "string_too_long": "may have at most {max_length} characters",
    "int_type": "must be a whole number",
    "int_parsing": "must be a whole number",
    "int_from_float": "must be a whole number",
    "bool_type": "must be true or false",
    "bool_parsing": "must be true or false",
    "decimal_type": "must be a number",
    "decimal_parsing": "must be a number",
    "finite_number": "must be a number",
    "list_type": "must be a list",
    "greater_than_equal": "must be at least {ge}",
    "less_than_equal": "may be at most {le}",
    "too_short": "must have at least {min_length} entries",
    "too_long": "may have at most {max_length} entries",
    "literal_error": "must be one of {expected}",
    "model_type": "must be an object",
    "model_attributes_type": "must be an object",
    "dict_type": "must be an object",
    "json_invalid": "is not valid JSON",
}
