"""What products can be ranked by, and the words for the ends of the ranking.

`lightest` is true of the one product that weighs least of all, where the weight of every one is
known. The same words compared (`lighter than`) are true of two.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Literal

from pipeline_defs.domain.languages import Language
from pipeline_defs.domain.pages.products import Product
from pipeline_defs.domain.pages.quantities import quantities, usual_mark
from pipeline_defs.domain.pages.vocabulary import tokens_of

Measure = Literal["weight", "price", "size", "length", "width", "height", "power", "time",
                  "rating", "noise"]  # fmt: skip
End = Literal["least", "most"]


@dataclass(frozen=True, slots=True)
class Rank:
    """An end of a ranking: the lightest has the least weight."""

    measure: Measure
    end: End


_NAMES: Mapping[Measure, str] = {
    "weight": r"weight|gewicht|poids|peso|waga",
    "size": r"capacity|volume|volumen|kapazität|fassungsvermögen|inhalt|contenance|capacité"
    r"|capacidad|capacità|inhoud|capaciteit|capacidade|pojemność|floor area|fläche",
    "length": r"length|länge|longueur|longitud|lunghezza|lengte|comprimento|długość",
    "width": r"width|breite|largeur|anchura|ancho|larghezza|breedte|largura|szerokość",
    "height": r"height|höhe|hauteur|altura|altezza|hoogte|wysokość",
    "power": r"power|leistung|puissance|potencia|potenza|vermogen|potência|moc",
    "time": r"battery life|run ?time|burn time|laufzeit|akkulaufzeit|autonomie|autonomía|autonomia"
    r"|accuduur|czas pracy",
    "noise": r"noise(?: level)?|lautstärke|geräuschpegel|niveau sonore|ruido|rumorosità|geluid"
    r"|ruído|głośność",
}
_UNITS: Mapping[Measure, frozenset[str]] = {
    "weight": frozenset({"g", "lb", "oz"}),
    "size": frozenset({"ml", "cm²", "cm³", ""}),
    "length": frozenset({"mm", "in", "ft"}),
    "width": frozenset({"mm", "in", "ft"}),
    "height": frozenset({"mm", "in", "ft"}),
    "power": frozenset({"W", "hp"}),
    "time": frozenset({"min"}),
    "noise": frozenset({"dB"}),
}
# Superlative and comparative stems, language by language.
_WORDS: Mapping[Language, str] = {
    "en": """weight.least=lightest/lighter weight.most=heaviest/heavier
price.least=cheapest,least_expensive,most_affordable,lowest_price,lowest_priced/cheaper
price.most=dearest,most_expensive,highest_price/dearer,pricier
size.most=largest,biggest,roomiest,most_spacious/larger,bigger,roomier
size.least=smallest/smaller length.most=longest/longer length.least=shortest/shorter
width.most=widest/wider width.least=narrowest/narrower height.most=tallest/taller
power.most=most_powerful,strongest/stronger,more_powerful
time.most=longest_lasting/- rating.most=highest_rated,best_rated/- noise.least=quietest/quieter
noise.most=loudest/louder""",
    "de": """weight.least=leichteste*/leichter weight.most=schwerste*/schwerer
price.least=günstigste*,billigste*,preiswerteste*/günstiger,billiger
price.most=teuerste*/teurer size.most=größte*,geräumigste*/größer,geräumiger
size.least=kleinste*/kleiner length.most=längste*/länger length.least=kürzeste*/kürzer
width.most=breiteste*/breiter width.least=schmalste*/schmaler
power.most=stärkste*,leistungsstärkste*/stärker
rating.most=bestbewertete*/- noise.least=leiseste*/leiser noise.most=lauteste*/lauter""",
    "fr": """weight.least=le_plus_léger,la_plus_légère,les_plus_légers,les_plus_légères/
plus_léger,plus_légère weight.most=le_plus_lourd,la_plus_lourde/plus_lourd,plus_lourde
price.least=le_moins_cher,la_moins_chère,les_moins_chers/moins_cher,moins_chère
price.most=le_plus_cher,la_plus_chère/plus_cher,plus_chère
size.most=le_plus_grand,la_plus_grande/plus_grand,plus_grande
size.least=le_plus_petit,la_plus_petite/plus_petit,plus_petite
length.most=le_plus_long,la_plus_longue/plus_long,plus_longue
power.most=le_plus_puissant,la_plus_puissante/plus_puissant,plus_puissante
noise.least=le_plus_silencieux,la_plus_silencieuse/plus_silencieux,plus_silencieuse""",
    "es": """weight.least=el_más_ligero,la_más_ligera/más_ligero,más_ligera
