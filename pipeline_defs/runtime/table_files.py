"""Tables that people upload, as text cells with the row numbers a spreadsheet shows them with.

CSV in any usual delimiter and encoding, and XLSX. Whatever cannot be read is refused in words; how
much is read is bounded before anything is unpacked or parsed.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

Kind = Literal["json", "csv", "xlsx"]
FILE = "file"  # stands for the column where the whole file is faulty
DELIMITERS = ",;\t"
MARKED = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
ZIP = b"PK\x03\x04"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
UNCLOSED = re.compile("inside string starting at row ([0-9]+)")
TOO_WIDE = re.compile("in line ([0-9]+), saw ([0-9]+)")
LINE_END = re.compile("[\r\n]")
SEPARATOR_LINE = re.compile("\ufeff?sep=([,;\t])\r?\n", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class RowError:
    """What is wrong in which row and column; row 0: with the whole file.

    `value` is the beginning of what stands there.
    """

    row: int
    column: str
    message: str
    fix: str | None = None
    value: str = ""


class NotATable(ValueError):
    """A file that cannot be read at all."""

    def __init__(self, message: str, fix: str | None = None, *, row: int = 0) -> None:
        super().__init__(message)
        self.error = RowError(row, FILE, message, fix)


@dataclass(frozen=True, slots=True)
class Table:
    """Cells as text. `rows` are those below the headings with anything in them, by row number."""

    heading_row: int
    headings: tuple[str, ...]
    rows: tuple[tuple[int, Sequence[str]], ...]


@dataclass(frozen=True, slots=True)
class Bounds:
    """How much of a table is read. `rows` are those with anything in them, below the headings."""

    rows: int
    columns: int

    @property
    def lines(self) -> int:
        """Rows that are looked at, empty ones too."""
        return 10 * self.rows


def kind_of(data: bytes, name: str, most_bytes: int) -> Kind:
    """What a file is, by its first bytes and by its media type or name. Raises NotATable."""
    if len(data) > most_bytes:
        raise NotATable(
            f"is larger than {most_bytes // 1_000_000} MB", "Split it into several files."
        )
    if not data.strip():
        raise NotATable("is empty")
    declared = _declared(name)
    start = data[:512].lstrip(b"\xef\xbb\xbf \t\r\n")
    if data.startswith(OLE):
        raise NotATable(
            "is an old .xls file, or protected by a password",
            "Save it as .xlsx without a password, or as CSV.",
        )
    if data.startswith(ZIP):
        return "xlsx"
    if declared == "xlsx":
        raise NotATable("is not an .xlsx file", "Save it as .xlsx, or send it as CSV.")
    if start.startswith(b"<"):
        raise NotATable("is HTML or XML", "Export the table as CSV or .xlsx.")
    return "json" if declared == "json" or start.startswith((b"[", b"{")) else "csv"


def read_csv(data: bytes, bounds: Bounds) -> Table:
    """The table of a CSV file. Raises NotATable, with the row where one is broken."""
    import pandas as pd

    text = _without_empty_end(decoded(data))
    if not text.strip(f" {DELIMITERS}\r\n"):
        raise NotATable("is empty")
    told = SEPARATOR_LINE.match(text)
    text = text[told.end() :] if told else text
    delimiter = told[1] if told else _delimiter(text, bounds)
    try:
        frame = pd.read_csv(
            io.StringIO(text, newline=""),
            sep=delimiter,
            header=None,
            names=range(bounds.columns + 1),
            index_col=False,
            dtype=object,
            na_filter=False,
            skip_blank_lines=False,
            nrows=bounds.lines + 1,
        )
    except pd.errors.ParserError as error:
        raise _broken(str(error), bounds) from error
    except pd.errors.EmptyDataError as error:
        raise NotATable("is empty") from error
    return table_of(frame.to_numpy().tolist(), bounds)


def table_of(lines: Iterable[Sequence[str]], bounds: Bounds) -> Table:
    """A table by all its rows, from the first one of the sheet. Raises NotATable."""
    filled = _filled(lines, bounds)
    heading_row, headings = next(filled, (0, ()))
    if not heading_row:
        raise NotATable("is empty")
    width = max(number for number, cell in enumerate(headings, start=1) if cell.strip())
    if width > bounds.columns:
        raise _too_wide(heading_row, width, bounds)
    rows: list[tuple[int, Sequence[str]]] = []
    for row in filled:
        rows.append(row)
        if len(rows) > bounds.rows:
            raise too_many(bounds.rows)
    return Table(heading_row, tuple(cell.strip() for cell in headings[:width]), tuple(rows))


def too_many(rows: int) -> NotATable:
    """There are more than so many rows."""
    return NotATable(f"has more than {rows:,} rows", "Split it into several files.")


def decoded(data: bytes) -> str:
    """The text of a file: UTF-8, UTF-16 with its mark, or else the code page of Windows."""
    mark = next((name for begin, name in MARKED.items() if data.startswith(begin)), None)
    if mark != "utf-16":
        _without_nul(b"\0" in data)
    try:
        text = data.decode(mark or "utf-8")
    except UnicodeDecodeError as error:
        if mark:
            raise NotATable(f"is broken: byte {error.start} is not {mark.upper()}") from error
        text = _of_windows(data)
    _without_nul("\0" in text)
    return text


def letter_of(number: int) -> str:
    """What a spreadsheet calls its n-th column: 1 is A, 27 is AA."""
    letters = ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def _declared(name: str) -> Kind | None:
    plain = name.partition(";")[0].strip().lower()
    if plain.endswith((".xlsx", "spreadsheetml.sheet")):
        return "xlsx"
    return "json" if plain.endswith(("json", ".jsonl")) else None


def _without_nul(found: bool) -> None:
    if found:
        raise NotATable("is not text: it holds NUL characters", "Save it as CSV in UTF-8.")


def _of_windows(data: bytes) -> str:
    try:
        return data.decode("cp1252")
    except UnicodeDecodeError as error:
        raise NotATable(
            f"is neither UTF-8 nor Windows text (byte {error.start})", "Save it as CSV in UTF-8."
        ) from error


def _delimiter(text: str, bounds: Bounds) -> str:
    """The delimiter that makes most headings."""
    widths = {delimiter: _width(text, delimiter) for delimiter in DELIMITERS}
    best = max(widths, key=lambda delimiter: widths[delimiter])
    if widths[best] > bounds.columns:
        raise _too_wide(1, widths[best], bounds)
    return best


def _width(text: str, delimiter: str) -> int:
    """Cells of the widest row down to the headings."""
    width = 0
    try:
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter):
            width = max(width, len(row))
            if any(cell.strip() for cell in row):
                break
    except csv.Error as error:
        raise NotATable(
            "has headings that are not CSV", "Close every quotation mark.", row=1
        ) from error
    return width


def _without_empty_end(text: str) -> str:
    """The text up to its last line with anything in it; spreadsheets write more of them."""
    line_end = LINE_END.search(text, len(text.rstrip(f" {DELIMITERS}\r\n")))
    return text[: line_end.start()] if line_end else text


def _filled(lines: Iterable[Sequence[str]], bounds: Bounds) -> Iterator[tuple[int, Sequence[str]]]:
    for number, cells in enumerate(lines, start=1):
        if number > bounds.lines:
            message = f"has more than {bounds.lines:,} rows with the empty ones"
            raise NotATable(message, "Remove empty rows.")
        if any(cell and not cell.isspace() for cell in cells):
            yield number, cells


def _broken(reason: str, bounds: Bounds) -> NotATable:
    unclosed = UNCLOSED.search(reason)
    if unclosed:
        return NotATable(
            "has a quotation mark that is not closed",
            'Close it; write "" for one that belongs to the text.',
            row=int(unclosed[1]) + 1,
        )
    wide = TOO_WIDE.search(reason)
    if wide:
        return _too_wide(int(wide[1]), int(wide[2]), bounds)
    return NotATable("is not CSV", "Save it as CSV or .xlsx.")


def _too_wide(row: int, width: int, bounds: Bounds) -> NotATable:
    return NotATable(
        f"has {width:,} columns, and may have at most {bounds.columns}",
        "Remove the others.",
        row=row,
    )
