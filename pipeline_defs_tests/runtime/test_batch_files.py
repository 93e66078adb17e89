"""Files of page requests: what is read from them, and that nothing is lost on the way."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from pipeline_defs.domain.pages.addresses import page_of, web_address
from pipeline_defs.domain.pages.requests import PageRequest
from pipeline_defs.runtime.batch_files import failures_csv, read_batch, template_csv
from pipeline_defs_tests.runtime.batches import CSV, HEAD, REQUESTS, XLSX, as_csv, as_xlsx, row

SMALL = ("page_type", "target_url")
FAILED = {"code": "NO_FACTS", "message": "=nothing is known, of it", "advice": "Name products."}


def one(cells: dict[str, str], **kwargs: Any) -> PageRequest:
    """The only request of a CSV file with these cells."""
    given = {"page_type": "guide", "target_url": "https://shop.example/", **cells}
    reading = read_batch(as_csv([list(given.values())], list(given), **kwargs), CSV)
    assert reading.errors == ()
    return reading.requests[0]


def page_key(request: PageRequest) -> str:
    """What tells pages apart."""
    return page_of(web_address(request.target_url) or request.target_url)


def test_a_row_is_a_request() -> None:
    reading = read_batch(as_csv([row(2)]), CSV)
    assert reading.errors == ()
    assert reading.total == 1
    assert reading.columns == HEAD
    assert reading.rows[0]["row"] == 2
    assert reading.rows[0]["sku_count"] == "1,200"
    [request] = reading.requests
    assert request.keywords == ["tent 2", "light tent"]
    assert request.brand_voice == 'Warm, plain\nand "short"'
    assert request.deadline == datetime(2026, 12, 24, 10, tzinfo=UTC)
    assert request.metadata.skus == ["A-2"]
    assert request.sku_count == 1200
    assert request.options.publish == "draft"
    assert request.language == "en"


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_csv_of_any_program_is_read(delimiter: str, encoding: str, end: str) -> None:
    text = as_csv([row(2, topic="Zelte für Große; klein, fein")], delimiter=delimiter, end=end)
    reading = read_batch(text.decode().encode(encoding), "text/csv; charset=utf-8")
    assert reading.errors == ()
    assert reading.requests[0].metadata.topic == "Zelte für Große; klein, fein"
    assert reading.requests[0].metadata.skus == ["A-2"]


def test_excels_own_line_about_the_delimiter_is_no_row() -> None:
    text = b"sep=;\r\n" + as_csv([row(2, publish="x")], delimiter=";")
    assert [error.row for error in read_batch(text, CSV).errors] == [2]


@pytest.mark.parametrize(
    "headings",
    [
        ("Page type", "URL", "Monthly Searches"),
        ("page_type", "target_url", "monthly_searches"),
        ("pageType", "targetUrl", "monthlySearches"),
        ("PAGE-TYPE", " Address ", "search volume"),
        ("type", "page_url", "metadata.monthly_searches"),
    ],
)
def test_headings_are_known_however_they_are_written(headings: tuple[str, ...]) -> None:
    reading = read_batch(as_csv([("guide", "https://shop.example/", "9")], headings), CSV)
    assert reading.errors == ()
    assert reading.requests[0].metadata.monthly_searches == 9


@pytest.mark.parametrize(
    ("cell", "keywords"),
    [
        ("a; b ;c", ["a", "b", "c"]),
        ("a | b;c|", ["a", "b", "c"]),
        ("a, b", ["a", "b"]),
        ("a, b; c", ["a, b", "c"]),
        ("a\nb", ["a", "b"]),
        ('["a;b", "c"]', ["a;b", "c"]),
        ("[sale] a; b", ["[sale] a", "b"]),
        (" ; ", []),
        ("=SUM(A1)", ["=SUM(A1)"]),
        ("'=SUM(A1)", ["=SUM(A1)"]),
    ],
)
def test_keywords_are_separated_as_people_do(cell: str, keywords: list[str]) -> None:
    assert one({"keywords": cell}).keywords == keywords


def test_addresses_of_competitors_may_hold_separators() -> None:
    cell = "https://a.example/x;y=1, https://b.example/?q=a,b|c; https://c.example"
    urls = [entry.url for entry in one({"competitor_urls": cell}).metadata.competitors]
    assert urls == ["https://a.example/x;y=1", "https://b.example/?q=a,b|c", "https://c.example"]


@pytest.mark.parametrize(
    ("cell", "moment"),
    [
        ("2026-12-24", datetime(2026, 12, 24, tzinfo=UTC)),
        ("2026-12-24 17:30", datetime(2026, 12, 24, 17, 30, tzinfo=UTC)),
        ("2026-12-24T17:30:00Z", datetime(2026, 12, 24, 17, 30, tzinfo=UTC)),
        ("2026-12-24T18:30+01:00", datetime(2026, 12, 24, 17, 30, tzinfo=UTC)),
        ("24.12.2026", datetime(2026, 12, 24, tzinfo=UTC)),
        ("4.2.2027 09:05", datetime(2027, 2, 4, 9, 5, tzinfo=UTC)),
    ],
)
def test_deadlines_are_read_as_they_are_written(cell: str, moment: datetime) -> None:
    assert one({"deadline": cell}).deadline == moment


@pytest.mark.parametrize("cell", ["12/24/2026", "tomorrow", "46380", "20261224", "2026-02-30"])
def test_deadlines_that_could_be_meant_otherwise_are_refused(cell: str) -> None:
    reading = read_batch(as_csv([row(2, deadline=cell)]), CSV)
    [error] = reading.errors
    assert (error.row, error.column, error.value) == (2, "deadline", cell)
    assert "2026-12-24" in (error.fix or "")


@pytest.mark.parametrize(
    ("cell", "number"),
    [("1200", 1200), ("1,200", 1200), ("1.200", 1200), ("1 200 000", 1_200_000), ("1.000", 1000)],
)
def test_thousands_may_be_separated(cell: str, number: int) -> None:
    assert one({"sku_count": cell}).metadata.sku_count == number


@pytest.mark.parametrize(("cell", "value"), [("yes", True), ("TRUE", True), ("1", True), ("No", 0)])
def test_switches_are_read_in_words_and_numbers(cell: str, value: bool) -> None:
    assert one({"skip_quality": cell}).options.skip_quality == value


def test_cells_of_a_workbook_are_read_by_their_value() -> None:
    head = ("page_type", "target_url", "deadline", "skus", "sku_count", "skip_quality")
    rows = [
        ("guide", "https://shop.example/1", datetime(2026, 12, 24, 17, 30), 12345, 7.0, True),  # noqa: DTZ001
        (None, None, None, None, None, None),
        ("guide", "https://shop.example/3", date(2026, 12, 24), "01", None, "no"),
        ("guide", "https://shop.example/4", None, None, "many", None),
    ]
    reading = read_batch(as_xlsx(rows[:3], head), XLSX)
    assert reading.errors == ()
    first, second = reading.requests
    assert first.deadline == datetime(2026, 12, 24, 17, 30, tzinfo=UTC)
    assert first.metadata.skus == ["12345"]
    assert first.metadata.sku_count == 7
    assert first.options.skip_quality is True
    assert second.deadline == datetime(2026, 12, 24, tzinfo=UTC)
    assert [r["row"] for r in reading.rows] == [2, 4]
    [error] = read_batch(as_xlsx(rows, head), XLSX).errors
    assert (error.row, error.column) == (5, "sku_count")


def test_json_is_read_as_a_list_or_as_pages() -> None:
    entries = [{"page_type": "guide", "target_url": f"https://shop.example/{n}"} for n in (1, 2)]
    for body in (entries, {"pages": entries}):
        for name in ("application/json", "pages.json", "text/csv"):
            reading = read_batch(json.dumps(body).encode("utf-8-sig"), name)
            assert reading.errors == ()
            assert [r.target_url[-1] for r in reading.requests] == ["1", "2"]
    assert reading.rows[1] == {"row": 2, **entries[1]}


def test_faults_of_json_name_the_entry_and_the_field() -> None:
    good = {"page_type": "guide", "target_url": "https://shop.example/"}
    body = [
        good,
        {**good, "metadata": {"skus": ["A", "B C"], "product": {"sku": "A"}}},
        "guide",
        {**good, "target_ulr": "x"},
        good,
    ]
    reading = read_batch(json.dumps(body).encode(), "application/json")
    assert reading.requests == ()
    assert [(e.row, e.column, e.value) for e in reading.errors] == [
        (2, "metadata.skus[1]", "B C"),
        (2, "metadata.product.name", ""),
        (3, "entry", "guide"),
        (4, "target_ulr", "x"),
        (5, "target_url", "https://shop.example/"),
    ]
    assert reading.errors[-1].message == "is the same page as in row 1"


def test_the_template_is_a_file_that_can_be_sent() -> None:
    reading = read_batch(template_csv(), CSV)
    assert reading.errors == ()
    assert [request.page_type for request in reading.requests] == ["category", "product"]
    assert reading.columns == HEAD


def test_failures_tell_why_and_can_be_sent_again() -> None:
    requests = read_batch(as_csv([row(2), row(3, topic="@home")]), CSV).requests
    data = b"".join(failures_csv((request, FAILED) for request in requests))
    rows = list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"))))
    assert list(rows[0])[-3:] == ["error_code", "error_message", "advice"]
    assert rows[0]["error_code"] == "NO_FACTS"
    assert rows[0]["error_message"] == "'=nothing is known, of it"
    assert rows[0]["advice"] == "Name products."
    assert rows[1]["topic"] == "'@home"
    assert read_batch(data, CSV).requests == requests


def test_failures_are_written_in_pieces() -> None:
    [request] = read_batch(as_csv([row(2)]), CSV).requests
    pieces = list(failures_csv((request, FAILED) for _ in range(2000)))
    assert len(pieces) > 3
    assert max(map(len, pieces)) < 100_000
    assert b"".join(pieces).count(b"NO_FACTS") == 2000


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(REQUESTS, min_size=1, max_size=3, unique_by=page_key))
@example([PageRequest(page_type="guide", target_url="https://a.example", brand_voice="\x1f")])
def test_any_request_is_the_same_after_csv_and_json(requests: list[PageRequest]) -> None:
    written = b"".join(failures_csv((request, FAILED) for request in requests))
    reading = read_batch(written, CSV)
    assert reading.errors == ()
    assert list(reading.requests) == requests
    body = f"[{','.join(request.model_dump_json() for request in requests)}]"
    reading = read_batch(body.encode(), "application/json")
    assert reading.errors == ()
    assert list(reading.requests) == requests


@pytest.mark.parametrize("told", ["01/02/2026", "2026/02/01", "1/2/26 17:00"])
def test_a_date_with_slashes_is_refused_as_ambiguous_with_the_form_to_use(told: str) -> None:
    rows = f"page_type,target_url,deadline\ncategory,https://x.example/a,{told}\n"
    (error,) = read_batch(rows.encode(), "pages.csv").errors
    assert (error.row, error.column) == (2, "deadline")
    assert "ambiguous" in error.message
    assert "2026-12-24" in (error.fix or "")
