"""Files of page requests for tests: good ones, and requests of any shape."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any, get_args
from zipfile import ZIP_DEFLATED, ZipFile

from hypothesis import strategies as st
from openpyxl import Workbook

from pipeline_defs.domain.languages import LANGUAGES
from pipeline_defs.domain.pages.batch_columns import SPACE
from pipeline_defs.domain.pages.products import Availability, Product
from pipeline_defs.domain.pages.requests import (
    PRIORITIES,
    Competitor,
    ContentStatus,
    PageMetadata,
    PageOptions,
    PageRequest,
    PageType,
)

HEAD = ("page_type", "target_url", "keywords", "language", "brand_voice", "priority", "deadline",
        "skus", "category", "brand", "topic", "sku_count", "monthly_searches", "content_status",
        "competitor_urls", "skip_quality", "publish")  # fmt: skip
CSV = "text/csv"
XLSX = "pages.xlsx"


def row(number: int, **cells: str) -> list[str]:
    """The cells of the n-th row of a sheet, as good as any."""
    given = {
        "page_type": "category",
        "target_url": f"https://shop.example/c/{number}",
        "keywords": f"tent {number}; light tent",
        "brand_voice": 'Warm, plain\nand "short"',
        "deadline": "2026-12-24 10:00",
        "skus": f"A-{number}",
        "sku_count": "1,200",
        "publish": "draft",
        **cells,
    }
    return [given.get(name, "") for name in HEAD]


def as_csv(
    rows: Iterable[Sequence[str]],
    head: Sequence[str] = HEAD,
    *,
    delimiter: str = ",",
    end: str = "\r\n",
) -> bytes:
    """A CSV file."""
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter, lineterminator=end).writerows([head, *rows])
    return text.getvalue().encode()


def as_xlsx(rows: Iterable[Sequence[Any]], head: Sequence[Any] = HEAD) -> bytes:
    """An XLSX file."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for cells in (head, *rows):
        sheet.append(list(cells))
    data = io.BytesIO()
    book.save(data)
    return data.getvalue()


def with_part(data: bytes, name: str, content: bytes | None) -> bytes:
    """A ZIP with one of its parts replaced or added; None: left out."""
    changed = io.BytesIO()
    with ZipFile(io.BytesIO(data)) as old, ZipFile(changed, "w", ZIP_DEFLATED) as new:
        for part in old.namelist():
            if part != name:
                new.writestr(part, old.read(part))
        if content is not None:
            new.writestr(name, content)
    return changed.getvalue()


def _texts(most: int) -> st.SearchStrategy[str]:
    """Any text that is not blank, as it is after its ends were stripped; often a nasty one."""
    any_text = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
    nasty = st.sampled_from(
        ("=1+1", "'=1", "-", "@x", "a;b", "a|b", "a,b", "[x]", '["x"]', "[1]", '"', '""', "'", "\r",
         "a\r\nb", "NA", "null", "#N/A", "01", "1.0", "true", "\x1f", "\ufeff", "{}", "ß,ü;é|")
    )  # fmt: skip
    text = st.one_of(any_text, nasty, st.tuples(nasty, any_text).map("".join))
    return text.map(lambda found: found[:most].strip(SPACE)).filter(bool)


def _maybe(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.none() | strategy


ADDRESSES = st.from_regex(r"https?://[a-z]{1,5}\.example/[^\s<>\"'\x00]{0,20}", fullmatch=True)
SKUS = st.from_regex(r"[\x21-\x7e]{1,12}", fullmatch=True)
NUMBERS = st.integers(0, 10**12)
MOMENTS = st.datetimes(
    min_value=datetime(1, 1, 2),  # noqa: DTZ001
    max_value=datetime(9999, 12, 30),  # noqa: DTZ001
    timezones=st.integers(-1439, 1439).map(lambda minutes: timezone(timedelta(minutes=minutes))),
) | st.just(datetime(2026, 12, 24, tzinfo=UTC))
PRODUCTS = st.builds(
    Product,
    sku=SKUS,
    name=_texts(150),
    description=st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")),
    price=_maybe(st.decimals(0, 1000, places=2)),
    availability=_maybe(st.sampled_from(get_args(Availability))),
    rating=_maybe(st.just(Decimal("4.5"))),
)
REQUESTS = st.builds(
    PageRequest,
    page_type=st.sampled_from(get_args(PageType)),
    target_url=ADDRESSES,
    keywords=st.lists(_texts(80), max_size=4),
    language=st.sampled_from(tuple(LANGUAGES)),
    brand_voice=_maybe(_texts(500)),
    priority=_maybe(st.sampled_from(PRIORITIES)),
    deadline=_maybe(MOMENTS),
    metadata=st.builds(
        PageMetadata,
        skus=st.lists(SKUS, max_size=3),
        category=_maybe(_texts(80)),
        brand=_maybe(_texts(70)),
        topic=_maybe(_texts(150)),
        product=_maybe(PRODUCTS),
        competitors=st.lists(
            st.builds(Competitor, url=ADDRESSES) | st.builds(Competitor, text=_texts(90)),
            max_size=3,
        ),
        sku_count=_maybe(NUMBERS),
        monthly_searches=_maybe(NUMBERS),
        content_status=_maybe(st.sampled_from(get_args(ContentStatus))),
    ),
    options=st.builds(
        PageOptions,
        skip_quality=st.booleans(),
        publish=st.sampled_from(("none", "draft", "publish")),
    ),
)
