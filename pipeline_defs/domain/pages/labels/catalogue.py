"""The labels of a page by its language."""

from __future__ import annotations

from collections.abc import Mapping

from pipeline_defs.domain.languages import Language
from pipeline_defs.domain.pages.labels.de import GERMAN
from pipeline_defs.domain.pages.labels.en import ENGLISH
from pipeline_defs.domain.pages.labels.es import SPANISH
from pipeline_defs.domain.pages.labels.fr import FRENCH
from pipeline_defs.domain.pages.labels.it import ITALIAN
from pipeline_defs.domain.pages.labels.model import Labels
from pipeline_defs.domain.pages.labels.nl import DUTCH
from pipeline_defs.domain.pages.labels.pl import POLISH
from pipeline_defs.domain.pages.labels.pt import PORTUGUESE

LABELS: Mapping[Language, Labels] = {
    "en": ENGLISH,
    "de": GERMAN,
    "fr": FRENCH,
    "es": SPANISH,
    "it": ITALIAN,
    "nl": DUTCH,
    "pt": PORTUGUESE,
    "pl": POLISH,
}
