"""Files of page requests: read and checked as a whole, and written so that they can be sent again.

Nothing of a file counts unless all of it is right; every fault is named by row and column.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError

from pipeline_defs import policies
from pipeline_defs.domain import strict_json
from pipeline_defs.domain.field_errors import FieldError, readable
from pipeline_defs.domain.pages import batch_columns
from pipeline_defs.domain.pages.addresses import page_of, web_address
from pipeline_defs.domain.pages.batch_columns import COLUMNS, FORMS, REASONS, Column, is_blank
from pipeline_defs.domain.pages.requests import PageRequest
from pipeline_defs.domain.spreadsheets import as_it_was, harmless
from pipeline_defs.runtime.table_files import (
    Bounds,
    NotATable,
    RowError,
    Table,
    kind_of,
    letter_of,
    read_csv,
    too_many,
)
from pipeline_defs.runtime.xlsx_files import read_xlsx

BOUNDS = Bounds(policies.PAGE_BATCH_ROWS, policies.PAGE_BATCH_COLUMNS)
BYTE_ORDER_MARK = "\ufeff"  # tells a spreadsheet that it is UTF-8
PIECE_CHARS = 64_000
VALUE_CHARS = 80  # of a faulty cell, in its error
SHOWN_CHARS = 200  # of a cell, in a preview
FORMULA_ERRORS = frozenset(
    ("#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NULL!", "#NUM!", "#SPILL!", "#CALC!")
)
EXAMPLES: tuple[dict[str, Any], ...] = (
    {
        "page_type": "category",
        "target_url": "https://shop.example/tents",
        "keywords": ["trekking tent", "light tent"],
        "priority": "HIGH",
        "metadata": {"category": "Tents", "sku_count": 120, "monthly_searches": 5400},
    },
    {
        "page_type": "product",
        "target_url": "https://shop.example/tents/larch-2",
        "keywords": ["two person tent"],
        "brand_voice": "Warm and plain",
        "metadata": {"skus": ["TH-200"], "content_status": "missing"},
        "options": {"publish": "draft"},
    },
)


@dataclass(frozen=True, slots=True)
class BatchReading:
    """What a file says. `requests`: all of them, or none where anything is wrong.

    `total` rows with anything in them; `columns` by the names they have here; `rows` the first ones
    for people to look at, each with its number as `row`. `errors`: the first faults by row;
    `error_count`: how many there are.
    """

    requests: tuple[PageRequest, ...] = ()
    total: int = 0
    columns: tuple[str, ...] = ()
    rows: tuple[Mapping[str, Any], ...] = ()
    errors: tuple[RowError, ...] = ()
    error_count: int = 0


@dataclass(frozen=True, slots=True)
class _Layout:
    """Which cells of a row belong to which column; `spare`: those that have no heading."""

    places: tuple[tuple[int, Column], ...]
    spare: tuple[int, ...]


@dataclass(slots=True)
class _Findings:
    """What was found so far; addresses with the row they stood in first."""

    requests: list[PageRequest] = field(default_factory=list[PageRequest])
    errors: list[RowError] = field(default_factory=list[RowError])
    error_count: int = 0
    addresses: dict[str, int] = field(default_factory=dict[str, int])

    def fault(
        self, row: int, column: str, message: str, fix: str | None = None, value: Any = ""
    ) -> None:
        """Note a fault; beyond a number of them they are only counted."""
        self.error_count += 1
        if len(self.errors) < policies.PAGE_BATCH_FAULTS_TOLD:
            self.errors.append(RowError(row, column, message, fix, _short(value, VALUE_CHARS)))

    def take(self, row: int, request: PageRequest) -> None:
        """Note a request that is right, unless its page is asked for already."""
        address = page_of(web_address(request.target_url) or request.target_url)
        before = self.addresses.setdefault(address, row)
        if before == row:
            self.requests.append(request)
            return
        message = f"is the same page as in row {before}"
        self.fault(row, "target_url", message, "Remove one of the two rows.", request.target_url)

    def reading(
        self, total: int, columns: Sequence[str], rows: Iterable[Mapping[str, Any]]
    ) -> BatchReading:
        """The result."""
        return BatchReading(
            requests=() if self.error_count else tuple(self.requests),
            total=total,
            columns=tuple(columns),
            rows=tuple(rows),
            errors=tuple(self.errors),
            error_count=self.error_count,
        )


def read_batch(data: bytes, media_type_or_name: str) -> BatchReading:
    """The page requests of a JSON, CSV or XLSX file, or what is wrong with it."""
    try:
        kind = kind_of(data, media_type_or_name, policies.PAGE_BATCH_BYTES)
        if kind == "json":
            return _of_entries(_entries(data))
        table = read_xlsx(data, BOUNDS) if kind == "xlsx" else read_csv(data, BOUNDS)
    except NotATable as refusal:
        return BatchReading(errors=(refusal.error,), error_count=1)
    return _of_table(table, FORMULA_ERRORS if kind == "xlsx" else frozenset())


def failures_csv(failed: Iterable[tuple[PageRequest, Mapping[str, Any]]]) -> Iterator[bytes]:
    """Requests with the error of each as CSV, in pieces; `read_batch` gives the same requests."""
    head = [*(column.name for column in COLUMNS), *REASONS]
    rows = (
        [*batch_columns.cells_of(request), *(_reason(error, name) for name in REASONS)]
        for request, error in failed
    )
    return _csv(head, rows)


def template_csv() -> bytes:
    """A file to start from: the headings, and two pages as examples."""
    examples = [PageRequest.model_validate(example) for example in EXAMPLES]
    named = [place for place, column in enumerate(COLUMNS) if column.name != "product"]
    rows = ([batch_columns.cells_of(request)[n] for n in named] for request in examples)
    return b"".join(_csv([COLUMNS[n].name for n in named], rows))


def _csv(head: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[bytes]:
    piece = io.StringIO(newline="")
    writer = csv.writer(piece, lineterminator="\r\n")
    piece.write(BYTE_ORDER_MARK)
    writer.writerow(head)
    for row in rows:
        writer.writerow(row)
        if piece.tell() >= PIECE_CHARS:
            yield piece.getvalue().encode()
            piece.seek(0)
            piece.truncate()
    yield piece.getvalue().encode()


def _reason(error: Mapping[str, Any], heading: str) -> str:
    return harmless(str(error.get(heading.removeprefix("error_")) or ""))


def _entries(data: bytes) -> list[Any]:
    try:
        found = strict_json.loads(data.removeprefix(BYTE_ORDER_MARK.encode()))
    except strict_json.BadJson as error:
        raise NotATable(f"is not JSON that can be taken: {error}") from error
    entries = found.get("pages") if isinstance(found, dict) and set(found) == {"pages"} else found
    if not isinstance(entries, list):
        raise NotATable("must be a list of page requests", 'Send [{...}] or {"pages": [{...}]}.')
    if len(entries) > BOUNDS.rows:
        raise too_many(BOUNDS.rows)
    return entries


def _of_entries(entries: list[Any]) -> BatchReading:
    found = _Findings()
    for row, entry in enumerate(entries, start=1):
        try:
            found.take(row, PageRequest.model_validate(entry))
        except ValidationError as error:
            for fault, value in _told(error, entry):
                name = "entry" if fault.field == "body" else fault.field
                found.fault(row, name, fault.message, fault.fix, value)
    shown = [_flat(entry) for entry in entries[: policies.PAGE_BATCH_ROWS_SHOWN]]
    columns = dict.fromkeys(name for cells in shown for name in cells)
    rows = ({"row": row, **cells} for row, cells in enumerate(shown, start=1))
    return found.reading(len(entries), list(columns), rows)


def _flat(entry: Any) -> dict[str, str]:
    """An entry as cells, however wrong it is."""
    if not isinstance(entry, dict):
        return {"entry": _short(entry, SHOWN_CHARS)}
    cells: dict[str, str] = {}
    for name, value in list(entry.items())[: policies.PAGE_BATCH_COLUMNS]:
        inner = value if name in ("metadata", "options") and isinstance(value, dict) else None
        for key, content in {name: value}.items() if inner is None else inner.items():
            cells[_short(key, VALUE_CHARS)] = _short(content, SHOWN_CHARS)
    return cells


def _of_table(table: Table, refused: frozenset[str]) -> BatchReading:
    found = _Findings()
    layout = _layout(table, found)
    if set(batch_columns.REQUIRED) <= {column for _, column in layout.places}:
        for row, cells in table.rows:
            _check_row(row, cells, layout, refused, found)
    shown = (
        {"row": row, **{column.name: _short(cells[n], SHOWN_CHARS) for n, column in layout.places}}
        for row, cells in table.rows[: policies.PAGE_BATCH_ROWS_SHOWN]
    )
    return found.reading(len(table.rows), [column.name for _, column in layout.places], shown)


def _layout(table: Table, found: _Findings) -> _Layout:
    places: dict[Column, int] = {}
    spare: list[int] = []
    row = table.heading_row
    for place, heading in enumerate(table.headings):
        column = batch_columns.column_of(heading)
        if column is None:
            if not heading:
                spare.append(place)
            elif not batch_columns.is_reason(heading):
                found.fault(row, _short(heading, VALUE_CHARS), *_unknown(heading))
        elif column in places:
            first = letter_of(places[column] + 1)
            found.fault(row, heading, f"is the same as column {first}", "Remove one of the two.")
        else:
            places[column] = place
    for column in batch_columns.REQUIRED:
        if column not in places:
            found.fault(row, column.name, "is missing from the headings", "Add the column.")
    spare += range(len(table.headings), BOUNDS.columns + 1)
    return _Layout(tuple((place, column) for column, place in places.items()), tuple(spare))


def _unknown(heading: str) -> tuple[str, str]:
    meant = batch_columns.nearest(heading)
    known = ", ".join(column.name for column in COLUMNS)
    fix = f"Did you mean {meant.name}?" if meant else f"Remove it. Known columns are {known}."
    return "is not a known column", fix


def _check_row(
    row: int,
    cells: Sequence[str],
    layout: _Layout,
    refused: frozenset[str],
    found: _Findings,
) -> None:
    stray = next((n for n in layout.spare if cells[n] and not is_blank(cells[n])), None)
    if stray is not None:
        fix = "Add the heading, or put quotation marks around cells that contain the delimiter."
        found.fault(row, letter_of(stray + 1), "has no heading", fix, cells[stray])
        return
    given = [(column, as_it_was(cells[place])) for place, column in layout.places]
    texts = dict(given)
    body, faults = batch_columns.body_of(given)
    faults |= {column: "holds a formula's error" for column, cell in given if cell in refused}
    for column, message in faults.items():
        found.fault(row, column.name, message, column.fix, texts[column])
    try:
        request = PageRequest.model_validate(body)
    except ValidationError as error:
        for fault, _ in _told(error, body):
            _blame(row, fault, texts, faults, found)
        return
    if not faults:
        found.take(row, request)


def _blame(
    row: int,
    fault: FieldError,
    texts: Mapping[Column, str],
    known: Mapping[Column, str],
    found: _Findings,
) -> None:
    """Note a fault with the column it comes from, unless the column has one already."""
    column, part = batch_columns.owner_of(fault.field)
    if column is None:
        found.fault(row, fault.field, fault.message, fault.fix)
    elif column not in known:
        message = f"{_spoken(part)} {fault.message}" if part else fault.message
        fix = fault.fix or column.fix
        found.fault(row, column.name, message, fix, texts.get(column, ""))


def _spoken(part: str) -> str:
    """Where within a cell: `[2]` is its third entry."""
    number, bracket, rest = part.removeprefix("[").partition("]")
    if not (part.startswith("[") and bracket and number.isdigit()):
        return f"`{part.lstrip('.')}`"
    return f"entry {int(number) + 1}" + (f", `{rest.lstrip('.')}`," if rest else "")


def _told(error: ValidationError, body: Any) -> list[tuple[FieldError, Any]]:
    """What is wrong in words, with what was given; the form of a text instead of a pattern."""
    told: dict[str, tuple[FieldError, Any]] = {}
    for item in error.errors(include_url=False):
        names = [part for part in item["loc"] if isinstance(part, str)]
        form = FORMS.get(names[-1]) if names else None
        shaped: Mapping[str, Any] = dict(item)
        if item["type"] == "string_pattern_mismatch" and form:
            shaped = {"type": "form", "loc": item["loc"], "msg": form}
        value = "" if item["type"] == "missing" else item["input"]
        for fault in readable([shaped], body):
            told.setdefault(fault.field, (fault, value))
    return list(told.values())


def _short(value: Any, most: int) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= most else f"{text[: most - 1]}…"
