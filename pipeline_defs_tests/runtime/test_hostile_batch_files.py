"""Files that are broken, enormous or malicious: refused in words, quickly, and naming the row."""

from __future__ import annotations

import io
import json
import struct
import tracemalloc
from collections.abc import Callable
from random import Random
from zipfile import ZIP_BZIP2, ZIP_DEFLATED, ZipFile
from zlib import crc32

import pytest

from pipeline_defs import policies
from pipeline_defs.runtime.batch_files import BatchReading, read_batch
from pipeline_defs.runtime.table_files import RowError
from pipeline_defs_tests.runtime.batches import CSV, HEAD, XLSX, as_csv, as_xlsx, row, with_part

PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 4
SHEET = "xl/worksheets/sheet1.xml"
SHEET_HEAD = (
    b'<?xml version="1.0"?><worksheet xmlns='
    b'"http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
)
SHEET_END = b"</sheetData></worksheet>"
GOOD = as_xlsx([row(2)])


def only(reading: BatchReading) -> RowError:
    """The one fault of a file of which nothing is taken."""
    assert reading.requests == ()
    assert reading.error_count == 1
    [error] = reading.errors
    return error


def sheet(content: bytes) -> bytes:
    """A workbook whose first sheet has these rows."""
    return with_part(GOOD, SHEET, SHEET_HEAD + content + SHEET_END)


def packed(name: str, content: bytes, method: int = ZIP_DEFLATED) -> bytes:
    """The good workbook with another part."""
    data = io.BytesIO(GOOD)
    with ZipFile(data, "a", method) as archive:
        archive.writestr(name, content)
    return data.getvalue()


def test_ten_thousand_rows_with_two_faults_store_nothing_and_name_both() -> None:
    rows = [row(number) for number in range(2, 10_002)]
    rows[17 - 2] = row(17, sku_count="many")
    rows[9001 - 2] = row(9001, target_url="shop.example/tents")
    reading = read_batch(as_csv(rows), CSV)
    assert reading.total == 10_000
    assert reading.requests == ()
    assert reading.error_count == 2
    assert [(e.row, e.column, e.value) for e in reading.errors] == [
        (17, "sku_count", "many"),
        (9001, "target_url", "shop.example/tents"),
    ]
    assert reading.errors[0].message == "must be a whole number"
    assert "https://shop.example/tents" in reading.errors[1].message


def test_rows_are_numbered_as_a_spreadsheet_shows_them() -> None:
    rows = [row(2, topic="of\nthree\nlines"), [], ["", " "], row(5, priority="soon"), []]
    for data in (as_csv(rows), b"\r\n\r\n" + as_csv(rows)):
        error = only(read_batch(data, CSV))
        assert error.row == (5 if data.startswith(b"page") else 7)
        assert error.column == "priority"
    assert only(read_batch(as_xlsx(rows), XLSX)).row == 5


def test_mixed_line_endings_are_one_kind() -> None:
    lines = [",".join(HEAD), "guide,https://a.example/1", "", "guide,https://a.example/2", "x,y"]
    text = "\r\n".join(lines[:2]) + "\n" + "\r".join(lines[2:]) + "\r\n\r\n"
    reading = read_batch(text.encode(), CSV)
    assert [(e.row, e.column) for e in reading.errors] == [(5, "page_type"), (5, "target_url")]


def test_one_row_too_many_is_refused() -> None:
    rows = [row(number) for number in range(2, 10_003)]
    assert only(read_batch(as_csv(rows), CSV)).message == "has more than 10,000 rows"
    entry = {"page_type": "guide", "target_url": "https://a.example"}
    body = json.dumps([entry] * 10_001).encode()
    assert only(read_batch(body, "x.json")).message == "has more than 10,000 rows"
    cells = b"<row><c t='inlineStr'><is><t>x</t></is></c></row>"
    assert only(read_batch(sheet(cells * 10_002), XLSX)).message == "has more than 10,000 rows"


def test_empty_rows_at_the_end_are_no_rows() -> None:
    empty = [[""] * len(HEAD)] * 100_000
    assert read_batch(as_csv([row(2), *empty]), CSV).total == 1
    assert "empty" in only(read_batch(as_csv([*empty, row(2)]), CSV)).message


def test_every_page_occurs_once() -> None:
    rows = [
        row(2),
        row(3),
        row(4, target_url="https://SHOP.example/c/2#top"),
        row(5, target_url="https://shop.example/c/3?x"),
    ]
    error = only(read_batch(as_csv(rows), CSV))
    assert (error.row, error.column) == (4, "target_url")
    assert error.message == "is the same page as in row 2"


def test_more_faults_than_can_be_told_are_counted() -> None:
    reading = read_batch(as_csv([row(n, sku_count="-1") for n in range(2, 10_002)]), CSV)
    assert reading.error_count == 10_000
    assert len(reading.errors) == policies.PAGE_BATCH_FAULTS_TOLD
    assert reading.errors[-1].row == policies.PAGE_BATCH_FAULTS_TOLD + 1


