"""Numbers that count products: `5 tents`, `five models`, `two of them`, and not `5 people`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache

from pipeline_defs.domain.languages import Language
from pipeline_defs.domain.pages.evidence import Evidence, untagged
from pipeline_defs.domain.pages.inflection import occurrences
from pipeline_defs.domain.pages.quantities import Quantity
from pipeline_defs.domain.pages.vocabulary import tokens_of

_BESIDE = re.compile(r"[\s\u00a0\u202f]+([^\W\d_]+)(?:[\s\u00a0-]+([^\W\d_]+))?")
# What products of any kind are called, then what stands for them after a number.
_NOUNS: Mapping[Language, str] = {
    "en": "product model item option choice brand category",
    "de": "Produkt Modell Artikel Variante Marke Kategorie",
    "fr": "produit modèle article option marque catégorie",
    "es": "producto modelo artículo opción marca categoría",
    "it": "prodotto prodotti modello modelli articolo articoli opzione opzioni "
    "marca marche categoria",
    "nl": "product producten model modellen artikel merk merken categorie",
    "pt": "produto modelo artigo opção marca categoria",
    "pl": "produkt produkty model modele modeli artykuł opcja opcje marka marki kategoria",
}
_OF_THEM: Mapping[Language, str] = {
    "en": "of them|of these|of those",
    "de": "von ihnen|davon|dieser",
    "fr": "d entre",
    "es": "de ellos|de ellas",
    "it": "di essi|di loro|di questi",
    "nl": "van deze|ervan",
    "pt": "deles|delas",
    "pl": "z nich",
}
# `All five weigh less`: what the number counts was said before.
_ALONE = re.compile(
    r"(?<!\w)(?:all|these|those|the|alle|diese|tous les|toutes les|les|los|las|tutti e|de|os|as"
    r"|wszystkie)[\s\u00a0]+$",
    re.IGNORECASE,
)
_GOES_ON = re.compile(
    r"[\s\u00a0]*(?:$|[.,;:!?)–—]|(?:are|have|weigh|cost|come|share|differ|side|sind|haben|wiegen"
    r"|sont|ont|son|tienen|sono|hanno|zijn|hebben|são|têm|są|mają)\b)",
    re.IGNORECASE,
)


def counts(quantity: Quantity, sentence: str, evidence: Evidence) -> bool:
    """Whether a number stands directly beside the noun of the page's products."""
    language = evidence.facts.language
    if quantity.unit:
        return False
    if sentence.strip() == quantity.literal:  # a figure under its label
        return True
    if _ALONE.search(sentence[: quantity.start]) and _GOES_ON.match(sentence, quantity.end):
        return True
    beside = _BESIDE.match(sentence, quantity.end)
    if beside is None:
        return False
    first, second = beside[1].casefold(), (beside[2] or "").casefold()
    if {first, f"{first} {second}"} & set(_OF_THEM[language].split("|")):
        return True
    nouns = frozenset(_NOUNS[language].split()) | _kinds(evidence)
    kinds_of_it = frozenset(tokens_of(" ".join([evidence.facts.subject, *evidence.facts.keywords])))
    named = _is_one(first, nouns, language)
    return named or (first in kinds_of_it and _is_one(second, nouns, language))


def speaks_of_all(sentence: str, words: frozenset[str], evidence: Evidence) -> bool:
    """Whether one of the words for all opens a sentence or stands before the products' noun."""
    language = evidence.facts.language
    nouns = frozenset(_NOUNS[language].split()) | _kinds(evidence)
    tokens = tokens_of(sentence)
    return any(
        token in words
        and (not place or any(_is_one(t, nouns, language) for t in tokens[place + 1 : place + 4]))
        for place, token in enumerate(tokens)
    )


def _kinds(evidence: Evidence) -> frozenset[str]:
    """What the products are: the last word of their names and of their categories."""
    texts = [untagged(p.name) for p in evidence.facts.products]
    texts += [untagged(c) for p in evidence.facts.products for c in p.category[-1:]]
    return frozenset(words[-1] for text in texts if (words := tokens_of(text)))


def _is_one(word: str, nouns: frozenset[str], language: Language) -> bool:
    return bool(word) and any(_same(noun, word, language) for noun in nouns)


@cache
def _same(noun: str, word: str, language: Language) -> bool:
    return occurrences(noun, word, language) > 0
