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
UNREADABLE = "is not a readable .xlsx file"
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
        return table_of(_lines(_unpacked(data), bounds), bounds)
    except NotATable:
        raise
    except STUMBLES as error:
        raise NotATable(UNREADABLE, AGAIN) from error


def _unpacked(data: bytes) -> io.BytesIO:
    """The same workbook, not compressed: what is parsed is what was measured, whatever is said of
    a part's size."""
    if data.count(ENTRY) > policies.XLSX_PARTS:
        raise NotATable("is an archive of too many parts", AGAIN)
    plain = io.BytesIO()
    with ZipFile(io.BytesIO(data)) as archive, ZipFile(plain, "w", ZIP_STORED) as copy:
        parts = archive.infolist()
        names = {part.filename for part in parts}
        if CONTENT_TYPES not in names or len(names) < len(parts):
            raise NotATable(UNREADABLE, AGAIN)
        if any("vbaproject" in name.lower() or "macrosheet" in name.lower() for name in names):
            raise _with_macros()
        _check_sizes(parts)
        tags = 0
        for part in parts:
            with archive.open(part) as opened:
                content = opened.read(part.file_size)
            # the work a parser has is that with tags: they are counted before any is built
            tags += content.count(b"<")
            _check_content(part.filename, content)
            copy.writestr(part.filename, content)
        if tags > policies.XLSX_TAGS:
            raise NotATable("holds too much besides its cells", "Send it as CSV.")
    plain.seek(0)
    return plain


def _check_sizes(parts: Sequence[ZipInfo]) -> None:
    if any(part.flag_bits & ENCRYPTED for part in parts):
        raise NotATable("is protected by a password", "Save it without one.")
    if any(part.compress_type not in (ZIP_STORED, ZIP_DEFLATED) for part in parts):
        raise NotATable(UNREADABLE, AGAIN)
    if sum(part.file_size for part in parts) > policies.XLSX_UNPACKED_BYTES:
        most = policies.XLSX_UNPACKED_BYTES // 1_000_000
        raise NotATable(f"unpacks to more than {most} MB", "Split it, or send it as CSV.")


def _check_content(name: str, content: bytes) -> None:
    if b"<!DOCTYPE" in content or b"<!ENTITY" in content:
        raise NotATable(UNREADABLE, AGAIN)
    if NOT_CALCULATED.search(content):
        raise NotATable("has formulas that were never calculated", AGAIN)
    if name == CONTENT_TYPES and b"macroenabled" in content.lower():
        raise _with_macros()


def _with_macros() -> NotATable:
    return NotATable("holds macros", "Save it as .xlsx, which has none.")


def _lines(data: io.BytesIO, bounds: Bounds) -> Iterator[Sequence[str]]:
    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        book = load_workbook(data, read_only=True, data_only=True, keep_links=False)
    except InvalidFileException as error:
        raise NotATable(UNREADABLE, AGAIN) from error
    try:
        if not book.worksheets:
            raise NotATable("has no sheet with cells")
        sheet: Any = book.worksheets[0]
        sheet.reset_dimensions()  # what a file says of its size may be wrong
        rows = sheet.iter_rows(min_row=1, max_col=bounds.columns + 1, values_only=True)
        for row in rows:
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