weight.most=el_más_pesado,la_más_pesada/más_pesado,más_pesada
price.least=el_más_barato,la_más_barata,el_más_económico/más_barato,más_barata
price.most=el_más_caro,la_más_cara/más_caro,más_cara
size.most=el_más_grande,la_más_grande/más_grande size.least=el_más_pequeño,la_más_pequeña/
más_pequeño,más_pequeña length.most=el_más_largo,la_más_larga/más_largo,más_larga
power.most=el_más_potente,la_más_potente/más_potente
noise.least=el_más_silencioso,la_más_silenciosa/más_silencioso""",
    "it": """weight.least=il_più_leggero,la_più_leggera/più_leggero,più_leggera
weight.most=il_più_pesante,la_più_pesante/più_pesante
price.least=il_più_economico,la_più_economica/più_economico,più_economica
price.most=il_più_caro,la_più_cara/più_caro,più_cara
size.most=il_più_grande,la_più_grande/più_grande size.least=il_più_piccolo,la_più_piccola/
più_piccolo,più_piccola length.most=il_più_lungo,la_più_lunga/più_lungo,più_lunga
power.most=il_più_potente,la_più_potente/più_potente
noise.least=il_più_silenzioso,la_più_silenziosa/più_silenzioso""",
    "nl": """weight.least=lichtste/lichter weight.most=zwaarste/zwaarder
price.least=goedkoopste,voordeligste/goedkoper price.most=duurste/duurder
size.most=grootste,ruimste/groter,ruimer size.least=kleinste/kleiner
length.most=langste/langer length.least=kortste/korter width.most=breedste/breder
power.most=krachtigste,sterkste/krachtiger
noise.least=stilste/stiller""",
    "pt": """weight.least=o_mais_leve,a_mais_leve/mais_leve
weight.most=o_mais_pesado,a_mais_pesada/mais_pesado,mais_pesada
price.least=o_mais_barato,a_mais_barata,o_mais_económico/mais_barato,mais_barata
price.most=o_mais_caro,a_mais_cara/mais_caro,mais_cara
size.most=o_maior,a_maior/maior size.least=o_menor,a_menor,o_mais_pequeno/menor
length.most=o_mais_longo,a_mais_longa/mais_longo,mais_longa
power.most=o_mais_potente,a_mais_potente/mais_potente
noise.least=o_mais_silencioso,a_mais_silenciosa/mais_silencioso""",
    "pl": """weight.least=najlżejsz*/lżejsz* weight.most=najcięższ*/cięższ*
