"""From section texts to HTML and to the assembled article."""

from __future__ import annotations

import re

import html5lib
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline_defs.domain.articles.audit import audit_citations
from pipeline_defs.domain.articles.citations import check_section
from pipeline_defs.domain.articles.quality import html_faults
from pipeline_defs.domain.articles.rendering import (
    REFERENCES,
    SectionText,
    assemble,
    clean,
    count_words,
    plain_text,
    section_html,
    sources_of,
)
from pipeline_defs_tests.domain.builders import draft, sentence, source, sourced

PAYLOADS = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)>",
    "<svg><script>alert(1)</script></svg>",
    "<iframe src='javascript:alert(1)'></iframe>",
    "<a href='javascript:alert(1)'>x</a>",
    "<a href='JaVaScRiPt:alert(1)'>x</a>",
    "<a href='java\tscript:alert(1)'>x</a>",
    "<a href='data:text/html,<script>alert(1)</script>'>x</a>",
    "[x](javascript:alert(1))",
    "[x](java&#115;cript:alert(1))",
    "[x](<javascript:alert(1)>)",
    "[x](vbscript:msgbox(1))",
    "![x](http://evil.example/pixel.png)",
    "![x](data:image/svg+xml;base64,PHN2Zz4=)",
    "<http://evil.example>",
    "[x][1]\n\n[1]: javascript:alert(1)",
    "<math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
    "<style>*{display:none}</style>",
    "<form action=//evil.example><input type=submit></form>",
    "<p onmouseover=alert(1)>x</p>",
    "<base href=//evil.example>",
    "<!--><img src=x onerror=alert(1)>-->",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "&#60;script&#62;alert(1)&#60;/script&#62;",
    '"><script>alert(1)</script>',
    "'\"><img src=x onerror=alert(1)>",
    "</section></article><script>alert(1)</script>",
    "<scr\u0000ipt>alert(1)</scr\u0000ipt>",
    "```html\n<script>alert(1)</script>\n```",
]
ALLOWED = {
    "h1", "h2", "h3", "p", "em", "strong", "sup", "a", "nav", "ol", "ul", "li", "section",
    "article",
}  # fmt: skip


def elements(document: str) -> list[tuple[str, dict[str, str]]]:
    fragment = html5lib.parseFragment(document, namespaceHTMLElements=False)
    return [(e.tag, dict(e.attrib)) for e in fragment.iter() if isinstance(e.tag, str)][1:]


def must_be_harmless(document: str) -> None:
    for tag, attributes in elements(document):
        assert tag in ALLOWED, document
        assert not any(name.startswith("on") or name == "style" for name in attributes)
        if "href" in attributes:
            assert re.match(r"(#(ref|section)-\d+|https?://)", attributes["href"]), attributes


@pytest.mark.parametrize("payload", PAYLOADS)
def test_nothing_active_survives_anywhere(payload: str) -> None:
    sources = sourced(source("s1", "light is caught in the lens", "https://example.org/a?b=c&d=e"))
    text = check_section(
        draft(sentence(payload, ("s1", "light is caught")), sentence(payload), heading=payload),
        sources,
    ).markdown
    must_be_harmless(section_html(text))
    pages = {"s1": ("https://example.org/a?b=c&d=e", payload)}
    edition = assemble(payload, payload, [SectionText(payload, text, pages)], "en")
    must_be_harmless(edition.html)
    assert html_faults(edition.html) == []
    links = [a["href"] for tag, a in elements(edition.html) if tag == "a"]
    assert {link for link in links if not link.startswith("#")} <= {"https://example.org/a?b=c&d=e"}


@pytest.mark.parametrize("payload", PAYLOADS)
def test_raw_markdown_is_harmless_too(payload: str) -> None:
    """Text stored by an older version was not written by today's rules."""
    must_be_harmless(section_html(payload))
    must_be_harmless(assemble("T", "", [SectionText("S", payload, {})], "en").html)


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "JAVASCRIPT:alert(1)//http://x",
        "data:text/html,x",
        "vbscript:x",
        "file:///etc/passwd",
        'https://x.example/">\n[x](javascript:alert(1)',
        "https://x.example/> [x](javascript:alert(1)",
        "",
    ],
)
def test_a_source_whose_address_is_no_page_is_listed_without_a_link(url: str) -> None:
    edition = assemble("T", "", [SectionText("S", "A.[@s1]", {"s1": (url, "Title")})], "en")
    assert "](" not in edition.markdown
    for _, attributes in elements(edition.html):
        assert (
            not attributes.get("href", "").lower().startswith(("javascript", "data", "vbs", "file"))
        )


def test_markdown_of_the_edition_reads_the_same_in_any_renderer() -> None:
    edition = assemble(
        "A [title](http://evil.example)",
        "A *lead* with [9] and\n\n# a forged heading",
        [
            SectionText(
                "Two\n# lines", "Text.[@s1]", {"s1": ("https://e.org/1", "x](http://evil) [2]")}
            )
        ],
        "en",
    )
    assert edition.markdown.splitlines() == [
        "# A \\[title\\](http://evil.example)",
        "",
        "A *lead* with \\[9\\] and # a forged heading",
        "",
        "## Two # lines",
        "",
        "Text.[1]",
        "",
        "## References",
        "",
        "1. [x)(http://evil) (2)](<https://e.org/1>)",
    ]
    assert audit_citations(edition.markdown.replace("http://evil", "")).faults == 0


