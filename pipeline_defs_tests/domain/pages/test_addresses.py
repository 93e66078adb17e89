"""Which addresses may stand in a page, and in what form."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline_defs.domain.pages.addresses import host_of, page_of, root_of, web_address


@pytest.mark.parametrize(
    ("given_url", "written"),
    [
        ("https://shop.example", "https://shop.example/"),
        ("https://shop.example/a b?x=ü&y=1", "https://shop.example/a%20b?x=%C3%BC&y=1"),
        ("https://shop.example/100%|{}", "https://shop.example/100%25%7C%7B%7D"),
        ("https://shop.example/a%20b", "https://shop.example/a%20b"),
        ("https://GRÖSSE.example:8443/", "https://xn--grsse-kua.example:8443/"),
        ("http://[2001:db8::1]/x", "http://[2001:db8::1]/x"),
        ('https://shop.example/"><script>', "https://shop.example/%22%3E%3Cscript%3E"),
    ],
)
def test_what_has_to_be_encoded_is(given_url: str, written: str) -> None:
    assert web_address(given_url) == written
    assert web_address(written) == written


@pytest.mark.parametrize(
    "url",
    [
        None,
        "",
        "javascript:alert(1)",
        " JAVASCRIPT:alert(1)",
        "java\tscript:alert(1)",
        "data:text/html,x",
        "mailto:a@b.example",
        "//shop.example/x",
        "/x",
        "https://",
        "https://user:pw@shop.example/",
        "http://[::1/x",
        "https://shop.example:99999/",
        "https://a..b/",
        "https://-.example\\@evil.example/",
        "https://shop.example/" + "a" * 2000,
    ],
)
def test_what_is_no_web_page_is_no_address(url: str | None) -> None:
    assert web_address(url) is None


@given(st.text(max_size=60))
def test_no_text_breaks_it(tail: str) -> None:
    found = web_address(f"https://shop.example/{tail}")
    assert found is None or (found.isascii() and not set(found) & set(" <>\"'`{}|^\\\n") - {"'"})


def test_parts_of_an_address() -> None:
    assert root_of("https://shop.example:8443/a/b?c#d") == "https://shop.example:8443/"
    assert page_of("https://shop.example/a#b") == "https://shop.example/a"
    assert host_of("https://shop.example:8443/a") == "shop.example:8443"
