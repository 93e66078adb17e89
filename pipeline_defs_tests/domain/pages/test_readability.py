"""Syllables and readability in each language, and terms in whatever form."""

from __future__ import annotations

import pytest

from pipeline_defs.domain.languages import LANGUAGES, Language
from pipeline_defs.domain.pages.inflection import occurrences
from pipeline_defs.domain.pages.readability import readability
from pipeline_defs.domain.pages.syllables import syllables

COUNTED: dict[Language, str] = {
    "en": "tent 1 table 2 weighs 1 family 3 packed 1 sealed 1 comfort 2 people 2 minutes 2 "
    "quality 3 material 4 purchase 2 sizes 2 boxes 2 idea 3 science 2 create 2 area 3 wanted 2 "
    "used 1 horse 1 the 1 before 2 station 2 special 2 usual 3 different 3 little 2 trees 1",
    "de": "Zelt 1 leicht 1 wasserdicht 3 Häuser 2 Mauer 2 spielen 2 Kapazität 4 Regen 2 "
    "Material 4 bequem 2 Räume 2 See 1 Qualität 3 Preis 1 Schlafsack 2 einfach 2",
    "fr": "tente 1 légère 2 famille 2 eau 1 qualité 3 prix 1 voyage 2 pluie 1 matière 2 quatre 1 "
    "bien 1 beaucoup 2 nuit 1 simple 1 pied 1 montagne 2 oiseau 2 personne 2 guide 1",
    "es": "tienda 2 ligera 3 familia 3 agua 2 calidad 3 precio 2 lluvia 2 día 2 noche 2 queso 2 "
    "guía 2 ciudad 2 peso 2 comparación 4 muy 1 bueno 2 aire 2 país 2",
    "it": "tenda 2 leggera 3 famiglia 3 acqua 2 qualità 3 prezzo 2 pioggia 2 notte 2 guida 2 "
    "buono 2 più 1 giorno 2 chiaro 2 impermeabile 6",
    "nl": "tent 1 lichte 2 familie 3 water 2 kwaliteit 3 prijs 1 regen 2 nieuw 1 mooie 2 boot 1 "
    "vrouw 1 huis 1 geschikt 2 materiaal 4 eenvoudig 3 gewicht 2",
    "pt": "barraca 3 leve 2 família 4 água 3 preço 2 chuva 2 noite 2 comparação 4 mais 1 quente 2 "
    "guia 2 não 1 peso 2 material 4 pessoas 3",
    "pl": "namiot 2 lekki 2 rodzina 3 woda 2 jakość 2 cena 2 deszcz 1 noc 1 materiał 3 "
    "pojemność 3 wodoodporny 5 ciepły 2 biały 2 auto 2 porównanie 4",
}
# The same said plainly and as officials would.
PLAIN_AND_HARD: dict[Language, tuple[str, str]] = {
    "en": ("The tent is light. You can put it up fast. It stays dry in rain.",
           "Notwithstanding considerable meteorological precipitation, the accommodation "
           "demonstrates exceptional impermeability and facilitates uncomplicated installation."),
    "de": ("Das Zelt ist leicht. Du baust es schnell auf. Es hält den Regen ab.",
           "Ungeachtet außergewöhnlicher Niederschlagsmengen gewährleistet die Unterbringung "
           "hervorragende Wasserundurchlässigkeit bei unkomplizierter Inbetriebnahme."),
    "fr": ("La tente est légère. On la monte vite. Elle reste au sec sous la pluie.",
           "Nonobstant des précipitations météorologiques considérables, l'hébergement démontre "
           "une imperméabilité exceptionnelle et facilite une installation élémentaire."),
    "es": ("La tienda pesa poco. Se monta muy bien. No pasa el agua.",
           "Independientemente de precipitaciones meteorológicas extraordinarias, el alojamiento "
           "garantiza impermeabilidad excepcional posibilitando instalaciones elementales."),
    "it": ("La tenda pesa poco. Si monta bene. Non passa acqua.",
           "Indipendentemente da precipitazioni meteorologiche straordinarie, la sistemazione "
           "garantisce impermeabilità eccezionale facilitando installazioni elementari."),
    "nl": ("De tent is licht. Je zet hem snel op. Hij blijft droog in de regen.",
           "Niettegenstaande buitengewone meteorologische omstandigheden garandeert de "
           "accommodatie uitzonderlijke waterdichtheid en vergemakkelijkt installatieprocedures."),
    "pt": ("A barraca é leve. Você monta bem. Ela fica seca na chuva.",
           "Independentemente de precipitações meteorológicas extraordinárias, a acomodação "
           "garante impermeabilidade excepcional possibilitando instalações elementares."),
    "pl": ("Namiot jest lekki. Szybko go rozłożysz. Nie boi się deszczu.",
           "Niezależnie od nadzwyczajnych opadów meteorologicznych zakwaterowanie zapewnia "
           "wyjątkową nieprzepuszczalność oraz nieskomplikowaną instalację wyposażenia."),
}  # fmt: skip


@pytest.mark.parametrize("language", LANGUAGES)
def test_syllables_are_counted(language: Language) -> None:
    told = COUNTED[language].split()
    wrong = {
        word: syllables(word, language)
        for word, count in zip(told[::2], told[1::2], strict=True)
        if syllables(word, language) != int(count)
    }
    assert wrong == {}


@pytest.mark.parametrize("language", LANGUAGES)
def test_plain_words_read_more_easily_than_an_offices(language: Language) -> None:
    plain, hard = (readability(text, language) for text in PLAIN_AND_HARD[language])
    assert plain is not None
    assert hard is not None
    assert plain.reads_easily
    assert not hard.reads_easily


def test_flesch_of_a_known_sentence() -> None:
    """6 words and 6 syllables in one sentence: 206.835 - 1.015 * 6 - 84.6."""
    found = readability("The cat sat on the mat.", "en")
    assert found is not None
    assert round(found.value, 3) == 116.145


def test_figures_are_no_words_and_a_text_of_figures_has_no_readability() -> None:
    assert readability("1.9 3,000 4", "en") is None
    assert readability("", "pl") is None


@pytest.mark.parametrize(
    ("language", "term", "text", "times"),
    [
        ("en", "trekking tent", "Trekking tents. A tent for trekking. A tent. Trekking.", 2),
        ("en", "Tents for families", "A family tent", 1),
        ("en", "the", "the other", 1),
        ("en", "tent", "intent content", 0),
        ("de", "leichtes Zelt", "Leichte Zelte, das leichte, rote Zelt", 2),
        ("fr", "tente de randonnée", "Les tentes pour la randonnée", 1),
        ("es", "tienda de campaña", "tiendas de campaña", 1),
        ("it", "tenda da campeggio", "tende per il campeggio", 1),
        ("nl", "lichte tent", "lichte tenten", 1),
        ("pt", "barraca leve", "barracas leves", 1),
        ("pl", "namiot rodzinny", "Namioty rodzinne. Dla namiotu rodzinnego.", 2),
        ("en", "", "anything", 0),
        ("en", "tent", "", 0),
    ],
)
def test_a_term_is_found_in_its_forms(language: Language, term: str, text: str, times: int) -> None:
    assert occurrences(term, text, language) == times