def test_each_page_stands_once_in_the_bibliography_and_numbers_ascend_by_first_use() -> None:
    first = {"s1": ("https://e.org/b", "B"), "s2": ("https://e.org/a", "A")}
    second = {"s1": ("https://e.org/a/#part", "A again"), "s2": ("https://e.org/c", "C")}
    edition = assemble(
        "T",
        "",
        [
            SectionText("One", "X.[@s2] Y.[@s1][@s2]", first),
            SectionText("Two", "Z.[@s1] W.[@s2]", second),
        ],
        "en",
    )
    assert [(r.number, r.url) for r in edition.bibliography] == [
        (1, "https://e.org/a"),
        (2, "https://e.org/b"),
        (3, "https://e.org/c"),
    ]
    assert "X.[1] Y.[2] [1]" in edition.markdown
    assert "Z.[1] W.[3]" in edition.markdown
    used = [int(n) for n in re.findall(r'href="#ref-(\d+)"', edition.html)]
    assert used == [1, 2, 1, 1, 3]
    assert [a["id"] for tag, a in elements(edition.html) if tag == "li" and "id" in a] == [
        "ref-1",
        "ref-2",
        "ref-3",
    ]


PAGES = st.dictionaries(
    st.integers(1, 9).map("s{}".format), st.sampled_from([f"https://e.org/{n}" for n in range(5)])
)


@given(st.lists(PAGES, min_size=1, max_size=4), st.data())
def test_our_own_edition_has_no_citation_fault(
    researched: list[dict[str, str]], data: st.DataObject
) -> None:
    sections = []
    for pages in researched:
        used = data.draw(st.lists(st.sampled_from(sorted(pages)), max_size=5)) if pages else []
        sections.append(
            SectionText(
                "Heading",
                " ".join(f"Fact {n}.[@{s}]" for n, s in enumerate(used)) or "Nothing.",
                {s: (url, f"Page {url[-1]}") for s, url in pages.items()},
            )
        )
    edition = assemble("Title", "Lead.", sections, data.draw(st.sampled_from(sorted(REFERENCES))))
    assert audit_citations(edition.markdown).faults == 0
    firsts = list(dict.fromkeys(re.findall(r'href="#ref-(\d+)"', edition.html)))
    assert [int(n) for n in firsts] == [r.number for r in edition.bibliography]
    assert len({r.url for r in edition.bibliography}) == len(edition.bibliography)
    assert html_faults(edition.html) == []


def test_headings_step_by_one_and_contents_lead_to_every_section() -> None:
    edition = assemble(
        "T", "L", [SectionText(f"S{n}", "### Sub\n\nText.", {}) for n in (1, 2)], "de"
    )
    assert re.findall(r"<(h\d)", edition.html) == ["h1", "h2", "h3", "h2", "h3", "h2"]
    assert 'aria-label="Inhalt"' in edition.html
    targets = re.findall(r'href="#(section-\d+)"', edition.html)
    assert targets == re.findall(r'<section id="(section-\d+)"', edition.html)
    assert edition.markdown.endswith("## Quellen\n\n")


def test_links_carry_a_safe_relation() -> None:
    edition = assemble("T", "", [SectionText("S", "A.[@s1]", {"s1": ("https://e.org", "E")})], "en")
    assert 'rel="noopener noreferrer nofollow"' in edition.html


def test_a_section_alone_numbers_its_sources_by_first_use() -> None:
    assert section_html("A.[@s7] B.[@s2][@s7] In [1811] it was.") == (
        "<p>A.<sup>[1]</sup> B.<sup>[2]</sup> <sup>[1]</sup> In [1811] it was.</p>\n"
    )


def test_a_mark_without_a_source_is_an_error_and_not_a_dead_number() -> None:
    with pytest.raises(KeyError, match="s4"):
        assemble("T", "", [SectionText("S", "A.[@s4]", {})], "en")


def test_cleaning_keeps_what_an_article_needs() -> None:
    kept = '<section id="a"><h2 id="b">B</h2><ul><li id="c"><em>x</em></li></ul></section>'
    assert clean(kept) == kept


def test_words_are_counted_without_marks() -> None:
    assert count_words(["It's a well-known fact.[@s12]", "Größe 2\u2019s"]) == 6
    assert count_words([""]) == 0


def test_plain_text_has_no_marks_and_no_sub_headings() -> None:
    assert plain_text("### Sub\n\nA.[@s1]") == "A."


def test_sources_of_a_payload() -> None:
    payload = {"sources": [{"id": "s1", "url": "u", "title": "t", "text": "x"}]}
    assert sources_of(payload) == {"s1": ("u", "t")}
    assert sources_of(None) == {}
