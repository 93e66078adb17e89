"""Each check of a finished page finds what it is for."""

from __future__ import annotations

from typing import Any

import pytest

from pipeline_defs import policies
from pipeline_defs.domain.pages.components import PageComponents
from pipeline_defs.domain.pages.document import PageDocument
from pipeline_defs.domain.pages.facts import PageFacts
from pipeline_defs.domain.pages.outline import outline
from pipeline_defs.domain.pages.quality.findings import Finding, QualityReport
from pipeline_defs.domain.pages.quality.judging import CHECKS, judge
from pipeline_defs.rendering.pages import assemble
from pipeline_defs_tests.domain.pages.samples import HERO, PARTS, components, facts

GOOD_FACTS, GOOD_PARTS = facts(), components()
GOOD = assemble(GOOD_FACTS, GOOD_PARTS)


def changed(before: str, after: str, count: int = 1) -> PageDocument:
    """The good page with something put in place of something else."""
    assert before in GOOD.html
    return GOOD.model_copy(update={"html": GOOD.html.replace(before, after, count)})


def failed(report: QualityReport) -> set[str]:
    return {finding.check for finding in report.findings if not finding.passed}


def judged(document: PageDocument, **more: Any) -> QualityReport:
    return judge(document, GOOD_FACTS, GOOD_PARTS, **more)


def of_parts(parts: PageComponents, about: PageFacts = GOOD_FACTS) -> QualityReport:
    return judge(assemble(about, parts), about, parts)


def test_a_good_page_passes_every_check() -> None:
    report = judged(GOOD)
    assert failed(report) == set()
    assert (report.score, report.passed) == (100, True)
    assert [f.check for f in report.findings] == [check.__name__ for check in CHECKS]
    assert all(finding.advice == "" for finding in report.findings)


@pytest.mark.parametrize(
    ("before", "after", "check"),
    [
        ("<main", "<b><main", "html_is_valid"),
        ('id="faq"', 'id="benefits"', "html_is_valid"),
        ("<h3>Light", "<h5>Light", "html_is_valid"),
        ('lang="en"', 'lang="de"', "html_is_valid"),
        ('"priceCurrency":"EUR"', '"priceCurrency":"euro"', "structured_data_is_valid"),
        ('{"@context"', '{"@context', "structured_data_is_valid"),
        ('application/ld+json"', 'text/plain"', "structured_data_is_valid"),
        ('"price":"289.00"', '"price":"288.00"', "figures_agree"),
        ('"reviewCount":128', '"reviewCount":129', "figures_agree"),
        (">€289.00<", ">€288.00<", "figures_agree"),
        (">€289.00<", ">£289.00<", "figures_agree"),
        ('value="289.00"', 'value="288.00"', "figures_agree"),
        (">In stock<", ">Out of stock<", "figures_agree"),
        ('data-sku="TH-200"', 'data-sku="TH-2"', "figures_agree"),
        ("It weighs 1.9 kg with all pegs. That", "It weighs. That", "figures_agree"),
        (f"<title>{GOOD.title}", "<title>Tents", "title_length"),
        (f'content="{GOOD.description}"', 'content="Tents"', "description_length"),
        ("<h1>", "<h1>Tents</h1><h1>", "one_h1"),
        ('alt="', 'title="', "images_have_alt"),
        ('href="#faq"', 'href="javascript:x"', "links_are_safe"),
        ('href="#faq"', 'href="#nowhere"', "links_are_safe"),
        ("<h1>", '<h1 onclick="x">', "links_are_safe"),
        ("</main>", "<script>x</script></main>", "links_are_safe"),
    ],
)
def test_a_fault_of_the_document_is_found(before: str, after: str, check: str) -> None:
    report = judged(changed(before, after))
    assert check in failed(report)
    finding = report.finding(check)
    assert finding.required
    assert finding.advice
    assert not report.passed
    assert report.score < 100


def test_a_title_that_is_too_long_is_measured() -> None:
    hero = HERO.model_copy(update={"title": "Trekking tent " * 8})
    finding = of_parts(components(hero=hero)).finding("title_length")
    assert not finding.passed
    assert finding.details == {"length": 111}
    assert "30 to 60" in finding.advice


