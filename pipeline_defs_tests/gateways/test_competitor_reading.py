"""Competitors' markup as nobody should write it: read in linear time, in any character set."""

from __future__ import annotations

import time

import pytest

from pipeline_defs import policies
from pipeline_defs.gateways.competitors.reading import read_page

HOSTILE = {
    "tags that never end": "<a ",
    "tags with a bare quote": '<a b="',
    "tags with quotes in turn": "<a b='\"",
    "declarations": "<!",
    "sections": "<![",
    "comments": "<!--",
    "comments that nearly end": "<!-- --",
    "instructions": "<?",
    "ends": "</",
    "references": "&",
    "numeric references": "&#1",
    "scripts": "<script>",
    "script ends": "<script></scrip",
    "titles": "<title>",
    "deep nesting": "<div>",
    "deep formatting": "<b><i></b>",
    "headings": "<h1>x",
    "attributes": " a=1",
    "equals": "=",
    "spaces after equals": "= ",
    "words": "a ",
    "drawings": "<svg><a>",
    "less than": "<",
}


def seconds(text: str) -> float:
    """The best of three, which other processes disturb least."""
    times: list[float] = []
    for _ in range(3):
        begun = time.perf_counter()
        read_page("https://x.example", text.encode(), "text/html; charset=utf-8")
        times.append(time.perf_counter() - begun)
    return min(times)


@pytest.mark.parametrize("form", HOSTILE.values(), ids=HOSTILE.keys())
@pytest.mark.parametrize("start", ["", "<a"], ids=["text", "in a tag"])
def test_twice_the_markup_takes_no_more_than_about_twice_the_time(form: str, start: str) -> None:
    times = 150_000 // len(form)
    short, long = seconds(start + form * times), seconds(start + form * 4 * times)
    assert long < 12 * short + 0.05  # four times as much: quadratic is sixteen times


def test_no_more_of_a_page_is_read_than_the_limit() -> None:
    body = b"a " * policies.COMPETITOR_BYTES
    assert read_page("https://x.example", body, "text/html").words == policies.COMPETITOR_BYTES / 2


def test_comments_scripts_and_raw_texts_are_no_headings() -> None:
    markup = (
        "<!doctype html><title>A &lt;b&gt; <i></title><!-- <h1>no</h1> --><!--><h1>yes</h1>"
        "<script>if (a < b) '<h1>no</h1>'</SCRIPT ><noscript><h2>no</h2></noscript>"
        "<h2 title='<h3>no</h3>' data-x=\"a>b\">Two</h2><svg/><?x <h1>no</h1>?><h3>5 < 6</h3>"
        "<textarea><h1>no</h1></textarea></h9><style><h1>no</h1>"
    )
    page = read_page("https://x.example", markup.encode(), "text/html")
    assert page.title == "A <b> <i>"
    assert page.headings[:2] == ("yes", "Two")
    assert page.headings[-1] == "5 < 6"
    assert "no" not in page.headings


@pytest.mark.parametrize(
    "name",
    ["undefined", "idna", "punycode", "unicode_escape", "raw_unicode_escape", "base64", "rot13",
     "hex", "zip", "bz2", "uu", "quopri", "mbcs", "utf-7", "unknown", "utf_32_x", "cp65001"],
)  # fmt: skip
def test_what_is_no_character_set_of_a_page_is_read_as_utf8(name: str) -> None:
    body = "<title>Zelte für \\u0041 +AEE-</title>".encode() + b"\xff"
    for told in (f"text/html; charset={name}", f"text/html; charset={name}; x=é\udc80"):
        assert read_page("https://x.example", body, told).title == "Zelte für \\u0041 +AEE-"
    within = f"<meta charset={name}>".encode() + body
    assert read_page("https://x.example", within, "text/html").title.startswith("Zelte für")


@pytest.mark.parametrize(
    ("encoding", "named"),
    [("utf-8-sig", ""), ("utf-16", ""), ("utf-16", "utf-8"), ("utf-16-le", "utf-16le"),
     ("cp1252", "iso-8859-1"), ("cp1252", "ascii"), ("cp1250", "windows-1250"),
     ("koi8-r", "KOI8-R"),
     ("shift_jis", "Shift_JIS"), ("iso8859-15", "ISO-8859-15"), ("utf-8", "UTF8")],
)  # fmt: skip
def test_character_sets_of_the_web_are_read(encoding: str, named: str) -> None:
    title = (
        "テント" if encoding == "shift_jis" else "Палатки" if named == "KOI8-R" else "Zelte fü–r"
    )
    title = "Zelte für" if encoding == "iso8859-15" else title
    body = f"<title>{title}</title>".encode(encoding)
    told = f"text/html; charset={named}" if named else "text/html"
    assert read_page("https://x.example", body, told).title == title