def test_all_faults_of_a_row_are_told_and_each_cell_once() -> None:
    cells = {"page_type": "shop", "keywords": f"ok; {'x' * 81}", "skip_quality": "perhaps",
             "deadline": "4711", "language": "tlh", "skus": "A B"}  # fmt: skip
    reading = read_batch(as_csv([row(2, **cells)]), CSV)
    told = {error.column: error.message for error in reading.errors}
    assert len(reading.errors) == len(told) == len(cells)
    assert told["keywords"] == "entry 2 may have at most 80 characters"
    assert told["skus"].startswith("entry 1 must be 1 to 64")
    assert told["skip_quality"] == "must be yes or no"
    assert told["page_type"].startswith("must be one of")
    assert all(error.fix for error in reading.errors)
    assert max(len(error.value) for error in reading.errors) <= 80


@pytest.mark.parametrize(
    ("heading", "fix"),
    [
        ("target_ulr", "Did you mean target_url?"),
        ("Key words!!", None),
        ("Suchvolumen", "Did you mean monthly_searches?"),
        ("x" * 5000, "Remove it."),
    ],
)
def test_unknown_headings_are_named_with_the_nearest(heading: str, fix: str | None) -> None:
    reading = read_batch(as_csv([[*row(2), "x"]], [*HEAD, heading]), CSV)
    if fix is None:
        assert {error.message for error in reading.errors} == {"is the same as column C"}
        return
    error = only(reading)
    assert error.row == 1
    assert error.column[:10] == heading[:10]
    assert (error.fix or "").startswith(fix)


def test_a_missing_column_is_one_fault_and_not_one_of_every_row() -> None:
    error = only(read_batch(as_csv([["guide"]] * 50, ["page_type"]), CSV))
    assert (error.row, error.column) == (1, "target_url")


def test_broken_lines_name_their_row() -> None:
    rows = [row(number) for number in range(2, 40)]
    wide = as_csv([*rows[:10], [*rows[10], "", "more"], *rows[11:]])
    error = only(read_batch(wide, CSV))
    assert (error.row, error.column, error.message) == (12, "S", "has no heading")
    very_wide = as_csv([*rows[:10], ["x"] * 500, *rows[11:]])
    assert only(read_batch(very_wide, CSV)).row == 12
    head, *lines = as_csv([row(n, brand_voice="short") for n in range(2, 40)]).split(b"\r\n")
    lines[10] = lines[10].replace(b"short", b'"short')
    assert only(read_batch(b"\r\n".join([head, *lines]), CSV)).row == 12


def test_a_cell_under_an_empty_heading_is_not_lost() -> None:
    head = ("page_type", "", "target_url")
    good = ["guide", "", "https://a.example"]
    assert read_batch(as_csv([good], head), CSV).errors == ()
    error = only(read_batch(as_csv([good, ["guide", "x", "https://b.example"]], head), CSV))
    assert (error.row, error.column) == (3, "B")


@pytest.mark.parametrize(
    ("data", "name", "said"),
    [
        (b"", CSV, "is empty"),
        (b" \r\n\r\n", CSV, "is empty"),
        (b",,,\r\n,,\r\n", CSV, "is empty"),
        (b"\xef\xbb\xbf", CSV, "is empty"),
        (b"\xff\xfe", CSV, "is empty"),
        (b"", "x.json", "is empty"),
        (b"<!DOCTYPE html><table><tr><td>x</table>", CSV, "is HTML or XML"),
        (b'\xef\xbb\xbf\n <?xml version="1.0"?>', CSV, "is HTML or XML"),
        (PNG, XLSX, "is not an .xlsx file"),
        (PNG, CSV, "NUL"),
        (b"page_type,target_url\nguide,https://a.example/\0x\n", CSV, "NUL"),
        (b"\xff\xfep\x00a", CSV, "is broken|is missing|not CSV"),
        (b"page_type\n\x81\xff\x81", CSV, "neither UTF-8 nor Windows"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "pages.xls", "old .xls"),
        (b"PK\x03\x04" + b"\0" * 100, XLSX, "is not a readable .xlsx"),
        (b"PK\x05\x06" + b"\0" * 18, XLSX, "is not an .xlsx"),
        (GOOD[:-200], XLSX, "is not a readable .xlsx"),
        (b"[" * 100_000, "x.json", "nested more than"),
        (b'[{"page_type": "guide"', "x.json", "line 1"),
        (b'{"page": []}', "x.json", "must be a list"),
        (b'[{"page_type": "a\\u0000"}]', "x.json", "NUL"),
        (b"x" * (policies.PAGE_BATCH_BYTES + 1), CSV, "is larger than 20 MB"),
        (as_csv([], [f"c{n}" for n in range(2000)]), CSV, "has 2,000 columns"),
        (b"," * 100 + b"\n" + as_csv([row(3)]), CSV, "has 101 columns"),
        (b'"' + b"a" * 200_000, CSV, "not CSV"),
    ],
    ids=lambda value: str(value)[:20],
)
def test_what_is_no_batch_is_said(data: bytes, name: str, said: str) -> None:
    reading = read_batch(data, name)
    assert reading.requests == ()
    assert reading.errors
    assert any(part in reading.errors[0].message for part in said.split("|"))