def test_what_the_data_do_not_carry_is_named() -> None:
    told = "This trekking tent is made of pure silk. It is a tent for long days outside."
    hero = HERO.model_copy(update={"paragraphs": (told,)})
    finding = of_parts(components(hero=hero)).finding("nothing_is_ungrounded")
    assert not finding.passed
    assert "silk" in finding.details["faults"][0]
    title = HERO.model_copy(update={"title": "Trekking tent from 199 euros at Trailhouse"})
    assert "nothing_is_ungrounded" in failed(of_parts(components(hero=title)))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("<h1>", "<h1>Fireproof: "),
        ("</main>", "<p>It is made of pure silk.</p></main>"),
        ("</main>", "<ul><li>Free shipping</li></ul></main>"),
        ("</main>", "<table><tr><td>Titanium</td></tr></table></main>"),
        (f"<title>{GOOD.title}", f"<title>{GOOD.title}, award-winning"),
        (f'content="{GOOD.description}"', f'content="{GOOD.description} It is fireproof."'),
        ('alt="', 'alt="Fireproof '),
        ('"@type":"Question","name":"', '"@type":"Question","name":"Recommended by doctors. '),
    ],
)
def test_what_only_the_finished_document_says_is_found(before: str, after: str) -> None:
    assert "nothing_is_ungrounded" in failed(judged(changed(before, after)))


@pytest.mark.parametrize(("jaccard", "passes"), [(0.0, True), (0.49, True), (0.5, False)])
def test_a_page_must_not_be_half_like_another(jaccard: float, passes: bool) -> None:
    finding = judged(GOOD, nearest=jaccard, nearest_page="pag_1").finding("no_near_duplicate")
    assert finding.passed is passes
    assert finding.details == {"jaccard": jaccard, "page": "pag_1"}


def test_a_keyword_that_is_missing_or_everywhere_is_advised_on_and_fails_nothing() -> None:
    about = facts(keywords=("camping chair",))
    report = of_parts(GOOD_PARTS, about)
    finding = report.finding("keyword_use")
    assert finding.details["missing"] == [
        "title", "headline", "description", "first paragraph", "a subheading",
    ]  # fmt: skip
    assert "more often" in finding.advice
    assert report.passed
    often = HERO.model_copy(update={"paragraphs": ("Our trekking tent is a trekking tent. " * 20,)})
    assert "less often" in of_parts(components(hero=often)).finding("keyword_use").advice


def test_a_page_that_says_little_or_leads_nowhere_is_advised_on() -> None:
    about = facts(products=(), links=())
    report = of_parts(components(parts=(("faq", PARTS["faq"]),)), about)
    assert {"text_length", "internal_links"} <= failed(report)
    assert all(not report.finding(name).required for name in policies.PAGE_QUALITY.advisory)


def test_a_report_is_stored_and_read_as_it_was() -> None:
    report = judged(GOOD, nearest=0.7)
    assert QualityReport.model_validate_json(report.model_dump_json()) == report


def test_required_checks_count_threefold() -> None:
    findings = (
        Finding(check="a", passed=True, required=True),
        Finding(check="b", passed=False, required=False),
    )
    report = QualityReport.of(findings)
    assert (report.score, report.passed) == (75, True)
    assert QualityReport.of(()).score == 100


def test_the_outline_reads_what_stands_in_the_document() -> None:
    found = outline(
        '<!DOCTYPE html><html lang="en"><title>T</title><meta name="a" content="b">'
        '<main><!-- c --><p class="x">One <b>two</b><br>three</p>'
        '<data data-sku="1" data-fact="price" value="2">€2</data><style>p{}</style></main>'
    )
    assert found.errors == []
    assert (found.titles, found.metas, found.paragraphs) == (["T"], {"a": ["b"]}, ["One two three"])
    assert found.text == "One two\nthree\n€2"
    assert [(f.sku, f.fact, f.value, f.text) for f in found.figures] == [("1", "price", "2", "€2")]
    assert outline("<p>x").errors == [
        "Unexpected start tag (p). Expected DOCTYPE. (line 1, column 3)"
    ]
