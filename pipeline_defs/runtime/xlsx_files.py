"""XLSX files: what they may unpack to is known before anything of them is parsed.

Cells are taken by their value: what formulas came to, dates in ISO form, numbers without `.0`.
Rows and columns are bounded as they are read, which pandas' own reader does not do: two cells far
apart make it fill everything between them.
"""

from __future__ import annotations

import io
import re
import zlib
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time
from typing import Any
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from pipeline_defs import policies
from pipeline_defs.runtime.table_files import Bounds, NotATable, Table, table_of

CONTENT_TYPES = "[Content_Types].xml"
ENTRY = b"PK\x01\x02"  # begins what the central directory says of a part
ENCRYPTED = 0x1
MARKUP = (".xml", ".rels", ".vml")
UNREADABLE = "is not a readable .xlsx file"
ROWS_MOST = 1_048_576  # of a sheet, in any spreadsheet
NOT_CALCULATED = re.compile(rb"(?:</f>|<f[^<>]*/>)\s*</c>")
AGAIN = "Open it in a spreadsheet and save it as .xlsx or CSV."
# What a parser of other people's files may stumble over.
STUMBLES = (
    ArithmeticError, AttributeError, BadZipFile, EOFError, LookupError, RuntimeError, SyntaxError,
    TypeError, ValueError, zlib.error,
)  # fmt: skip


def read_xlsx(data: bytes, bounds: Bounds) -> Table:
    """The table of the first sheet. Raises NotATable."""
    try:
        _check(data)
        return table_of(_lines(data, bounds), bounds)
    except NotATable:
        raise
    except STUMBLES as error:
        raise NotATable(UNREADABLE, AGAIN) from error


def _check(data: bytes) -> None:
    if data.count(ENTRY) > policies.XLSX_PARTS:
        raise NotATable("is an archive of too many parts", AGAIN)
    with ZipFile(io.BytesIO(data)) as archive:
        parts = archive.infolist()
        names = {part.filename for part in parts}
        if CONTENT_TYPES not in names:
            raise NotATable(UNREADABLE, AGAIN)
        _check_sizes(parts)
        if any("vbaproject" in name.lower() or "macrosheet" in name.lower() for name in names):
            raise _with_macros()
        _check_markup(archive, parts)


def _check_sizes(parts: Sequence[ZipInfo]) -> None:
    if any(part.flag_bits & ENCRYPTED for part in parts):
        raise NotATable("is protected by a password", "Save it without one.")
    if any(part.compress_type not in (ZIP_STORED, ZIP_DEFLATED) for part in parts):
        raise NotATable(UNREADABLE, AGAIN)
    if sum(part.file_size for part in parts) > policies.XLSX_UNPACKED_BYTES:
        most = policies.XLSX_UNPACKED_BYTES // 1_000_000
        raise NotATable(f"unpacks to more than {most} MB", "Split it, or send it as CSV.")


def _check_markup(archive: ZipFile, parts: Sequence[ZipInfo]) -> None:
    """The work a parser has is that with its tags: they are counted, not built."""
    tags = 0
    for part in parts:
        if not part.filename.lower().endswith(MARKUP):
            continue
        text = archive.read(part)
        tags += text.count(b"<")
        if b"<!DOCTYPE" in text or b"<!ENTITY" in text:
            raise NotATable(UNREADABLE, AGAIN)
        if NOT_CALCULATED.search(text):
            raise NotATable("has formulas that were never calculated", AGAIN)
        if part.filename == CONTENT_TYPES and b"macroenabled" in text.lower():
            raise _with_macros()
    if tags > policies.XLSX_TAGS:
        raise NotATable("holds too much besides its cells", "Send it as CSV.")


def _with_macros() -> NotATable:
    return NotATable("holds macros", "Save it as .xlsx, which has none.")


def _lines(data: bytes, bounds: Bounds) -> Iterator[Sequence[str]]:
    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        book = load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
    except InvalidFileException as error:
        raise NotATable(UNREADABLE, AGAIN) from error
    try:
        if not book.worksheets:
            raise NotATable("has no sheet with cells")
        sheet: Any = book.worksheets[0]
        sheet.reset_dimensions()  # what a file says of its size may be wrong
        rows = sheet.iter_rows(min_row=1, max_col=bounds.columns + 1, values_only=True)
        for number, row in enumerate(rows, start=1):
            if number > ROWS_MOST:
                raise NotATable(UNREADABLE, AGAIN)
            yield () if row.count(None) == len(row) else [_text(value) for value in row]
    finally:
        book.close()


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return f"{value:.15g}"
    if isinstance(value, datetime) and value.time() == time.min:
        return value.date().isoformat()
    if isinstance(value, (date, time)):
        return value.isoformat()
    return str(value)
