"""The architecture's promises about who may use whom, read from the source with `ast`.

    domain <- gateways, storage <- runtime <- defs <- definitions
    domain <- media, rendering <- defs, local
                                   runtime <- web
                                   everything <- local <- cli

A new package or a new module at the top has to be given its place in `MAY_USE`.
"""

from __future__ import annotations

import ast
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "pipeline_defs"
MAX_LINES = 400

BASE = {"policies", "settings"}
CORE = BASE | {"domain", "gateways", "storage", "runtime"}
MAY_USE: dict[str, set[str]] = {
    "policies": set(),
    "settings": {"policies"},
    "domain": {"domain", "policies"},  # pure: nothing of the environment
    "media": {"domain", "media", "policies"},  # computation on files and bytes of this machine
    "rendering": {"domain", "policies", "rendering"},  # templates of what is published
    "gateways": BASE | {"domain", "gateways"},
    "storage": BASE | {"domain", "storage"},
    "runtime": CORE,
    "defs": CORE | {"media", "rendering", "defs"},
    "definitions": CORE | {"defs"},
    "web": BASE | {"domain", "storage", "runtime", "web"},
    "local": CORE | {"media", "rendering", "definitions", "web", "local"},
    "cli": CORE | {"media", "defs", "definitions", "web", "local", "cli"},
}
# Packages of others that a layer never touches.
NEVER: dict[str, set[str]] = {
    "policies": {"dagster", "os", "pydantic_settings"},
    "settings": {"dagster"},
    "domain": {
        "asyncio", "boto3", "celery", "dagster", "fastapi", "httpx", "obstore", "openai", "os",
        "pathlib", "psycopg", "redis", "requests", "socket", "sqlalchemy", "starlette",
        "subprocess", "threading", "time", "urllib3", "uvicorn",
    },
    "media": {
        "boto3", "celery", "dagster", "fastapi", "httpx", "obstore", "openai", "psycopg", "redis",
        "requests", "socket", "starlette", "urllib3",
    },
    "rendering": {
        "asyncio", "celery", "dagster", "fastapi", "httpx", "openai", "os", "psycopg", "redis",
        "socket", "starlette", "subprocess", "time",
    },
    "gateways": {"celery", "dagster", "fastapi", "psycopg", "redis", "starlette"},
    "storage": {"celery", "dagster", "fastapi", "httpx", "openai", "redis", "starlette"},
    "runtime": {"fastapi", "starlette", "openai"},
    "defs": {"fastapi", "starlette", "openai", "httpx"},
    "web": {"celery", "dagster", "openai"},
    "cli": {"celery", "dagster", "openai"},
}  # fmt: skip
DAGSTER_INTERNALS = "runtime/dagster/internals.py"
ENVIRONMENT = {
    "settings.py": "the one place where configuration is read",
    "local/providers/__main__.py": "a development tool: its own address and key",
    "local/guard.py": "empties the environment of the process it guards, and finds its supervisor",
    "local/supervisord.py": "leaves its process id to the guards it starts",
}


@dataclass(frozen=True)
class Use:
    """One import: of which module, where, and whether it runs when the module is loaded."""

    target: str
    line: int
    at_load: bool


@dataclass(frozen=True)
class Module:
    """A parsed source file of the package."""

    path: Path
    tree: ast.Module

    @property
    def name(self) -> str:
        return self.path.relative_to(PACKAGE).as_posix()

    @property
    def layer(self) -> str:
        return self.name.split("/")[0].removesuffix(".py")

    def uses(self) -> list[Use]:
        return list(_uses(self.tree, at_load=True))


@cache
def modules() -> tuple[Module, ...]:
    return tuple(
        Module(path, ast.parse(path.read_text(encoding="utf-8"), str(path)))
        for path in sorted(PACKAGE.rglob("*.py"))
    )


def _uses(node: ast.AST, *, at_load: bool) -> Iterator[Use]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Import):
            for name in child.names:
                yield Use(name.name, child.lineno, at_load)
        elif isinstance(child, ast.ImportFrom):
            assert child.level == 0, "imports are absolute"
            for name in child.names:
                yield Use(f"{child.module}.{name.name}", child.lineno, at_load)
        elif isinstance(child, ast.If) and _is_for_type_checkers(child.test):
            for statement in child.body:
                yield from _uses(ast.Module([statement], []), at_load=False)
            for statement in child.orelse:
                yield from _uses(ast.Module([statement], []), at_load=at_load)
        else:
            inside = isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda))
            yield from _uses(child, at_load=at_load and not inside)


def _is_for_type_checkers(test: ast.expr) -> bool:
    return ast.unparse(test) in ("TYPE_CHECKING", "typing.TYPE_CHECKING")


def _our_layer(target: str) -> str | None:
    parts = target.split(".")
    return parts[1] if parts[0] == "pipeline_defs" and len(parts) > 1 else None


