"""Every paid step of a line is booked on an asset, and no asset waits for a step that is gone."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import pipeline_defs.defs
from pipeline_defs.domain.kinds import KINDS

FOLDER = Path(pipeline_defs.defs.__file__).parent
FOLDERS = {"articles": "articles", "lectures": "lectures", "pages": "pages", "campaigns": "calls"}
PUBLISHED = {"articles", "pages"}


def heads(node: ast.expr) -> Iterator[str]:
    """The beginning of a step's name, where it is written out."""
    first = node.values[0] if isinstance(node, ast.JoinedStr) else node
    if isinstance(first, ast.Constant) and isinstance(first.value, str):
        yield first.value.partition("/")[0]


def steps_of(source: str) -> Iterator[str]:
    """Steps that are paid in a module: given to `paid` or `rewritten`, or named `step` before."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and len(node.args) > 1:
            name = node.func.attr if isinstance(node.func, ast.Attribute) else ""
            if name == "paid":
                yield from heads(node.args[1])
            if isinstance(node.func, ast.Name) and node.func.id == "rewritten":
                pair = node.args[1]
                assert isinstance(pair, ast.Tuple)
                yield from heads(pair.elts[1])
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "step":
            yield from (head for head in heads(node.value) if ":" not in head)


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_the_steps_of_a_line_are_those_that_are_booked(kind: str) -> None:
    files = list((FOLDER / FOLDERS[kind]).rglob("*.py"))
    if kind in PUBLISHED:
        files.append(FOLDER / "publishing.py")
    found = {step for file in files for step in steps_of(file.read_text())}
    assert found == set(KINDS[kind].steps)
