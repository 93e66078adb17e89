"""Which form draws which content."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pipeline_defs.local.providers.pictures.analysis import contents
from pipeline_defs.local.providers.pictures.forms.chart import draw_chart
from pipeline_defs.local.providers.pictures.forms.comparison import draw_comparison
from pipeline_defs.local.providers.pictures.forms.concept import draw_concept
from pipeline_defs.local.providers.pictures.forms.figure import draw_figure
from pipeline_defs.local.providers.pictures.forms.formula import draw_formula
from pipeline_defs.local.providers.pictures.forms.links import draw_links
from pipeline_defs.local.providers.pictures.forms.listing import draw_listing
from pipeline_defs.local.providers.pictures.forms.opening import draw_closing, draw_title
from pipeline_defs.local.providers.pictures.forms.process import draw_process
from pipeline_defs.local.providers.pictures.forms.quote import draw_quote
from pipeline_defs.local.providers.pictures.forms.stage import Stage
from pipeline_defs.local.providers.pictures.forms.timeline import draw_timeline

_FORMS: dict[type, Callable[[Any, Stage], None]] = {
    contents.Title: draw_title,
    contents.Closing: draw_closing,
    contents.Process: draw_process,
    contents.Links: draw_links,
    contents.Concept: draw_concept,
    contents.Listing: draw_listing,
    contents.Comparison: draw_comparison,
    contents.Timeline: draw_timeline,
    contents.Quote: draw_quote,
    contents.Figure: draw_figure,
    contents.Chart: draw_chart,
    contents.Formula: draw_formula,
}


def draw_content(content: contents.Content, stage: Stage) -> None:
    """Draws a content in its form."""
    _FORMS[type(content)](content, stage)
