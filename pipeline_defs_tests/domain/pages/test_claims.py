"""What a sentence claims in whatever form: it goes where the data of its products do not say it."""

from __future__ import annotations

import pytest

from pipeline_defs.domain.languages import Language
from pipeline_defs.domain.pages.grounding import ungrounded
from pipeline_defs_tests.domain.pages.shop import facts, product

FIVE = [
    product(
        f"L-{name}", f"{name} Tent", "Tents", price,
        {"Weight": weight, "Floor": "Polyester", "UV resistance": uv},
    )
    for name, price, weight, uv in (
        ("Larch", "199.00", "1.9 kg", "yes"),
        ("Birch", "149.00", "2.4 kg", "yes"),
        ("Rowan", "99.00", "1.1 kg", "no"),
        ("Alder", "299.00", "3.8 kg", "no"),
        ("Hazel", "249.00", "2.9 kg", "no"),
    )
]  # fmt: skip
GOES: list[tuple[Language, str]] = [
    ("en", "The Larch Tent sleeps 5 people and has 5 doors."),
    ("en", "The Larch Tent has five doors."),
    ("en", "The Larch Tent has room for five."),
    ("en", "It sold out five times."),
    ("en", "It is fireproof."),
    ("en", "The Rowan Tent is UV resistant."),
    ("en", "It is resistant to acids."),
    ("en", "It resists fire."),
    ("en", "It withstands storms."),
    ("en", "It is mould-resistant."),
    ("en", "The floor is odour-free."),
    ("en", "It is free of solvents."),
    ("en", "The coating is non-toxic."),
    ("en", "It is BPA-free."),
    ("en", "It is TÜV-approved."),
    ("en", "It is dermatologically tested."),
    ("en", "Made of certified organic cotton."),
    ("en", "An award-winning tent."),
    ("en", "Our best-selling tent."),
    ("en", "Recommended by doctors."),
    ("en", "Ships the same day."),
    ("en", "Enjoy free shipping."),
    ("en", "It comes with a lifetime warranty."),
    ("en", "Its floor is silnylon."),
    ("en", "Its floor is of dyneema."),
    ("en", "Made in Germany."),
    ("en", "It is 100% recycled."),
    ("en", "It is twice as light."),
    ("en", "It has half the weight."),
    ("en", "The Larch Tent is easier to pitch than any other tent."),
    ("en", "The Larch Tent is easier to pitch than the Birch Tent."),
    ("en", "The Birch Tent is lighter than the Larch Tent."),
    ("de", "Es hat fünf Türen."),
    ("de", "Es ist feuerfest."),
    ("de", "Der Boden ist schimmelresistent."),
    ("de", "Es ist doppelt so leicht."),
    ("de", "Von Ärzten empfohlen."),
    ("fr", "Elle est résistante aux acides."),
    ("fr", "Recommandé par des experts."),
    ("es", "Es resistente a los ácidos."),
    ("es", "Está libre de disolventes."),
    ("it", "È resistente agli acidi."),
    ("nl", "De stof is vuurbestendig."),
    ("pt", "É resistente aos ácidos."),
    ("pl", "Tkanina jest ognioodporna."),
]
STAYS: list[tuple[Language, str]] = [
    ("en", "Here are 5 tents."),
    ("en", "Compare five models side by side."),
    ("en", "All five have a floor of polyester."),
    ("en", "All five tents have a floor of polyester."),
    ("en", "Two of them are UV resistant."),
    ("en", "The Larch Tent is UV resistant."),
    ("en", "The Larch Tent is UV-resistant."),
    ("en", "The Larch Tent is resistant to UV light."),
    ("en", "The Rowan Tent is not UV resistant."),
    ("en", "The Larch Tent is lighter than the Birch Tent."),
    ("en", "The Rowan Tent is the lightest of these tents."),
    ("en", "The Larch Tent weighs 1.9 kg with all of its pegs."),
    ("en", "Its floor is polyester."),
    ("en", "Feel free to ask."),
    ("en", "You are free to choose."),
    ("en", "A lighter tent is easier to carry than a heavy one."),
    ("en", "Which tent is easier to pitch?"),
    ("en", "Rather than guess, look at the weight."),
    ("en", "Your habits say more than any list of figures."),
    ("en", "Take your time and compare the weights."),
    ("de", "Hier sind fünf Modelle."),
    ("de", "Der Boden ist aus Polyester."),
    ("de", "Das Larch Tent wiegt 1,9 kg."),
    ("fr", "Voici cinq modèles."),
    ("fr", "Le sol est en polyester."),
    ("es", "Aquí hay cinco modelos."),
    ("it", "Qui sono 5 modelli."),
    ("nl", "Hier zijn vijf modellen."),
    ("pt", "Aqui estão cinco modelos."),
    ("pl", "Podłoga jest z poliestru."),
]


@pytest.mark.parametrize(("language", "text"), GOES)
def test_a_claim_that_no_data_make_goes(language: Language, text: str) -> None:
    assert ungrounded(text, facts("category", "Tents", FIVE, language=language), language)


@pytest.mark.parametrize(("language", "text"), STAYS)
def test_what_the_data_say_and_plain_advice_stay(language: Language, text: str) -> None:
    assert ungrounded(text, facts("category", "Tents", FIVE, language=language), language) == []


def test_a_count_of_products_grounds_no_other_number_however_many_products_there_are() -> None:
    many = [p.model_copy(update={"sku": f"{p.sku}-{n}"}) for n in range(3) for p in FIVE][:12]
    page = facts("category", "Tents", many)
    assert ungrounded("Here are 12 tents.", page, "en") == []
    assert ungrounded("It has 12 windows.", page, "en")
