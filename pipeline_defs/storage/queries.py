"""The SQL of the product by name: `queries["units.create"]` is the statement `create` of units.sql.

A file holds statements separated by `-- name:` lines; the comments below a name describe it.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent / "sql"
MARK = re.compile(r"^-- name: (\w+)$", re.MULTILINE)


@cache
def statement(name: str) -> bytes:
    """The statement called `file.name`; KeyError names what is missing."""
    file, _, wanted = name.partition(".")
    return _statements(file)[wanted].encode()


@cache
def _statements(file: str) -> dict[str, str]:
    parts = MARK.split((FOLDER / f"{file}.sql").read_text())
    return {name: text.strip() for name, text in zip(parts[1::2], parts[2::2], strict=True)}
