"""The SQL of the product by name: `queries["units.create"]` is the statement `create` of units.sql.

A file holds statements separated by `-- name:` lines; the comments below a name describe it. The
statements of a line outside the product are named with their package: `package/file.name`.
"""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files
from pathlib import Path

FOLDER = Path(__file__).parent / "sql"
MARK = re.compile(r"^-- name: (\w+)$", re.MULTILINE)


@cache
def statement(name: str) -> bytes:
    """The statement called `file.name` or `package/file.name`; KeyError names what is missing."""
    file, _, wanted = name.rpartition(".")
    return _statements(file)[wanted].encode()


@cache
def _statements(file: str) -> dict[str, str]:
    package, _, stem = file.rpartition("/")
    folder = files(package) if package else FOLDER
    parts = MARK.split((folder / f"{stem}.sql").read_text())
    return {name: text.strip() for name, text in zip(parts[1::2], parts[2::2], strict=True)}
