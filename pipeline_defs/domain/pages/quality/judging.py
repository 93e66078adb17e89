"""All checks of a finished page."""

from __future__ import annotations

from collections.abc import Callable

from pipeline_defs.domain.pages.components import PageComponents
from pipeline_defs.domain.pages.document import PageDocument
from pipeline_defs.domain.pages.facts import PageFacts
from pipeline_defs.domain.pages.outline import outline
from pipeline_defs.domain.pages.quality import figures, markup, texts
from pipeline_defs.domain.pages.quality.findings import Finding, QualityReport, Subject

Check = Callable[[Subject], Finding]
CHECKS: tuple[Check, ...] = (
    markup.html_is_valid,
    figures.structured_data_is_valid,
    figures.figures_agree,
    texts.title_length,
    texts.description_length,
    markup.one_h1,
    markup.images_have_alt,
    markup.links_are_safe,
    texts.nothing_is_ungrounded,
    texts.no_near_duplicate,
    texts.readability_is_good,
    texts.keyword_use,
    texts.text_length,
    markup.internal_links,
)


def judge(
    document: PageDocument,
    facts: PageFacts,
    components: PageComponents,
    *,
    nearest: float = 0.0,
    nearest_page: str | None = None,
) -> QualityReport:
    """The report on a page; `nearest` is its best Jaccard similarity to another page."""
    subject = Subject(document, facts, components, outline(document.html), nearest, nearest_page)
    return QualityReport.of(check(subject) for check in CHECKS)