def test_every_part_of_the_package_has_its_place() -> None:
    layers = {module.layer for module in modules()} - {"__init__"}
    assert layers == set(MAY_USE)


def test_imports_point_in_one_direction() -> None:
    wrong = [
        f"{module.name}:{use.line} uses {use.target}"
        for module in modules()
        for use in module.uses()
        if (layer := _our_layer(use.target)) is not None
        and layer not in MAY_USE.get(module.layer, set())
    ]
    assert wrong == []


def test_layers_keep_away_from_libraries_that_are_not_theirs() -> None:
    wrong = [
        f"{module.name}:{use.line} uses {use.target}"
        for module in modules()
        for use in module.uses()
        if use.target.split(".")[0] in NEVER.get(module.layer, set())
    ]
    assert wrong == []


def test_only_one_module_knows_the_internals_of_dagster() -> None:
    """Tests and scripts too: an upgrade of Dagster is checked in one place."""
    found = {
        path.relative_to(ROOT).as_posix()
        for folder in ("pipeline_defs", "pipeline_defs_tests", "scripts", "benchmarks")
        for path in (ROOT / folder).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Import | ast.ImportFrom)
        for target in _imported(node)
        if target.startswith("dagster._")
    }
    assert found == {f"pipeline_defs/{DAGSTER_INTERNALS}"}


def test_only_settings_read_the_environment() -> None:
    found: dict[str, list[int]] = {}
    for module in modules():
        lines = [node.lineno for node in ast.walk(module.tree) if _reads_environment(node)]
        if lines:
            found[module.name] = lines
    assert {name: lines for name, lines in found.items() if name not in ENVIRONMENT} == {}
    assert set(ENVIRONMENT) == set(found), "an entry of the list is no longer needed"


def _imported(node: ast.Import | ast.ImportFrom) -> list[str]:
    """Full names of what a statement imports from absolute modules."""
    if isinstance(node, ast.Import):
        return [name.name for name in node.names]
    return [f"{node.module}.{name.name}" for name in node.names] if not node.level else []


def _reads_environment(node: ast.AST) -> bool:
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
        return node.value.id == "os" and node.attr in ("environ", "environb", "getenv", "putenv")
    if isinstance(node, ast.ImportFrom):
        names = {name.name for name in node.names}
        return node.module == "os" and bool(names & {"environ", "environb", "getenv", "putenv"})
    return isinstance(node, ast.ClassDef) and any(
        ast.unparse(base).endswith("BaseSettings") for base in node.bases
    )


def test_no_heavy_client_is_imported_when_a_module_is_loaded() -> None:
    """The linter says so too; a `noqa` would silence it."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    rules = project["tool"]["ruff"]["lint"]["flake8-tidy-imports"]
    heavy = set(rules["banned-module-level-imports"])
    assert heavy >= {"openai", "pandas", "obstore", "bm25s", "py3langid", "playwright"}
    wrong = [
        f"{module.name}:{use.line} uses {use.target}"
        for module in modules()
        for use in module.uses()
        if use.at_load and use.target.split(".")[0] in heavy
    ]
    assert wrong == []


@pytest.mark.parametrize("folder", ["pipeline_defs", "pipeline_defs_tests"])
def test_no_file_is_longer_than_four_hundred_lines(folder: str) -> None:
    lengths = {
        path.relative_to(ROOT).as_posix(): len(path.read_text(encoding="utf-8").splitlines())
        for kind in ("*.py", "*.sql", "*.lua", "*.html", "*.css", "*.js")
        for path in (ROOT / folder).rglob(kind)
        if path != PACKAGE / "policies.py"  # the table of all numbers
    }
    assert {name: lines for name, lines in lengths.items() if lines > MAX_LINES} == {}


def test_every_module_says_what_belongs_into_it() -> None:
    silent = [m.name for m in modules() if m.tree.body and not ast.get_docstring(m.tree)]
    assert silent == []


def test_package_files_are_empty() -> None:
    """One import path per symbol: a package re-exports nothing."""
    full = [m.name for m in modules() if m.path.name == "__init__.py" and _holds_code(m.tree)]
    assert full == []


def _holds_code(tree: ast.Module) -> bool:
    return any(not isinstance(node, ast.Expr) for node in tree.body)


def test_the_reader_of_imports_sees_all_kinds() -> None:
    source = (
        "import a.b\nfrom c import d\nif TYPE_CHECKING:\n    import e\nelse:\n    import f\n"
        "class G:\n    import g\ntry:\n    import h\nexcept ImportError:\n    pass\n"
        "def i():\n    import j\n"
    )
    seen = {(use.target, use.at_load) for use in _uses(ast.parse(source), at_load=True)}
    assert seen == {
        ("a.b", True),
        ("c.d", True),
        ("e", False),
        ("f", True),
        ("g", True),
        ("h", True),
        ("j", False),
    }
