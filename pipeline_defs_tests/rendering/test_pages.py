"""Finished pages: whole, accessible, and safe whatever a feed or a model says."""

from __future__ import annotations

import json
import re
from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from pipeline_defs.domain.languages import LANGUAGES, Language
from pipeline_defs.domain.pages.components import PageComponents
from pipeline_defs.domain.pages.document import PageDocument
from pipeline_defs.domain.pages.facts import Link, PageFacts
from pipeline_defs.domain.pages.outline import outline
from pipeline_defs.domain.pages.quality import figures, markup
from pipeline_defs.domain.pages.quality.findings import Subject
from pipeline_defs.domain.pages.requests import PageType
from pipeline_defs.rendering.pages import assemble, clean
from pipeline_defs_tests.domain.pages import hostile
from pipeline_defs_tests.domain.pages.samples import SHOP, XSS, components, facts, tent

TYPES: tuple[PageType, ...] = ("product", "category", "brand", "guide")


def page(page_type: PageType = "category", **changes: Any) -> PageDocument:
    return assemble(facts(page_type, **changes), components(page_type), date(2026, 5, 12))


def faults(document: PageDocument, about: PageFacts, parts: PageComponents) -> dict[str, Any]:
    subject = Subject(document, about, parts, outline(document.html))
    checks = (
        markup.html_is_valid,
        markup.one_h1,
        markup.images_have_alt,
        markup.links_are_safe,
        figures.structured_data_is_valid,
        figures.figures_agree,
    )
    return {f.check: f.details for check in checks if not (f := check(subject)).passed}


@pytest.mark.parametrize("page_type", TYPES)
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_page_of_every_type_and_language_is_faultless(
    page_type: PageType, language: Language
) -> None:
    about, parts = facts(page_type, language=language), components(page_type)
    assert faults(assemble(about, parts), about, parts) == {}


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(hostile.facts, hostile.components)
def test_any_facts_and_parts_give_valid_html_and_figures_that_agree(
    about: PageFacts, parts: PageComponents
) -> None:
    document = assemble(about, parts, date(2026, 5, 12))
    assert faults(document, about, parts) == {}
    assert assemble(about, parts, date(2026, 5, 12)) == document


@pytest.mark.parametrize("attack", XSS)
def test_an_attack_in_every_text_stays_a_text(attack: str) -> None:
    product = tent(
        name=attack[:150], brand=attack[:70], highlights=(attack[:150],), mpn=attack[:70]
    )
    about = facts(
        "category",
        subject=attack[:150],
        site_name=attack[:80],
        products=(product, tent(1)),
        links=(Link(url=f"{SHOP}/x", title=attack), Link(url=attack, title="x")),
    )
    parts = components(
        hero=components().hero.model_copy(update={"title": attack[:120], "headline": attack[:120]})
    )
    document = assemble(about, parts)
    assert faults(document, about, parts) == {}
    found = outline(document.html)
    assert found.scripts == found.handlers == []
    assert document.html.count("<script") == 1
    assert "{{ 7" not in attack or "49" not in found.titles[0]


@pytest.mark.parametrize("page_type", TYPES)
def test_a_page_has_its_landmarks_and_what_search_engines_read(page_type: PageType) -> None:
    document = page(page_type)
    html, found = document.html, outline(document.html)
    for landmark in ("<main", '<header class="site"', "<footer", "<nav", 'href="#content"'):
        assert landmark in html, landmark
    assert html.startswith("<!DOCTYPE html>")
    assert found.language == "en"
    assert found.titles == [document.title]
    assert found.metas["description"] == [document.description]
    assert found.metas["og:title"] == [document.title]
    assert found.metas["og:image"][0].startswith(SHOP)
    assert found.metas["og:locale"] == ["en_US"]
    assert found.canonicals == [document.canonical] == [f"{SHOP}/{page_type}/tents"]
    assert found.data() == [document.json_ld]
    assert dict(document.meta) == {
        name: values[0]
        for name, values in found.metas.items()
        if name not in ("viewport", "color-scheme")
    }
    assert document.body_html in html
    assert document.text == found.text


def test_sections_come_in_the_order_of_the_type() -> None:
    def order(page_type: PageType) -> list[str]:
        return re.findall(r'<section id="([a-z-]+)"', page(page_type).body_html)

    assert order("product") == ["benefits", "specifications", "faq", "related"]
    assert order("category") == [
        "products", "benefits", "comparison", "buying-guide", "faq", "related",
    ]  # fmt: skip
    assert order("brand") == ["benefits", "products", "comparison", "faq", "related"]
    assert order("guide") == ["buying-guide", "comparison", "products", "faq", "related"]


