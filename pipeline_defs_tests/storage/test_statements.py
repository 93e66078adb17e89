"""Every statement of the SQL files is understood by Postgres, with the application's rights."""

from __future__ import annotations

import re

import psycopg
import pytest

from pipeline_defs.storage.queries import FOLDER, _statements, statement
from pipeline_defs_tests.servers import TestDatabase

NAMES = [
    f"{file.stem}.{name}"
    for file in sorted(FOLDER.glob("*.sql"))
    for name in _statements(file.stem)
]
PARAMETER = re.compile(rb"%\((\w+)\)s")


def test_every_statement_parses(database: TestDatabase) -> None:
    """PREPARE resolves tables, columns and functions."""
    broken = []
    with psycopg.connect(database.app_url, autocommit=True) as connection:
        for name in NAMES:
            numbers: dict[bytes, int] = {}
            text = PARAMETER.sub(
                lambda found: b"$%d" % numbers.setdefault(found[1], len(numbers) + 1),  # noqa: B023
                statement(name),
            )
            prepared = connection.pgconn.prepare(name.encode(), text.replace(b"%%", b"%"))
            if prepared.status != psycopg.pq.ExecStatus.COMMAND_OK:
                broken.append((name, prepared.error_message.decode()))
    assert not broken
    assert len(NAMES) > 60


def test_every_file_names_all_its_statements() -> None:
    for file in FOLDER.glob("*.sql"):
        text = file.read_text()
        assert text.startswith("-- name: "), file.name
        names = re.findall(r"^-- name: (\w+)$", text, re.MULTILINE)
        assert len(names) == len(set(names)) == text.count("-- name:"), file.name
        assert ";" not in re.sub(r"--.*|'[^']*'", "", text), file.name


def test_a_name_that_is_missing_is_named() -> None:
    with pytest.raises(KeyError, match="nosuch"):
        statement("units.nosuch")
