"""Names of products and brands in a sentence: those of the page's facts, and foreign ones."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

from pipeline_defs.domain.languages import Language
from pipeline_defs.domain.pages.evidence import Evidence, written
from pipeline_defs.domain.pages.units import scale
from pipeline_defs.domain.pages.vocabulary import tokens_of

_WORD = re.compile(r"[^\W_](?:[\w'’&+.-]*[^\W_])?")
_EVERYDAY = frozenset(
    ("I", "A", "FAQ", "OK", "UV", "DIY", "EU", "UK", "US", "USA", "Europe", "Christmas", "Easter",
     "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday", "January",
     "February", "March", "April", "May", "June", "July", "August", "September", "October",
     "November", "December")
)  # fmt: skip
# Names of which everybody knows whose they are. Where they are in the facts they are welcome.
_KNOWN = """
3M Acer Adidas AEG Amazon Apple Arcteryx Asics Asus Audi Barbour Berghaus BMW Bosch Bose Braun
Breville Brita Brother Burton Calphalon Camelbak Canon Casio Columbia Converse Craghoppers Cuisinart
De'Longhi DeLonghi Deuter Dewalt Dyson Eastpak Ecco Electrolux Exped Festool Fiskars Fitbit
Fjällräven Ford Garmin Google Gregory Haglöfs Helinox HP Hoka Hydroflask Ikea Intel Jabra
JBL Karcher Kärcher Kelty Kenwood KitchenAid Krups Lacoste Lego Leifheit Lenovo LG Lodge Logitech
Lowa Lululemon Makita Mammut Marmot Mattel Melitta Merrell Microsoft Miele Millet Moccamaster MSR
Mizuno Nespresso Nikon Nike Nintendo Northface Olympus Oral-B Osprey Panasonic Patagonia Peugeot
Philips Pioneer Playmobil Puma Pyrex Rab Reebok Remington Rolex Rowenta Russell Ryobi Salewa Salomon
Samsung Scarpa Sennheiser Siemens Sigg Sony Stihl Tefal Teva Thermos Thule Timberland Toshiba Toyota
Trek Tupperware Vaude Volvo WMF Whirlpool Wüsthof Xiaomi Yamaha Yeti Zara Zwilling
"""
_KNOWN_NAMES = frozenset(name.casefold() for name in _KNOWN.split())
_COMMON = frozenset(("apple", "bosch", "brother", "columbia", "ford", "gregory", "lodge", "rab",
                     "trek", "puma", "pioneer", "thermos", "converse", "burton", "marmot", "millet",
                     "canon", "intel", "google", "teva", "garmin"))  # fmt: skip


@dataclass(frozen=True, slots=True)
class Named:
    """A product, where a sentence names it."""

    product: int  # its place in the facts
    start: int
    end: int


def products_in(sentence: str, evidence: Evidence) -> list[Named]:
    """The products a sentence names, in full or by the first words after the brand."""
    found: list[Named] = []
    taken: list[tuple[int, int]] = []
    for name, place in evidence.called:
        for match in name.finditer(sentence):
            if not any(start < match.end() and match.start() < end for start, end in taken):
                taken.append(match.span())
                found.append(Named(place, *match.span()))
    return sorted(found, key=lambda named: named.start)


def without(sentence: str, phrases: Iterable[str]) -> str:
    """A sentence in which the given phrases are blank, whatever their case."""
    for phrase in sorted({p for p in phrases if p}, key=len, reverse=True):
        pattern = re.compile(written(phrase).pattern, re.IGNORECASE)
        sentence = pattern.sub(lambda match: " " * len(match[0]), sentence)
    return sentence


def foreign(sentence: str, evidence: Evidence, language: Language) -> list[str]:
    """Names that the facts do not know: known brands, and elsewhere what is written like a name.

    German writes all nouns large and titles may write all words so: there only known brands and
    names in capitals are found.
    """
    known = evidence.anywhere.tokens
    words = list(_WORD.finditer(sentence))
    strange = [w for w in words if not (_is_everyday(w[0]) or set(tokens_of(w[0])) <= known)]
    large = sum(word[0][0].isupper() for word in words)
    in_titles = language == "de" or (len(words) > 1 and large * 2 > len(words))
    found: list[str] = []
    for word in strange:
        text = word[0].removesuffix("'s").removesuffix("’s")
        if (
            _is_known(text)
            or _is_camel(text)
            or (not in_titles and text[0].isupper() and not _opens(sentence, word.start()))
        ):
            found.append(text)
    return found


def _is_everyday(word: str) -> bool:
    return word in _EVERYDAY or scale(word) is not None


def _is_known(text: str) -> bool:
    folded = text.casefold()
    return folded in _KNOWN_NAMES and text[0].isupper() and folded not in _COMMON


def _is_camel(text: str) -> bool:
    """Capitals inside a word, or nothing else: PowerCore, GTX."""
    letters = [c for c in text if c.isalpha()]
    inside = any(a.islower() and b.isupper() for a, b in pairwise(text))
    return inside or (len(letters) > 1 and all(c.isupper() for c in letters))


def _opens(sentence: str, start: int) -> bool:
    """Whether a word stands where any word is written large."""
    before = sentence[:start].rstrip(" \"'“„«‘(¿¡")
    return not before or before[-1] in ".!?:…–—"