def test_only_headings_are_a_batch_of_nothing() -> None:
    for data, name in ((as_csv([]), CSV), (as_xlsx([]), XLSX), (b"[]", "x.json")):
        reading = read_batch(data, name)
        assert (reading.requests, reading.total, reading.errors) == ((), 0, ())


def test_cells_that_look_like_formulas_are_text() -> None:
    [request] = read_batch(as_csv([row(2, topic="=cmd|' /C calc'!A0")]), CSV).requests
    assert request.metadata.topic == "=cmd|' /C calc'!A0"


def lying_about_its_size(part: str = "xl/bomb.xml", *, with_checksum: bool = False) -> bytes:
    """A part that is said to be tiny; `with_checksum`: even its checksum is that of a tiny one."""
    data = bytearray(with_part(GOOD, part, b"<" * 30_000_000))
    for mark, size, checksum in ((b"PK\x01\x02", 24, 16), (b"PK\x03\x04", 22, 14)):
        start = data.rfind(mark)
        data[start + size : start + size + 4] = struct.pack("<I", 10)
        if with_checksum:
            data[start + checksum : start + checksum + 4] = struct.pack("<I", crc32(b"<" * 10))
    return bytes(data)


def declaring_a_gigabyte() -> bytes:
    """A part that is said to unpack to a gigabyte."""
    data = bytearray(GOOD)
    start = data.rfind(b"PK\x01\x02")
    data[start + 24 : start + 28] = struct.pack("<I", 1 << 30)
    return bytes(data)


def of_many_parts() -> bytes:
    """More parts than any workbook has."""
    data = io.BytesIO(GOOD)
    with ZipFile(data, "a") as archive:
        for number in range(policies.XLSX_PARTS):
            archive.writestr(f"x{number}", b"")
    return data.getvalue()


CORNERS = b'<row r="1"><c r="XFD1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"/></row>'
FAR = b'<row r="999999999999"><c r="A999999999999"><v>1</v></c></row>'
FORMULA = b'<row r="1"><c r="A1"><f>1+1</f></c></row>'
ENTITIES = b'<!DOCTYPE a [<!ENTITY b "bb"><!ENTITY c "&b;&b;">]>'


@pytest.mark.parametrize(
    ("made", "said"),
    [
        (lambda: packed("xl/bomb.bin", bytes(65_000_000)), "unpacks to more than 64 MB"),
        (declaring_a_gigabyte, "unpacks to more than 64 MB"),
        (lying_about_its_size, "is not a readable .xlsx"),
        (
            lambda: lying_about_its_size("xl/workbook.xml", with_checksum=True),
            "is not a readable .xlsx",
        ),
        (lambda: packed("xl/x.xml", bytes(9_000_000), ZIP_BZIP2), "is not a readable .xlsx"),
        (lambda: packed("xl/sharedStrings2.xml", b"<a/>" * 4_000_001), "holds too much"),
        (of_many_parts, "too many parts"),
        (lambda: packed("xl/vbaProject.bin", b"x"), "holds macros"),
        (lambda: with_part(GOOD, "xl/styles.xml", ENTITIES + b"<a>&c;</a>"), "not a readable"),
        (lambda: with_part(GOOD, "xl/workbook.xml", None), "not a readable"),
        (lambda: with_part(GOOD, "[Content_Types].xml", None), "not a readable"),
        (lambda: with_part(GOOD, SHEET, b"<worksheet"), "not a readable"),
        (lambda: sheet(b""), "is empty"),
        (lambda: sheet(FORMULA), "never calculated"),
        (lambda: sheet(FAR), "more than 100,000 rows"),
        (lambda: sheet(CORNERS), "more than 100,000 rows"),
    ],
)
def test_malicious_workbooks_are_refused_without_being_unpacked(
    made: Callable[[], bytes], said: str
) -> None:
    data = made()
    tracemalloc.start()
    try:
        error = only(read_batch(data, XLSX))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert said in error.message
    assert peak < 40_000_000


def test_errors_of_formulas_are_not_taken_for_text() -> None:
    reading = read_batch(as_xlsx([row(2, brand="#REF!")]), XLSX)
    assert [(e.row, e.column) for e in reading.errors] == [(2, "brand")]
    assert read_batch(as_csv([row(2, brand="#REF!")]), CSV).errors == ()


def test_damaged_files_never_raise() -> None:
    chance = Random(11)
    good = ((GOOD, XLSX), (as_csv([row(n) for n in (2, 3, 4)]), CSV), (b'[{"a": [1]}]', "a.json"))
    for data, name in good:
        for _ in range(150):
            damaged = bytearray(data)
            for _ in range(chance.randint(1, 20)):
                damaged[chance.randrange(len(damaged))] = chance.randrange(256)
            reading = read_batch(bytes(damaged[: chance.randint(1, len(damaged))]), name)
            assert reading.errors or reading.total <= 3
