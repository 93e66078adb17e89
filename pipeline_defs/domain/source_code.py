"""The code that makes a thing: a definition, and by name every definition that it uses.

It is read, not run: from where it begins, through `FOLLOWED`, down to the numbers of policies.py,
which count with their values. What does not count, since it says how work is done and not what
comes out of it: `NOT_FOLLOWED`, policies of calls, numbers in `policies.UNVERSIONED`, what is used
of our other packages (gateways, runtime, storage) and of libraries. Methods of what is handed to a
function are not found by name either: what is handed to it counts by its own version.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.util import find_spec
from typing import Any, cast

from pipeline_defs import policies

POLICIES = "pipeline_defs.policies"
FOLLOWED = ("pipeline_defs.domain.", "pipeline_defs.media.", "pipeline_defs.rendering.")
NOT_FOLLOWED = frozenset(
    {
        "pipeline_defs.domain.errors",  # how a failure is told
        "pipeline_defs.media.rejections",
        "pipeline_defs.media.beside",  # in which thread or process something is computed
        "pipeline_defs.media.feeding",
        "pipeline_defs.media.ffmpeg",
        "pipeline_defs.domain.versions",  # how a version is told
    }
)
HOW_CALLS_ARE_MADE = (policies.StepPolicy, policies.Retry, policies.KeyLimit)


@dataclass(frozen=True, slots=True)
class Found:
    """What makes a thing: the text of each definition, and the names of the numbers they read."""

    texts: tuple[str, ...]
    numbers: tuple[str, ...]

    def values(self) -> dict[str, Any]:
        """The numbers as they are now, but for those that change nothing that is made."""
        counted = (name for name in self.numbers if name not in policies.UNVERSIONED)
        values = {name: getattr(policies, name) for name in counted}
        return {
            n: value for n, value in values.items() if not isinstance(value, HOW_CALLS_ARE_MADE)
        }


@dataclass(frozen=True, slots=True)
class _Definition:
    """Its text, with that of its module which defines nothing; (module, definition) it uses."""

    texts: tuple[str, ...]
    uses: frozenset[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class _Module:
    """Statements by what they define (by "" those that define nothing), and what is imported."""

    definitions: dict[str, list[ast.stmt]] = field(default_factory=dict[str, list[ast.stmt]])
    imports: dict[str, tuple[str, str]] = field(default_factory=dict[str, tuple[str, str]])


@cache
def code_of(name: str) -> Found:
    """The code behind a module, or behind one definition of it as `module:definition`.

    Comments, docstrings, annotations of functions, imports, layout and order change nothing that
    is made: they are left out. Raises LookupError where there is no such code.
    """
    module, _, definition = name.partition(":")
    begin = [definition] if definition else list(_read(module).definitions)
    waiting = [(module, each) for each in begin]
    seen = set[tuple[str, str]]()
    texts, numbers = set[str](), set[str]()
    while waiting:
        used = waiting.pop()
        if used in seen:
            continue
        seen.add(used)
        if used[0] == POLICIES:
            numbers.add(used[1])
        else:
            defined = _defined(*used)
            texts.update(defined.texts)
            waiting.extend(defined.uses)
    return Found(tuple(sorted(texts)), tuple(sorted(numbers)))


def text_of(module: str) -> str:
    """The source of a module, which is not run for it. LookupError where there is none."""
    found = find_spec(module)
    source = getattr(found.loader, "get_source", lambda _: None)(module) if found else None
    if source is None:
        raise LookupError(f"there is no source of {module}")
    return source


@cache
def _defined(module: str, name: str) -> _Definition:
    statements = list(_statements(module, name))
    return _Definition(
        tuple(ast.unparse(statement) for statement in statements),
        frozenset(use for statement in statements for use in _used_by(statement, module)),
    )


@cache
def _read(module: str) -> _Module:
    tree = ast.parse(text_of(module))
    found = _Module()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                imported = _imported(node.module, alias.name)
                found.imports[alias.asname or alias.name] = imported
        _without_words(node)
    for statement in tree.body:
        for name in _names_of(statement):
            found.definitions.setdefault(name, []).append(statement)
    return found


def _imported(module: str, name: str) -> tuple[str, str]:
    """(module, definition), or (module, "") of a whole module: packages define nothing."""
    return (f"{module}.{name}", "") if _is_package(module) else (module, name)


@cache
def _is_package(module: str) -> bool:
    spec = find_spec(module) if f"{module}.".startswith("pipeline_defs.") else None
    return spec is not None and spec.submodule_search_locations is not None


def _names_of(statement: ast.stmt) -> set[str]:
    match statement:
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
            return {statement.name}
        case ast.Assign():
            within: Sequence[ast.AST] = statement.targets
        case ast.AugAssign():
            within = [statement.target]
        case _:
            within = [statement]
    nodes = (node for part in within for node in ast.walk(part))
    stored = (n for n in nodes if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store))
    return {node.id for node in stored} or {""}


def _statements(module: str, name: str) -> Iterator[ast.stmt]:
    """Those of a definition, with those of its module that define nothing; of all, with ""."""
    definitions = _read(module).definitions
    if name not in definitions and name:
        raise LookupError(f"{module} defines no {name}")
    wanted = {name, ""} if name else set(definitions)
    for each in wanted & set(definitions):
        yield from definitions[each]


def _used_by(statement: ast.stmt, module: str) -> Iterator[tuple[str, str]]:
    """(module, definition) of everything that is followed."""
    known = _read(module)
    of_modules: set[ast.AST] = set()
    for node in ast.walk(statement):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            target, whole = known.imports.get(node.value.id, ("", "?"))
            if not whole:
                of_modules.add(node.value)
                yield from _followed(target, node.attr)
        elif isinstance(node, ast.Name) and node not in of_modules:
            if node.id in known.definitions:
                yield module, node.id
            elif node.id in known.imports:
                yield from _followed(*known.imports[node.id])


def _followed(module: str, name: str) -> Iterator[tuple[str, str]]:
    if module == POLICIES or (module.startswith(FOLLOWED) and module not in NOT_FOLLOWED):
        yield module, name


def _without_words(node: ast.AST) -> None:
    """Takes from a node what changes nothing: docstrings, imports, annotations but of fields."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        node.returns = None
    elif isinstance(node, ast.arg):
        node.annotation = None
    for name in ("body", "orelse", "finalbody"):
        body = getattr(node, name, None)
        if isinstance(body, list) and body:
            kept = _kept(cast("list[ast.stmt]", body), fields=isinstance(node, ast.ClassDef))
            setattr(node, name, list(kept) or [ast.Pass()])


def _kept(body: Sequence[ast.stmt], *, fields: bool) -> Iterator[ast.stmt]:
    for node in body:
        match node:
            case ast.Import() | ast.ImportFrom() | ast.Expr(value=ast.Constant()):
                pass
            case ast.If(test=ast.Name(id="TYPE_CHECKING")):
                pass
            case ast.AnnAssign() if not fields:
                if node.value is not None:
                    yield ast.fix_missing_locations(ast.Assign([node.target], node.value, lineno=0))
            case _:
                yield node
