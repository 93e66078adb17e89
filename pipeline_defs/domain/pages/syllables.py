"""How many syllables a word has, by its vowels: good for the mean of a text, not for each word."""

from __future__ import annotations

import re
from collections.abc import Mapping

from pipeline_defs.domain.languages import Language

# What sounds as one vowel. Tried from left to right, so longer ones come first.
NUCLEI: Mapping[Language, re.Pattern[str]] = {
    "en": re.compile(r"[aeiouyéèêëïöü]+"),
    "de": re.compile(r"aa|ee|oo|ie|ei|ai|ey|ay|eu|äu|au|[aeiouyäöüé]"),
    "fr": re.compile(
        r"[oœ]eu|eau|aî|ou[iï]|ou|oi|oî|ai|ei|au|eu|eû|œu|œ|i[aeéèo]|ui|[aeiouyàâéèêëîïôöùûü]"
    ),
    "es": re.compile(r"[iuü]?[aeoáéó](?:[iuy](?![aeoáéóíú]))?|iu|u[iy]|[íúiuü]|y(?![aeiouáéíóú])"),
    "it": re.compile(r"[iu]?[aeoàèéòó](?:[iu](?![aeo]))?|i[uù]|ui|[ìíùúiuy]"),
    "nl": re.compile(r"aai|ooi|oei|eeu|ieu|aa|ee|oo|uu|ie|oe|eu|ui|ij|ei|ou|au|ai|[aeiouyéèêëïöü]"),
    "pt": re.compile(r"ão|õe|ãe|[aeoáâàéêóô][iu](?![aeo])|[aeiouyáâãàéêíóôõúü]"),
    "pl": re.compile(r"i(?=[aąeęoóu])[aąeęoóu]|au|eu|[aąeęioóuy]"),
}
# Vowels that are written and not spoken.
SILENT: Mapping[Language, re.Pattern[str]] = {
    "en": re.compile(r"(?<=[^aeiouy])e$|(?<=[^aeioudty])ed$|(?<=[^aeiouysxzcgh])es$|(?<=qu)e$"),
    "de": re.compile(r"(?<=q)u"),
    "fr": re.compile(
        r"(?<=[aeou])y(?=[aeiou])|(?<=[qg])u(?=[aeiouéèêàîô])|(?<=[^aeiouéèêœ])es?$|(?<=[aiéu])es?$"
    ),
    "es": re.compile(r"(?<=[qg])u(?=[eiéí])"),
    "it": re.compile(r"(?<=[cg])i(?=[aou])"),
    "pt": re.compile(r"(?<=[qg])u(?=[eiéêí])"),
    "pl": re.compile(r"(?<=[^aąeęioóuy])i(?=[aąeęoóu])"),
}
# An English e that is spoken after all, and vowels that meet without becoming one.
ENGLISH_SPOKEN = re.compile(r"[^aeiouyl]les?$|[^aeiouyr]res?$")
ENGLISH_APART = re.compile(
    r"(?<![tcsg])i[aou](?!u)|(?<=[^gq])ua(?!r)|eo(?![up])|ea(?=$|te)|[aeiou]ing$|ying$|(?<=c)ie(?=n)"
)


def syllables(word: str, language: Language) -> int:
    """The syllables of a word in lower or upper case; at least one."""
    spoken = word.lower()
    silent = SILENT.get(language)
    written = silent.sub("", spoken) if silent else spoken
    count = len(NUCLEI[language].findall(written))
    if language == "en":
        count += bool(ENGLISH_SPOKEN.search(spoken)) + len(ENGLISH_APART.findall(spoken))
    return max(1, count)
