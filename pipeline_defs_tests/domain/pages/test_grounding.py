"""Only what the product data carry stays: numbers, materials, claims, ranks and names."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline_defs.domain.languages import Language
from pipeline_defs.domain.pages.drafts import ComponentDraft, HeroDraft, Item
from pipeline_defs.domain.pages.facts import PageFacts
from pipeline_defs.domain.pages.grounding import Ungrounded, ground, ungrounded
from pipeline_defs.domain.pages.products import Attribute, Product
from pipeline_defs_tests.domain.pages.shop import JACKETS, TENTS, facts

TENT_FACTS = facts("category", "Tents", TENTS)


def german(**attributes: str) -> PageFacts:
    """A page on one product with German data."""
    return told_in("de", "Wanderhose", attributes)


def told_in(language: Language, name: str, attributes: dict[str, str]) -> PageFacts:
    """A page on one product in a language."""
    product = Product(
        sku="P-1",
        name=name,
        attributes=tuple(Attribute(name=n, value=v) for n, v in attributes.items()),
    )
    return facts("product", name, [product], language=language)


@pytest.mark.parametrize(
    "text",
    [
        "The Ridgeline 2 Tent weighs 1.9 kg.",
        "The Ridgeline 2 weighs 1,900 g, that is 1900 grams.",
        "Packed, the Ridgeline 2 Tent measures 42 x 15 cm or 420 x 150 mm.",
        "The rain rating goes from 2,000 to 4,000 mm.",
        "The rain rating goes from 2,000–4,000 mm.",
        "These three tents have one thing in common.",
        "Two of them have poles of aluminium.",
        "The Basin 4 Family Tent is made of recycled polyester.",
        "The Solo Bivy Tent is the lightest of these tents.",
        "The Basin 4 Family Tent has the highest waterproof rating of these.",
        "The Solo Bivy Tent is lighter than the Ridgeline 2 Tent.",
        "The Solo Bivy Tent costs € 199, or 199.00 EUR.",
        "The Solo Bivy Tent is the cheapest here.",
        "Which tent is the lightest?",
        "The Ridgeline 2 Tent is in stock.",
        "Packed, it takes 42x15 cm or 42×15 cm.",
        "Set out on a Monday in April.",
        "Norrvik and Skarven make tents for hikers.",
        "See all tents at Northern Trails.",
        "A tent for two people who walk from hut to hut.",
    ],
)
def test_what_the_data_carry_is_grounded(text: str) -> None:
    assert ungrounded(text, TENT_FACTS, "en") == []


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("The Ridgeline 2 Tent weighs 1.8 kg.", "1.8 kg"),
        ("The Ridgeline 2 Tent weighs 1.9 g.", "1.9 g"),
        ("The Ridgeline 2 Tent weighs 8.4 kg.", "8.4 kg"),
        ("The Ridgeline 2 Tent weighs just 1.9 kg and holds 3,001 mm.", "3,001 mm"),
        ("It holds back a water column of 3 mm.", "3 mm"),
        ("Seven of them sold out.", "Seven"),
        ("It lasts for ½ a year.", "½"),
        ("The flysheet is rated IPX7.", "ipx7"),
        ("It comes with a 2-year warranty.", "2-year"),
        ("The Solo Bivy Tent has poles of steel.", "steel"),
        ("The Ridgeline 2 Tent is made of cotton.", "cotton"),
        ("The Ridgeline 2 Tent is not made of nylon.", "nylon"),
        ("The fabric is certified by OEKO-TEX.", "oeko tex"),
        ("It is an award-winning tent.", "award winning"),
        ("The best tent you can buy.", "best"),
        ("All tents here are made of recycled polyester.", "recycled"),
        ("Enjoy free delivery.", "free delivery"),
        ("You get it at a discount.", "discount"),
        ("It has a lifetime guarantee.", "lifetime"),
        ("The Ridgeline 2 Tent is the lightest of these tents.", "lightest"),
        ("The Ridgeline 2 Tent has the highest waterproof rating.", "highest"),
        ("It is the lightest tent.", "lightest"),
        ("The Basin 4 Family Tent is lighter than the Solo Bivy Tent.", "comparison"),
        ("It beats any tent by Salewa.", "Salewa"),
        ("Campers in Yosemite love it.", "Yosemite"),
        ("Its PowerDome keeps out the wind.", "PowerDome"),
        ("Only 9 EUR today.", "9 EUR"),
    ],
)
def test_what_they_do_not_carry_is_named(text: str, reason: str) -> None:
    faults = ungrounded(text, TENT_FACTS, "en")
    assert faults
    assert reason in " ".join(faults)


CARRIED: list[tuple[Language, dict[str, str], str]] = [
    ("de", {"Gewicht": "1,9 kg"}, "Sie wiegt 1.900 g, also 1,9 Kilogramm."),
    ("de", {"Gewicht": "1.9 kg"}, "Sie wiegt 1,9 kg."),
    ("de", {"Gewicht": "1.9 kg", "Druck": "3,000 mm"}, "Sie hält 3.000 mm oder 3,000 mm stand."),
    ("de", {"Material": "Steel"}, "Das Gestänge ist aus Stahl."),
    ("de", {"Wassersäule": "10.000 mm"}, "Die Wassersäule beträgt 10.000 mm."),
    ("de", {"Material": "Bio-Baumwolle"}, "Der Stoff ist aus Bio-Baumwolle."),
    ("de", {"Eigenschaften": "wasserdicht, PFC-frei"}, "Wasserdicht und PFC-frei."),
    ("de", {"Garantie": "2 Jahre"}, "Die Garantie gilt zwei Jahre, also 24 Monate."),
    ("fr", {"Poids": "1,9 kg"}, "Elle pèse 1,9 kg, soit 1900 grammes."),
    ("fr", {"Matière": "laine mérinos"}, "Un pantalon en laine mérinos."),
    ("es", {"Peso": "350 g"}, "Pesa 0,35 kg."),
    ("es", {"Material": "algodón reciclado"}, "De algodón reciclado."),
    ("it", {"Peso": "350 g"}, "Pesa 350 grammi."),
    ("it", {"Materiale": "lana"}, "Realizzato in lana."),
    ("nl", {"Gewicht": "1,2 kg"}, "Hij weegt 1,2 kg."),
    ("nl", {"Materiaal": "katoen"}, "Gemaakt van katoen."),
    ("pt", {"Peso": "350 g"}, "Pesa 350 gramas."),
    ("pt", {"Material": "algodão"}, "Feito de algodão."),
    ("pl", {"Waga": "350 g"}, "Waga wynosi 0,35 kg."),
    ("pl", {"Materiał": "bawełna"}, "Uszyte z bawełny."),
]
INVENTED: list[tuple[Language, dict[str, str], str]] = [
    ("de", {"Gewicht": "1,9 kg"}, "Sie wiegt 1,8 kg."),
    ("de", {"Gewicht": "1,9 kg"}, "Sie ist wasserdicht."),
    ("de", {"Wasserdicht": "nein"}, "Sie ist wasserdicht."),
    ("de", {"Gewicht": "1,9 kg"}, "Lebenslange Garantie und kostenlos geliefert."),
    ("de", {"Gewicht": "1,9 kg"}, "Die beste Hose, die es gibt."),
    ("de", {"Gewicht": "1,9 kg"}, "Besser als alles von Patagonia."),
    ("de", {"Gewicht": "1,9 kg"}, "Die leichteste Hose."),
    ("fr", {"Poids": "1,9 kg"}, "Elle pèse 2,9 kg."),
    ("fr", {"Poids": "1,9 kg"}, "Une veste imperméable et végane."),
    ("fr", {"Poids": "1,9 kg"}, "La livraison est offerte."),
    ("es", {"Peso": "350 g"}, "Pesa 450 g."),
    ("es", {"Peso": "350 g"}, "Es impermeable y de cuero."),
    ("es", {"Peso": "350 g"}, "El mejor pantalón."),
    ("it", {"Peso": "350 g"}, "Pesa 450 g."),
    ("it", {"Peso": "350 g"}, "Impermeabile, con garanzia."),
    ("nl", {"Gewicht": "1,2 kg"}, "Hij weegt 1,3 kg."),
    ("nl", {"Gewicht": "1,2 kg"}, "Waterdicht en duurzaam."),
    ("pt", {"Peso": "350 g"}, "Pesa 360 gramas."),
    ("pt", {"Peso": "350 g"}, "Impermeável, com garantia vitalícia."),
    ("pl", {"Waga": "350 g"}, "Waga wynosi 450 g."),
    ("pl", {"Waga": "350 g"}, "Wodoodporne, z gwarancją."),
]


@pytest.mark.parametrize(("language", "attributes", "text"), CARRIED)
def test_every_language_finds_what_is_carried(
    language: Language, attributes: dict[str, str], text: str
) -> None:
    assert ungrounded(text, told_in(language, "Trek", attributes), language) == []


@pytest.mark.parametrize(("language", "attributes", "text"), INVENTED)
def test_every_language_finds_what_is_invented(
    language: Language, attributes: dict[str, str], text: str
) -> None:
    assert ungrounded(text, told_in(language, "Trek", attributes), language)


def test_a_product_is_known_by_its_name_without_its_kind() -> None:
    page = facts("category", "Rain jackets", JACKETS)
    assert ungrounded("The Drizzle weighs 310 g.", page, "en") == []
    assert ungrounded("The Drizzle weighs 480 g.", page, "en")
    assert ungrounded("In a drizzle, 480 g of jacket are fine.", page, "en") == []


def test_a_denied_property_is_no_property() -> None:
    page = facts("category", "Rain jackets", JACKETS)
    assert ungrounded("The Mist Windbreaker is PFC-free.", page, "en")
    assert ungrounded("The Drizzle Rain Jacket is PFC-free.", page, "en") == []
    assert ungrounded("The Mist Windbreaker is not PFC-free.", page, "en") == []
    assert ungrounded("Is the Mist Windbreaker PFC-free?", page, "en") == []


def test_the_words_of_the_page_itself_claim_nothing() -> None:
    page = facts("category", "Best waterproof tents 2026", TENTS)
    assert ungrounded("Here are the best waterproof tents 2026.", page, "en") == []
    assert ungrounded("They are the best.", page, "en")


def test_abbreviations_and_decimals_do_not_end_a_sentence() -> None:
    page = german(Gewicht="1,9 kg")
    text = "Sie wiegt ca. 1,9 kg, d.h. wenig. Sie kostet 3,50 €."
    assert [fault.split(":")[0] for fault in ungrounded(text, page, "de")] == ["Sie kostet 3,50 €."]


def test_a_unit_in_the_name_of_an_attribute_counts() -> None:
    page = german(**{"Gewicht (g)": "950"})
    assert ungrounded("Sie wiegt 950 g.", page, "de") == []
    assert ungrounded("Sie wiegt 950 kg.", page, "de")


def test_ungrounded_sentences_leave_the_head() -> None:
    draft = HeroDraft(
        title="Tents for every trip",
        description="Compare tents by weight and size.",
        headline="Tents",
        paragraphs=(
            "The Ridgeline 2 Tent weighs 1.9 kg. It weighs 5 kg in winter. It stands alone.",
            "Award-winning and vegan.",
        ),
    )
    kept, removals = ground(draft, TENT_FACTS)
    assert kept.paragraphs == ("The Ridgeline 2 Tent weighs 1.9 kg. It stands alone.",)
    assert [r.sentence for r in removals] == [
        "It weighs 5 kg in winter.",
        "Award-winning and vegan.",
    ]
    assert all(r.component == "hero" and r.reason for r in removals)


@pytest.mark.parametrize("field", ["title", "description", "headline"])
def test_a_title_is_not_cut_but_complained_of(field: str) -> None:
    draft = HeroDraft(title="Tents", description="Tents", headline="Tents", paragraphs=("Tents.",))
    wrong = draft.model_copy(update={field: "Award-winning tents from 9 EUR"})
    with pytest.raises(Ungrounded, match=rf"{field} .*award winning.*"):
        ground(wrong, TENT_FACTS)


def test_a_head_without_a_true_sentence_is_complained_of() -> None:
    draft = HeroDraft(
        title="Tents", description="Tents", headline="Tents", paragraphs=("It weighs 5 kg.",)
    )
    with pytest.raises(Ungrounded, match="5 kg is not in the data"):
        ground(draft, TENT_FACTS)


def part(*items: tuple[str, str], heading: str = "Tents compared") -> ComponentDraft:
    """A part in few words."""
    return ComponentDraft(
        heading=heading, opening="See here.", items=tuple(Item(title=a, text=b) for a, b in items)
    )


def test_an_item_is_held_to_the_product_that_its_title_names() -> None:
    draft = part(
        ("Ridgeline 2 Tent", "It weighs 1.9 kg. It weighs 8.4 kg."),
        ("Basin 4 Family Tent", "It weighs 8.4 kg."),
        ("Solo Bivy Tent", "It weighs 8.4 kg."),
    )
    kept, removals = ground(draft, TENT_FACTS, "comparison", 2)
    assert [(i.title, i.text) for i in kept.items] == [
        ("Ridgeline 2 Tent", "It weighs 1.9 kg."),
        ("Basin 4 Family Tent", "It weighs 8.4 kg."),
    ]
    assert [r.component for r in removals] == ["comparison", "comparison"]


def test_too_few_items_are_complained_of_with_reasons() -> None:
    draft = part(("Weight", "It weighs 5 kg."), ("Poles", "The poles are of bamboo."))
    with pytest.raises(Ungrounded, match=r"0 of at least 2 items.*5 kg.*bamboo"):
        ground(draft, TENT_FACTS, "benefits", 2)


def test_a_heading_is_not_cut_but_complained_of() -> None:
    with pytest.raises(Ungrounded, match="heading"):
        ground(part(("Weight", "Light."), heading="The best tents"), TENT_FACTS, "benefits")


def test_facts_without_products_carry_no_figure_and_no_claim() -> None:
    page = facts("guide", "Sleeping bags")
    assert ungrounded("Think of the nights you plan for.", page, "en") == []
    assert ungrounded("It keeps you warm down to -5 °C.", page, "en")
    assert ungrounded("Choose one of silk.", page, "en")


UNITS = st.sampled_from(["kg", "g", "mm", "cm", "l", "ml", "W", "mAh", "%"])
NUMBERS = st.decimals(min_value=Decimal("0.01"), max_value=Decimal(9_999_999), places=2)


def written(number: Decimal, language: Language) -> str:
    """A number as a language writes it."""
    text = f"{number.normalize():,f}"
    return text if language == "en" else text.translate(str.maketrans(",.", ".,"))


@given(NUMBERS, UNITS, st.sampled_from(["en", "de", "fr", "es", "it", "nl", "pt", "pl"]))
def test_whatever_number_is_in_the_data_may_be_told(
    number: Decimal, unit: str, language: Language
) -> None:
    value = f"{written(number, language)} {unit}"
    page = told_in(language, "Trek", {"X": value})
    assert ungrounded(f"Trek: {value}.", page, language) == []


@given(NUMBERS, NUMBERS, UNITS, st.sampled_from(["en", "de", "pl"]))
def test_a_changed_number_may_not(
    number: Decimal, other: Decimal, unit: str, language: Language
) -> None:
    page = told_in(language, "Trek", {"X": f"{written(number, language)} {unit}"})
    faults = ungrounded(f"Trek: {written(other, language)} {unit}.", page, language)
    assert bool(faults) == (number != other)


@given(st.text(max_size=300), st.text(max_size=100))
def test_no_text_breaks_the_check(text: str, value: str) -> None:
    page = german(Text=value or "-")
    assert isinstance(ungrounded(text, page, "de"), list)
