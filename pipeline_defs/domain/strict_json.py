"""JSON from strangers: refused with the reason where a lenient parser would guess, stall or break.

Linear in the size of the body, and depth is known before anything recursive runs.
"""

from __future__ import annotations

import json
import re
from typing import Any

MAX_DEPTH = 32
MAX_NUMBER_LENGTH = 32
_STRING = re.compile(rb'"(?:[^"\\]+|\\.?)*(?:"|\Z)', re.DOTALL)
_BRACKET = re.compile(rb"[\[\]{}]")


class BadJson(ValueError):
    """Says in words what is wrong with a body."""


def loads(body: bytes, *, allow_nul: bool = False) -> Any:
    """The value of a JSON text; BadJson names what is wrong with it."""
    if not body.strip():
        raise BadJson("the body is empty; it must be JSON")
    _check_depth(body)
    try:
        value = json.loads(
            body.decode("utf-8"),
            object_pairs_hook=_object,
            parse_constant=_constant,
            parse_int=_int,
            parse_float=_float,
        )
    except BadJson:
        raise
    except UnicodeDecodeError as error:
        raise BadJson(f"the body is not UTF-8 (byte {error.start})") from error
    except json.JSONDecodeError as error:
        raise BadJson(f"line {error.lineno}, column {error.colno}: {error.msg}") from error
    except RecursionError as error:
        raise BadJson("the body is nested too deeply") from error
    if b"\\u" in body:
        _check_text(value, allow_nul=allow_nul)
    return value


def _check_depth(body: bytes) -> None:
    depth = 0
    for match in _BRACKET.finditer(_STRING.sub(b"", body)):
        depth += 1 if match[0] in b"[{" else -1
        if depth > MAX_DEPTH:
            raise BadJson(f"the body is nested more than {MAX_DEPTH} levels deep")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        seen: set[str] = set()
        for name, _ in pairs:
            if name in seen:
                raise BadJson(f"the name {_short(name)} occurs twice in one object")
            seen.add(name)
    return found


def _constant(text: str) -> Any:
    raise BadJson(f"{text} is not a JSON number")


def _int(text: str) -> int:
    _check_number(text)
    return int(text)


def _float(text: str) -> float:
    _check_number(text)
    value = float(text)
    if value in (float("inf"), float("-inf")):
        raise BadJson(f"the number {text} is too large")
    return value


def _check_number(text: str) -> None:
    if len(text) > MAX_NUMBER_LENGTH:
        raise BadJson(f"a number has more than {MAX_NUMBER_LENGTH} characters")


def _check_text(value: Any, *, allow_nul: bool) -> None:
    rest = [value]
    while rest:
        item = rest.pop()
        if isinstance(item, dict):
            rest.extend(item.keys())
            rest.extend(item.values())
        elif isinstance(item, list):
            rest.extend(item)
        elif isinstance(item, str):
            if "\0" in item and not allow_nul:
                raise BadJson("a text contains the NUL character")
            if any("\ud800" <= character <= "\udfff" for character in item):
                raise BadJson("a text contains half of a surrogate pair")


def _short(name: str) -> str:
    shown = name if len(name) <= 40 else name[:40] + "..."
    return json.dumps(shown)
