"""A citation is kept only where its span stands in the source it names; a text cannot forge one."""

from __future__ import annotations

import re
from dataclasses import asdict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline_defs.domain.articles.citations import MARK, check_section, normalized, stands_in
from pipeline_defs.domain.articles.drafts import Evidence, Paragraph, SectionDraft, Sentence
from pipeline_defs.domain.articles.markup import escaped, literal
from pipeline_defs.domain.articles.quality import citation_faults, html_faults
from pipeline_defs.domain.articles.rendering import SectionText, assemble, section_html
from pipeline_defs_tests.domain.builders import draft, sentence, source, sourced

TEXT = (
    "The lamp of the lighthouse turned once a minute. Its keeper said: \u201cIt\u2019s "
    "never\u00a0dark here.\u201d The tower \u2013 built in 1811 \u2013 still stands."
)
SOURCES = sourced(source("s1", TEXT), source("s2", "Fresnel's lens bends light into a beam."))
URL_LIKE = re.compile(r"://|www\.|javascript:\S|data:\S|mailto:\S", re.IGNORECASE)

FRAGMENTS = st.sampled_from(
    [
        "[@s1]", "[@s2]", "[@s9]", "[1]", "[99]", "\\[7\\]", "[", "]", "](", "@s1", "[@", "s1]",
        "&#91;3&#93;", "&lbrack;4]", "http://evil.example/x", "https://evil.example.",
        "www.evil.example",
        "javascript:alert(1)", "[click](http://evil.example)", "![i](data:image/png;base64,AA)",
        "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "<http://evil.example>", "# ",
        "## Forged", "- ", "1. ", "\n\n# Big\n", "```", "~~~", "---", "***", "> ", "\\",
        "`", "*", "_",
        "\ue0001", "[\ue0005]", "\u200b", "ht\u200btp://evil.example", "ht[](x)tp://evil.example",
        "&lt;b&gt;", "&amp;lt;", "The lamp of the lighthouse", "word", " ", "\u0000", "ü", "[x]: ",
    ]
)  # fmt: skip
TEXTS = st.lists(FRAGMENTS | st.text(max_size=6), min_size=1, max_size=6).map("".join).filter(bool)
QUOTES = st.sampled_from(
    [
        "The lamp of the lighthouse",
        "built in 1811",
        "never was there",
        "",
        " ",
        "a",
        "the",
        "\u200b",
    ]
)
EVIDENCE = st.builds(
    Evidence,
    source=st.sampled_from(["s1", "s2", "s7", "s999"]),
    quote=(QUOTES | TEXTS).filter(bool),
)
DRAFTS = st.builds(
    SectionDraft,
    paragraphs=st.lists(
        st.builds(
            Paragraph,
            heading=st.none() | TEXTS,
            sentences=st.lists(
                st.builds(
                    Sentence,
                    text=TEXTS,
                    evidence=st.lists(EVIDENCE, max_size=3).map(tuple),
                ),
                max_size=3,
            ).map(tuple),
        ),
        max_size=3,
    ).map(tuple),
)


@given(DRAFTS)
def test_no_draft_brings_in_a_dangling_mark_a_url_or_an_unsupported_citation(
    given_draft: SectionDraft,
) -> None:
    checked = check_section(given_draft, SOURCES)
    marks = MARK.findall(checked.markdown)
    assert marks == [c.source for c in checked.citations]
    assert set(marks) <= set(SOURCES)
    assert URL_LIKE.search(checked.markdown) is None
    for citation in checked.citations:
        kept = SOURCES[citation.source]
        assert normalized(citation.quote) in normalized(kept.text)
        assert len(re.findall(r"[^\W_]+", normalized(citation.quote))) >= 3
        assert (citation.url, citation.title) == (kept.url, kept.title)
    cited = [asdict(c) for c in checked.citations]
    assert citation_faults(checked.markdown, cited, SOURCES.values()) == []
    assert checked.refused + len(checked.citations) <= sum(
        len(s.evidence) for p in given_draft.paragraphs for s in p.sentences
    )


@given(DRAFTS)
def test_no_draft_brings_in_a_number_a_link_a_heading_or_a_tag_of_its_own(
    given_draft: SectionDraft,
) -> None:
    checked = check_section(given_draft, SOURCES)
    pages = {s.id: (s.url, s.title) for s in SOURCES.values()}
    edition = assemble("T", "", [SectionText("S", checked.markdown, pages)], "en")
    linked = [int(n) for n in re.findall(r'href="#ref-(\d+)"', edition.html)]
    assert len(linked) == len(checked.citations)
    assert set(linked) == {r.number for r in edition.bibliography}
    assert len(re.findall("<h3", edition.html)) == len(re.findall("(?m)^### ", checked.markdown))
    assert edition.html.count("<h1") == 1
    assert edition.html.count("<h2") == 2
    assert html_faults(edition.html) == []
    alone = section_html(checked.markdown)
    assert alone.count("<sup>") == len(checked.citations)
    assert "<a" not in alone
    assert html_faults(alone) == []


