"""Which parts a page of each type has, and the parts as they stand after grounding."""

from __future__ import annotations

from collections.abc import Mapping

from pipeline_defs.domain.frozen import Frozen
from pipeline_defs.domain.pages.drafts import ComponentDraft, ComponentName, HeroDraft
from pipeline_defs.domain.pages.requests import PageType

# In the order of the page. The table of facts and the links are made from the facts alone.
COMPONENTS: Mapping[PageType, tuple[ComponentName, ...]] = {
    "product": ("benefits", "faq"),
    "category": ("benefits", "comparison", "buying_guide", "faq"),
    "brand": ("benefits", "comparison", "faq"),
    "guide": ("buying_guide", "comparison", "faq"),
}


class Removal(Frozen):
    """A sentence that was taken out, as the product data do not carry it."""

    component: str
    sentence: str
    reason: str


class PageComponents(Frozen):
    """The written parts of a page; `served_by` are the models that wrote them."""

    hero: HeroDraft
    parts: tuple[tuple[ComponentName, ComponentDraft], ...]
    removals: tuple[Removal, ...] = ()
    served_by: tuple[str, ...] = ()
