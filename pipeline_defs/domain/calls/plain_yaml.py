"""YAML without its surprises: what a text says is what is read, or it is refused with its line.

Plain words stay text unless they are a number, true, false or null: `20:00`, `+12025550111`,
`2026-01-01` and `no` need no quotation marks. A name that occurs twice is a fault: the former
value would be lost in silence. References are a fault too: a few lines of them unfold into more
than fits a machine; and so are tags.
"""

from __future__ import annotations

import re
from typing import Any

import yaml

MAX_DEPTH = 20
NUMBER_MOST = 32  # characters
PLAIN = (
    ("null", r"~|null|", ("~", "n", "")),
    ("bool", r"true|false", ("t", "f")),
    ("int", r"-?(?:0|[1-9][0-9]*)", tuple("-0123456789")),
    ("float", r"-?(?:0|[1-9][0-9]*)\.[0-9]+", tuple("-0123456789")),
)


class PlainLoader(yaml.SafeLoader):
    """Reads one document; raises yaml.YAMLError, with the line, for whatever it does not take."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self._depth = 0

    def compose_node(self, parent: Any, index: Any) -> Any:
        """A value and all within it."""
        event: Any = self.peek_event()
        if isinstance(event, yaml.AliasEvent) or event.anchor is not None:
            raise _fault("references (& and *) are not taken: write it out", event)
        if getattr(event, "tag", None) is not None:
            raise _fault("tags (!) are not taken: leave it out", event)
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise _fault(f"it is nested more than {MAX_DEPTH} levels deep", event)
        node = super().compose_node(parent, index)
        self._depth -= 1
        return node

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
        """An object: its names are texts, each occurs once."""
        seen: set[str] = set()
        for name, _ in node.value:
            if not isinstance(name, yaml.ScalarNode):
                raise _fault("a name must be a plain word", name)
            if name.value in seen:
                raise _fault(f"{name.value[:40]!r} occurs twice: keep one of them", name)
            seen.add(name.value)
            name.tag = "tag:yaml.org,2002:str"
        return super().construct_mapping(node, deep=deep)

    def construct_scalar(self, node: Any) -> str:
        """A word or number."""
        text = str(super().construct_scalar(node))
        if node.tag.endswith((":int", ":float")) and len(text) > NUMBER_MOST:
            raise _fault(f"a number has more than {NUMBER_MOST} characters", node)
        return text


PlainLoader.yaml_implicit_resolvers = {}
for _tag, _pattern, _first in PLAIN:
    PlainLoader.add_implicit_resolver(
        f"tag:yaml.org,2002:{_tag}", re.compile(rf"(?:{_pattern})\Z"), list(_first)
    )


def load(text: str) -> Any:
    """The value of a YAML text. ValueError says what is wrong, and in which line."""
    loader = None
    try:
        loader = PlainLoader(text)
        return loader.get_single_data()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f"line {mark.line + 1}, column {mark.column + 1}: " if mark else ""
        said = " ".join(filter(None, (error.context, error.problem)))
        raise ValueError(f"{where}{said}") from error
    except yaml.YAMLError as error:
        raise ValueError(" ".join(str(error).split())) from error
    finally:
        if loader is not None:
            loader.dispose()


def _fault(problem: str, at: Any) -> yaml.MarkedYAMLError:
    return yaml.MarkedYAMLError(problem=problem, problem_mark=at.start_mark)