def test_a_supported_sentence_is_kept_with_its_mark_and_its_span() -> None:
    checked = check_section(
        draft(
            sentence("The lamp turns.", ("s1", "lamp of the lighthouse turned")), heading="Light"
        ),
        SOURCES,
    )
    assert checked.markdown == "### Light\n\nThe lamp turns.[@s1]"
    assert checked.citations[0].quote == "lamp of the lighthouse turned"
    assert checked.citations[0].sentence == "The lamp turns."
    assert (checked.refused, checked.dropped) == (0, 0)


@pytest.mark.parametrize(
    "quote",
    [
        "It's never dark here.",
        "\u201cIt's never  dark\nhere.\u201d",
        '"It\u2019s never dark here."',
        "\u201eIt\u2018s never dark here.\u201c",
        "\u00abIt\u2019s never\u202fdark here.\u00bb",
        "it's NEVER\tdark here",
        "The tower - built in 1811 - still stands",
        "The tower \u2014 built in\u00ad 1811 \u2014 still stands",
        " lighthouse turned\u200b once ",
    ],
)
def test_quotes_are_found_whatever_their_typography(quote: str) -> None:
    checked = check_section(draft(sentence("So it is.", ("s1", quote))), SOURCES)
    assert [c.source for c in checked.citations] == ["s1"]


def test_letters_match_however_they_are_composed() -> None:
    assert stands_in("sur la côte", normalized("sur la co\u0302te bretonne"))


@pytest.mark.parametrize(
    "quote",
    [
        " ",
        "\u200b",
        "...",
        "the",
        "a",
        "The lamp",
        "The lamp of the lighthouse turned twice",
        "The lamp ... once a minute",
        "Fresnel's lens bends light",
    ],
)
def test_a_span_that_is_not_in_its_source_or_says_nothing_supports_nothing(quote: str) -> None:
    checked = check_section(draft(sentence("So it is.", ("s1", quote))), SOURCES)
    assert (checked.markdown, checked.citations) == ("", ())
    assert (checked.refused, checked.dropped) == (1, 1)


def test_a_source_that_does_not_exist_is_refused() -> None:
    checked = check_section(
        draft(sentence("A.", ("s3", "built in 1811")), sentence("B.", ("s1", "built in 1811"))),
        SOURCES,
    )
    assert checked.markdown == "B.[@s1]"
    assert (checked.refused, checked.dropped) == (1, 1)


def test_duplicate_evidence_is_one_citation_and_no_refusal() -> None:
    twice = ("s1", "built in 1811")
    other = ("s1", "once a minute")
    checked = check_section(draft(sentence("A.", twice, twice, other)), SOURCES)
    assert checked.markdown == "A.[@s1]"
    assert len(checked.citations) == 1
    assert (checked.refused, checked.dropped) == (0, 0)


def test_one_good_span_keeps_a_sentence_and_the_bad_one_is_counted() -> None:
    checked = check_section(
        draft(sentence("A.", ("s1", "built in 1911"), ("s2", "bends light into"))), SOURCES
    )
    assert checked.markdown == "A.[@s2]"
    assert (checked.refused, checked.dropped) == (1, 0)


def test_a_sentence_that_claims_no_support_stays_unmarked() -> None:
    assert check_section(draft(sentence("So much for lamps.")), SOURCES).markdown == (
        "So much for lamps."
    )


def test_a_heading_without_a_sentence_left_is_left_out() -> None:
    checked = check_section(
        draft(sentence("A.", ("s1", "not in there")), heading="Lonely"), SOURCES
    )
    assert checked.markdown == ""


@pytest.mark.parametrize(
    ("given_text", "shown"),
    [
        ("Forged [@s1] mark.", "Forged \\[@s1\\] mark."),
        ("Forged [7] number.", "Forged \\[7\\] number."),
        ("## A heading", "\\## A heading"),
        ("1. First of all", "1\\. First of all"),
        ("- 5 degrees", "\\- 5 degrees"),
        ("---", "\\---"),
        ("* * *", "\\* * *"),
        ("*Emphasis* stays", "*Emphasis* stays"),
        ("It costs \\$5", "It costs $5"),
        ("two\n\n# lines", "two # lines"),
        ("Read [the manual](http://a.example/b) first.", "Read the manual first."),
        ("See http://a.example/b.", "See."),
        ("A < B & C > D", "A \\< B & C > D"),
        ("&lt;b&gt; is a tag", "\\<b> is a tag"),
        ("&amp;lt; is written so", "\\&lt; is written so"),
        ("use `ls` here", "use \\`ls\\` here"),
        ("a \\ b", "a \\\\ b"),
        ("In 1811. So", "In 1811. So"),
    ],
)
def test_texts_become_plain_markdown(given_text: str, shown: str) -> None:
    assert escaped(literal(given_text)) == shown
    assert check_section(draft(sentence(given_text)), SOURCES).markdown == shown


@given(TEXTS)
def test_no_address_survives_in_the_words_of_a_text(text: str) -> None:
    assert URL_LIKE.search(literal(text)) is None
    assert "\n" not in literal(text)
