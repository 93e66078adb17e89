"""The audit reads reports of others: their lists, and their faults."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline_defs.domain.articles.audit import CitationAudit, audit_citations

REPORTS = Path(__file__).resolve().parents[3] / "shared" / "data" / "articles"
A, B, C = (f"https://{letter}.example/page" for letter in "abc")
CLEAN = CitationAudit((), (), (), ())

HEADINGS = [
    "## Sources",
    "### Sources:",
    "## 7. Sources",
    "## 7 References",
    "# 3.2. Works Cited",
    "**Sources**",
    "**References:**",
    "Sources:",
    "## **References**",
    "## Quellen",
    "## Références",
    "## Źródła ##",
]
LISTS = [
    f"[1] First: {A}\n[2] Second: {B}",
    f"[1] First: {A}\n\n[2] Second: {B}",
    f"[1]: {A}\n[2]: {B}",
    f"- [1] First, {A}.\n- [2] Second, {B}.",
    f"[1] [First]({A})\n[2] [Second]({B})",
    f"1. [First]({A})\n2. [Second]({B})",
    f"1. First: {A}\n2. Second: <{B}>",
    f"1) First. {A}\n2) Second. {B}",
    f"1. First\n   {A}\n2. Second\n   {B}",
    f"1. [First (2020) [pdf]](<{A}>)\n2. [Second](<{B}>)",
    "1. First, in print.\n2. Second, in print.",
]


@pytest.mark.parametrize("heading", HEADINGS)
@pytest.mark.parametrize("listed", LISTS, ids=range(len(LISTS)))
def test_lists_are_read_in_every_form_under_every_heading(heading: str, listed: str) -> None:
    text = "# Report\n\nIn 1999 it began [1]. It went on [1][2].\n\n"
    assert audit_citations(f"{text}{heading}\n\n{listed}\n") == CLEAN
    without = audit_citations(f"# Report\n\nIt began [3].\n\n{heading}\n\n{listed}\n")
    assert (without.dangling, without.unused) == ((3,), ("1", "2"))


@pytest.mark.parametrize(
    ("text", "cited"),
    [
        ("A [1] b [2].", {1, 2}),
        ("A [1, 2].", {1, 2}),
        ("A [1-3].", {1, 2, 3}),
        ("A [1–2; 3].", {1, 2, 3}),
        ("A 【1†source】 and 【2】.", {1, 2}),
        (f"A [2]({B}).", {2}),
        ("Escaped \\[2\\] is text; \\\\[1] is not.", {1}),
        ("The interval [0, 1], `x[2]`, the year [1999], [a2], [^3].", set()),
        ("```\nx[1]\n```\n\nThen [2].", {2}),
    ],
)
def test_citations_are_read_in_every_form(text: str, cited: set[int]) -> None:
    listed = f"[1] First: {A}\n[2] Second: {B}\n[3] Third: {C}"
    found = audit_citations(f"{text}\n\n## Sources\n\n{listed}")
    assert set(found.unused) == {str(n) for n in {1, 2, 3} - cited}
    assert found.dangling == ()


def test_a_number_beyond_the_list_dangles() -> None:
    report = f"A [1]. B [60].\n\n## Sources\n[1] First: {A}\n"
    assert audit_citations(report) == CitationAudit((60,), (), (), ())


def test_a_page_listed_twice_is_found_whatever_its_fragment() -> None:
    report = f"A [1][2].\n\n## Sources\n[1] First: {A}\n[2] Again: {A}/#part\n"
    assert audit_citations(report).duplicate_urls == (A,)


def test_an_address_in_the_text_that_no_list_names_is_found() -> None:
    report = f"As [somebody]({B}) says ({C}). A [1].\n\n## Sources\n[1] First: {A}\n[2] Two: {B}\n"
    assert audit_citations(report) == CitationAudit((), (C,), (), ())


def test_a_report_without_a_list_cites_nothing_that_is_there() -> None:
    assert audit_citations("A [1] and [2].").dangling == (1, 2)
    assert audit_citations("") == CLEAN


def test_a_list_without_a_heading_is_read() -> None:
    assert audit_citations(f"A [1].\n\n[1] First: {A}\n") == CLEAN


def test_numbered_steps_in_the_text_are_no_sources() -> None:
    report = f"1. Light the lamp.\n2. See {A} [1].\n\n## Sources\n1. [First]({A})\n"
    assert audit_citations(report) == CLEAN


def test_text_after_the_list_is_text_again() -> None:
    report = f"A [1].\n\n## Sources\n1. [First]({A})\n\n## Appendix\n\n1. One [2].\n"
    assert audit_citations(report) == CitationAudit((2,), (), (), ())


def test_where_sections_have_lists_of_their_own_numbers_mean_the_next_list() -> None:
    report = (
        f"## One\nA [1].\n### Sources\n[1] First: {A}\n\n"
        f"## Two\nB [1] [2].\n### Sources\n[1] Second: {B}\n[2] Third: {C}\n"
    )
    assert audit_citations(report) == CLEAN
    assert audit_citations(report.replace("A [1]", "A [2]")).dangling == (2,)


def test_addresses_may_hold_brackets() -> None:
    page = "https://en.wikipedia.example/wiki/Lens_(optics)"
    report = f"See ({page}). A [1].\n\n## Sources\n1. [Lens]({page})\n"
    assert audit_citations(report) == CLEAN


@pytest.mark.parametrize(
    ("name", "duplicate", "listed"),
    [
        (
            "odr_example_inference-market.md",
            "https://semianalysis.com/2024/02/21/groq-inference-tokenomics-speed-but",
            14,
        ),
        ("odr_example_pubmed.md", "https://pubmed.ncbi.nlm.nih.gov/36874334", 15),
    ],
)
def test_faults_of_real_reports_are_found(name: str, duplicate: str, listed: int) -> None:
    """Both list a source per section, one of them twice, and cite none in their sentences."""
    report = REPORTS / name
    if not report.exists():
        pytest.skip(
            f"{name} is not beside this copy: reports of others are not part of the project"
        )
    found = audit_citations(report.read_text(encoding="utf-8"))
    assert found.duplicate_urls == (duplicate,)
    assert found.dangling == found.unlisted == ()
    assert len(found.unused) == listed