def test_tables_have_captions_and_headers_with_a_scope() -> None:
    for page_type in ("product", "category"):
        body = page(page_type).body_html
        assert body.count("<caption ") == body.count("<table") == 1
        assert '<th scope="row">' in body
        assert "<th>" not in body
    assert '<th scope="col">Larch 2 trekking tent</th>' in page("category").body_html


def test_pictures_keep_their_place_and_only_the_first_hurries() -> None:
    images = re.findall(r"<img [^>]+>", page("product").body_html)
    assert len(images) == 4
    assert all('width="640"' in image and 'height="640"' in image for image in images)
    assert ["lazy" in image for image in images] == [False, True, True, True]
    assert outline(page("product").html).images[0][1] == "Larch 2 trekking tent (Tents)"


def test_every_fact_of_a_product_stands_in_the_table() -> None:
    text = page("product").text
    for told in ("Water column\n3,000 mm", "GTIN\n4006381333931", "Item number\nTH-200"):
        assert told in text
    assert "€289.00" in text
    assert "In stock" in text
    assert "Prices and availability as of May 12, 2026." in text


def test_a_lower_price_is_shown_with_the_one_before() -> None:
    body = page("product", products=(tent(1),)).body_html
    assert re.search(r"<s>.*Earlier price.*€349.00.*</s>", body, re.DOTALL)
    raised = page("product", products=(tent(price=Decimal(1), sale_price=Decimal(2)),)).body_html
    assert "<s>" not in raised


@pytest.mark.parametrize("page_type", TYPES)
def test_a_page_without_any_product_looks_whole(page_type: PageType) -> None:
    about, parts = facts(page_type, products=(), links=()), components(page_type)
    document = assemble(about, parts)
    assert faults(document, about, parts) == {}
    assert "data-fact" not in document.html
    assert '<ul class="cards"' not in document.html
    assert document.words > 60


def test_a_product_of_which_nothing_is_known_is_shown_by_its_name() -> None:
    bare = tent(images=(), url=None, price=None, rating=None, availability=None, brand="",
                category=(), highlights=(), attributes=(), gtin=None, mpn=None)  # fmt: skip
    about, parts = facts("product", products=(bare,)), components("product")
    document = assemble(about, parts)
    assert faults(document, about, parts) == {}
    assert "Item number\nTH-200" in document.text
    assert 'class="buy"' not in document.html


def test_without_pictures_the_offer_stands_beside_the_text_and_cards_have_no_gap() -> None:
    bare = page("product", products=(tent(images=()),)).body_html
    assert "hero with-side" in bare
    assert bare.count('class="buy"') == 1
    assert "<img" not in bare
    assert 'class="picture' not in page(products=(tent(images=()), tent(4))).body_html
    assert 'class="picture empty"' in page(products=(tent(), tent(4))).body_html


def test_a_product_told_twice_is_shown_once() -> None:
    about = facts(products=(tent(), tent(price=Decimal(1)), tent(1)))
    document = assemble(about, components())
    assert document.body_html.count('class="card"') == 2
    assert faults(document, about, components()) == {}


def test_links_to_the_page_itself_and_to_no_web_page_are_left_out() -> None:
    here = f"{SHOP}/category/tents"
    links = (
        Link(url=f"{here}#x", title="Here"),
        Link(url="javascript:alert(1)", title="Bad"),
        Link(url=f"{SHOP}/a", title="A"),
        Link(url=f"{SHOP}/a", title="A again"),
        Link(url=f"{SHOP}/b", title="\u200b"),
    )
    body = page(links=links).body_html
    assert re.findall(r'<ul class="related-links">(.*?)</ul>', body, re.DOTALL)[0].split() == [
        "<li><a", f'href="{SHOP}/a">A</a></li>',
    ]  # fmt: skip


def test_words_of_the_document_are_in_its_language() -> None:
    text = page("product", language="de").text
    assert "Technische Daten" in text
    assert "289,00 €" in text
    assert "Preise und Verfügbarkeit: Stand 12. Mai 2026." in text
    assert not re.search(r"\b(Brand|In stock|Specifications|Price)\b", text)


def test_headings_leave_no_level_out() -> None:
    for page_type in TYPES:
        levels = [level for level, _ in outline(page(page_type).html).headings]
        assert levels[0] == 1
        assert levels.count(1) == 1
        assert all(b <= a + 1 for a, b in pairwise(levels))


def test_what_the_templates_do_not_use_is_cleaned_away() -> None:
    dirty = '<p onclick="x">a</p><script>b</script><a href="javascript:c">d</a><iframe></iframe>'
    assert clean(dirty) == "<p>a</p><a>d</a>"


def test_a_document_is_stored_and_read_as_it_was() -> None:
    document = page()
    assert PageDocument.model_validate(json.loads(document.model_dump_json())) == document
