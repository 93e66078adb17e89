"""The ZIP of a batch's results."""

from __future__ import annotations

import csv
import io
import json
import tracemalloc
from collections.abc import AsyncIterator
from random import Random
from typing import Any
from zipfile import ZipFile

import html5lib

from pipeline_defs.runtime.batch_results import ResultPage, file_name, results_zip


def page(number: int, url: str, **changes: Any) -> ResultPage:
    """A finished page; what it says is long and different for each."""
    document = {
        "language": "en",
        "title": f"Page {number}",
        "words": 300,
        "html": f"<!doctype html><title>Page {number} ü</title>",
        "json_ld": {"@type": "WebPage"},
    }
    return ResultPage(f"page-20261126-{number:08d}", url, {**document, **changes})


async def packed(*pages: ResultPage) -> ZipFile:
    """The whole ZIP, read."""

    async def given() -> AsyncIterator[ResultPage]:
        for each in pages:
            yield each

    pieces = [piece async for piece in results_zip(given())]
    archive = ZipFile(io.BytesIO(b"".join(pieces)))
    assert archive.testzip() is None
    return archive


async def test_each_page_is_html_and_json_and_stands_in_both_lists() -> None:
    archive = await packed(
        page(1, "https://shop.example/tents/larch-2?x=1"), page(2, "https://shop.example/")
    )
    assert archive.namelist() == [
        "pages/tents-larch-2.html",
        "pages/tents-larch-2.json",
        "pages/home.html",
        "pages/home.json",
        "index.csv",
        "index.html",
    ]
    assert archive.read("pages/home.html").decode() == "<!doctype html><title>Page 2 ü</title>"
    data = json.loads(archive.read("pages/tents-larch-2.json"))
    assert data["target_url"] == "https://shop.example/tents/larch-2?x=1"
    assert data["json_ld"] == {"@type": "WebPage"}
    assert "html" not in data
    rows = list(csv.DictReader(io.StringIO(archive.read("index.csv").decode("utf-8-sig"))))
    assert [row["html"] for row in rows] == ["pages/tents-larch-2.html", "pages/home.html"]
    assert rows[0]["words"] == "300"
    index = html5lib.parse(archive.read("index.html").decode(), namespaceHTMLElements=False)
    links = [link.get("href") for link in index.iter("a")]
    assert links[1:] == [name for name in archive.namelist() if name.startswith("pages/")]


async def test_names_are_unique_and_safe_on_any_system() -> None:
    paths = ("/../../etc/passwd", "/CON", "/a/b", "/a-b", "/A_B", "/a-b-2", "/%2e%2e%2fx", "/帳篷",
             "/index.html", "/" + "x" * 500, "/c:\\x", "/a%00b", "/Zelte/größe")  # fmt: skip
    pages = [page(n, f"https://shop.example{path}") for n, path in enumerate(paths)]
    names = [n for n in (await packed(*pages)).namelist() if n.endswith(".html")][:-1]
    assert names == [
        "pages/etc-passwd.html",
        "pages/page-con.html",
        "pages/a-b.html",
        "pages/a-b-2.html",
        "pages/a-b-3.html",
        "pages/a-b-2-2.html",
        "pages/x.html",
        "pages/page-20261126-00000007.html",
        "pages/index.html",
        f"pages/{'x' * 80}.html",
        "pages/c-x.html",
        "pages/a-b-4.html",
        "pages/zelte-groe.html",
    ]


async def test_titles_are_no_markup_and_no_formulas_in_the_lists() -> None:
    title = "=1+1<script>alert(1)</script>"
    archive = await packed(page(1, "https://shop.example/x?a=1&b=2", title=title))
    assert "<script>" not in archive.read("index.html").decode()
    assert "a=1&amp;b=2" in archive.read("index.html").decode()
    assert "'=1+1" in archive.read("index.csv").decode()


async def test_a_batch_without_finished_pages_is_an_empty_list() -> None:
    archive = await packed()
    assert archive.namelist() == ["index.csv", "index.html"]
    assert "0 pages" in archive.read("index.html").decode()


async def test_pages_are_not_kept_in_memory() -> None:
    noise = Random(7)

    async def many() -> AsyncIterator[ResultPage]:
        for number in range(400):
            url = f"https://shop.example/{number}"
            yield page(number, url, html=noise.randbytes(60_000).hex())

    tracemalloc.start()
    try:
        size = 0
        async for piece in results_zip(many()):
            size += len(piece)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert size > 20_000_000
    assert peak < 4_000_000


def test_files_are_named_after_the_path() -> None:
    assert file_name("https://shop.example/tents/") == "tents"
    assert file_name("https://shop.example/tents.html#x") == "tents"
    assert file_name("https://shop.example") == "home"
    assert file_name("https://shop.example/---") == ""
