"""Statements of a transaction that nobody waits for, until they are sent together.

What is asked for row by row becomes one statement for all its rows, as far as that changes nothing:
statements about the same thing keep their order.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from typing import Any

from psycopg.abc import Params, QueryNoTemplate
from psycopg.types.json import Jsonb

from pipeline_defs.storage.queries import statement

Row = Mapping[str, Any]


@dataclass(slots=True)
class Returned:
    """The rows a statement returned for all it was asked for, once its transaction is committed."""

    rows: list[dict[str, Any]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Statement:
    """What to send; `returned` takes what comes back, where somebody wants it."""

    query: QueryNoTemplate
    parameters: Params
    returned: Returned | None = None


@dataclass(frozen=True, slots=True)
class _Rows:
    """A statement that still takes rows, and its place in the order."""

    place: int
    rows: list[Row]
    returned: Returned


class Unsent:
    """The statements in their order."""

    def __init__(self) -> None:
        self._statements: list[Statement] = []
        self._open: dict[str, _Rows] = {}  # by name
        self._places: dict[Hashable, int] = {}  # by what rows are about: the last one's

    def __len__(self) -> int:
        return len(self._statements)

    def add(self, query: QueryNoTemplate, parameters: Params) -> None:
        """A statement of its own. No row asked for later takes effect before it."""
        self._close()
        self._statements.append(Statement(query, parameters))

    def add_row(self, name: str, about: Hashable, row: Row, most: int) -> Returned:
        """A row of a statement that takes `rows`, a JSON array, of at most so many.

        It takes effect after what was asked for `about` the same before; with None for that, in
        any order.
        """
        taking = self._open.get(name)
        before = self._places.get(about, -1) if about is not None else -1
        if taking is None or before >= taking.place or len(taking.rows) >= most:
            taking = self._open[name] = _Rows(len(self._statements), [], Returned())
            rows = {"rows": Jsonb(taking.rows)}
            self._statements.append(Statement(statement(name), rows, taking.returned))
        taking.rows.append(row)
        self._places[about] = taking.place
        return taking.returned

    def taken(self) -> list[Statement]:
        """All of them; none is left."""
        self._close()
        taken, self._statements = self._statements, []
        return taken

    def _close(self) -> None:
        self._open.clear()
        self._places.clear()