price.least=najtańsz*/tańsz* price.most=najdroższ*/droższ* size.most=największ*/większ*
size.least=najmniejsz*/mniejsz* length.most=najdłuższ*/dłuższ* length.least=najkrótsz*/krótsz*
width.most=najszersz*/szersz* power.most=najmocniejsz*/mocniejsz*
noise.least=najcichsz*/cichsz*""",
}
_HIGHEST: Mapping[Language, tuple[str, str]] = {
    "en": ("highest", "lowest"),
    "de": ("höchste*", "niedrigste*,geringste*"),
    "fr": ("la_plus_élevée,le_plus_élevé,la_plus_haute,le_plus_haut", "la_plus_basse,le_plus_bas"),
    "es": ("más_alto,más_alta", "más_bajo,más_baja"),
    "it": ("più_alto,più_alta", "più_basso,più_bassa"),
    "nl": ("hoogste", "laagste"),
    "pt": ("mais_alto,mais_alta,mais_elevado,mais_elevada", "mais_baixo,mais_baixa"),
    "pl": ("najwyższ*", "najniższ*"),
}
THAN: Mapping[Language, str] = {
    "en": "than", "de": "als", "fr": "que", "es": "que", "it": "di|del|della|dell|rispetto",
    "nl": "dan", "pt": "que", "pl": "niż|od",
}  # fmt: skip
_COMPARED: Mapping[Language, str] = {
    "en": r"\b(?!(?:rather|other|further|longer|over|under|after)\b)(?:[a-z]{2,}er|better|worse"
    r"|(?:more|less) [a-z]{3,})\b(?: (?!than)[a-z]+){0,3} than\b",
    "de": r"\b(?:[a-zäöüß]{3,}er)(?: als)\b",
    "fr": r"\b(?:plus|moins) \w+(?: \w+){0,2} que\b",
    "es": r"\b(?:más|menos) \w+(?: \w+){0,2} que\b",
    "it": r"\b(?:più|meno) \w+ (?:di|del|della|dell)\b",
    "nl": r"\b[a-z]{3,}er dan\b",
    "pt": r"\b(?:mais|menos) \w+(?: \w+){0,2} que\b",
    "pl": r"\b\w+sz[yae] (?:niż|od)\b",
}


@dataclass(frozen=True, slots=True)
class Words:
    """How a language says that something is at an end, or further towards it than another."""

    rank: Rank
    superlative: re.Pattern[str]
    comparative: re.Pattern[str] | None


@cache
def ranking_words(language: Language) -> tuple[Words, ...]:
    """The words of a language for all ranks."""
    found: list[Words] = []
    for entry in re.sub(r"/\n", "/", _WORDS[language]).split():
        rank, words = entry.split("=")
        measure, end = rank.split(".")
        most, more = words.split("/")
        ranked = Rank(_measure(measure), "least" if end == "least" else "most")
        found.append(Words(ranked, _pattern(most), _pattern(more) if more != "-" else None))
    return tuple(found)


@cache
def any_comparative(language: Language) -> re.Pattern[str]:
    """How a language compares two things, by whatever it may be."""
    return re.compile(_COMPARED[language])


@cache
def highest_words(language: Language) -> tuple[tuple[End, re.Pattern[str]], ...]:
    """The words of a language for the ends of any figure."""
    most, least = _HIGHEST[language]
    return ("most", _pattern(most)), ("least", _pattern(least))


def named_end(
    products: Sequence[Product], text: str, end: End, language: Language
) -> tuple[Product, ...]:
    """The products at an end by the attribute that a text names; none where it is not known."""
    spoken = f" {' '.join(tokens_of(text))} "
    names = {a.name for p in products for a in p.attributes if _spoken(a.name) in spoken}
    found: tuple[Product, ...] = ()
    for name in sorted(names, key=len):  # the longest decides
        values = [_figure(product, name, language) for product in products]
        found = _at_the_end(products, values, end)
    return found


def _spoken(name: str) -> str:
    return f" {' '.join(tokens_of(re.sub(r'[(].*?[)]', '', name)))} "


def _figure(product: Product, name: str, language: Language) -> Decimal | None:
    value = next((a.value for a in product.attributes if a.name == name), "")
    found = quantities(value, language, usual_mark(language))
    return found[0].value if len(found) == 1 else None


def value_of(product: Product, measure: Measure, language: Language) -> Decimal | None:
    """What ranks a product by a measure, or None where its data do not tell."""
    if measure == "price":
        return product.offer
    if measure == "rating":
        return product.rating
    for attribute in product.attributes:
        if not re.search(rf"(?<!\w)(?:{_NAMES[measure]})(?!\w)", attribute.name.casefold()):
            continue
        found = quantities(attribute.value, language, usual_mark(language))
        if len(found) == 1 and found[0].unit in _UNITS[measure]:
            return found[0].value
    return None


def at_the_end(products: Sequence[Product], rank: Rank, language: Language) -> tuple[Product, ...]:
    """The products at the end of a ranking; none where it is not known of all or decides nothing.

    Prices count only within one currency.
    """
    if rank.measure == "price" and len({product.currency for product in products}) > 1:
        return ()
    values = [value_of(product, rank.measure, language) for product in products]
    return _at_the_end(products, values, rank.end)


def _at_the_end(
    products: Sequence[Product], values: Sequence[Decimal | None], end: End
) -> tuple[Product, ...]:
    known = [value for value in values if value is not None]
    if len(products) < 2 or len(known) < len(products) or len(set(known)) < 2:
        return ()
    last = min(known) if end == "least" else max(known)
    return tuple(p for p, value in zip(products, values, strict=True) if value == last)


def goes_further(one: Product, other: Product, rank: Rank, language: Language) -> bool:
    """Whether `one` is further towards the end of a ranking than `other`."""
    return at_the_end((one, other), rank, language) == (one,)


def _measure(name: str) -> Measure:
    for measure in (*_NAMES, "price", "rating"):
        if measure == name:
            return measure
    raise ValueError(f"{name} is no measure")


def _pattern(words: str) -> re.Pattern[str]:
    forms = (re.escape(w).replace("_", r"[\s-]+").replace(r"\*", r"\w*") for w in words.split(","))
    return re.compile(rf"(?<!\w)(?:{'|'.join(forms)})(?!\w)", re.IGNORECASE)
