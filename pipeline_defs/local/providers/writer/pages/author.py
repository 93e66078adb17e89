"""The local writer of pages: it turns the data of products into text, and is no language model.

Whatever it says of a product stands in the product's data; it checks so itself. What it says
besides is advice that states nothing.
"""

from __future__ import annotations

from pipeline_defs.domain.languages import LANGUAGES
from pipeline_defs.domain.pages.drafts import ComponentDraft, ComponentTask, HeroDraft, HeroTask
from pipeline_defs.local.providers.writer.pages.head import write_head
from pipeline_defs.local.providers.writer.pages.parts import write_part
from pipeline_defs.local.providers.writer.refusal import Refusal


def write_page_part(task: HeroTask | ComponentTask) -> HeroDraft | ComponentDraft:
    """The part of a page that is asked for; raises `Refusal` for a language it does not write."""
    if task.facts.language != "en":
        name = LANGUAGES[task.facts.language]
        raise Refusal(f"it writes pages in English only, not in {name}")
    return write_head(task) if isinstance(task, HeroTask) else write_part(task)
