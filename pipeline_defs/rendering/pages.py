"""From the facts and the written parts of a page to the finished document.

The templates escape everything; what they made is then cleaned once more, so that nothing but the
elements they use can leave this module whatever a feed or a model wrote.
"""

from __future__ import annotations

from datetime import date
from functools import cache
from typing import Any

import nh3
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from pipeline_defs.domain.pages.components import PageComponents
from pipeline_defs.domain.pages.document import PageDocument
from pipeline_defs.domain.pages.facts import PageFacts
from pipeline_defs.domain.pages.formatting import day
from pipeline_defs.domain.pages.json_ld import script_text, structured_data
from pipeline_defs.domain.pages.meta import attribute, meta
from pipeline_defs.domain.pages.plain_text import text_of, words
from pipeline_defs.domain.pages.sections import sections, specifications
from pipeline_defs.domain.pages.view import page_view

TAGS = {
    "a", "article", "br", "caption", "data", "dd", "details", "div", "dl", "dt", "h1", "h2", "h3",
    "header", "img", "li", "nav", "ol", "p", "s", "section", "small", "span", "summary", "table",
    "tbody", "td", "th", "thead", "tr", "ul",
}  # fmt: skip
ATTRIBUTES = {
    "*": {"id", "class"},
    "a": {"href"},
    "data": {"value"},
    "div": {"role", "tabindex"},
    "img": {"src", "alt", "width", "height", "loading", "decoding", "fetchpriority"},
    "th": {"scope"},
}


def assemble(
    facts: PageFacts, components: PageComponents, as_of: date | None = None
) -> PageDocument:
    """The finished page; `as_of` is the day the product data are from, if it is to be shown."""
    view = page_view(facts, components, as_of)
    found: dict[str, Any] = {
        "view": view,
        "labels": view.labels,
        "sections": sections(view),
        "specifications": specifications(view.product, view.labels) if view.product else (),
        "as_of": view.labels.as_of.format(date=day(as_of, view.language)) if as_of else "",
    }
    body = clean(_templates().get_template("content.html").render(found))
    head = meta(view)
    data = structured_data(view)
    html = (
        _templates()
        .get_template("page.html")
        .render(
            found
            | {
                "meta": [(attribute(name), name, content) for name, content in head],
                "content": Markup(body),  # noqa: S704 (cleaned above)
                "data": Markup(script_text(data)),  # noqa: S704 (cannot end its element)
            }
        )
    )
    text = text_of(body)
    return PageDocument(
        language=view.language,
        title=view.title,
        description=view.description,
        headline=view.headline,
        canonical=view.canonical,
        body_html=body,
        html=html,
        json_ld=data,
        meta=head,
        text=text,
        words=len(words(text)),
    )


def clean(fragment: str) -> str:
    """Only what the templates use; links and images lead to web pages alone."""
    return nh3.clean(
        fragment,
        tags=TAGS,
        attributes=ATTRIBUTES,
        url_schemes={"http", "https"},
        link_rel=None,
        generic_attribute_prefixes={"aria-", "data-"},
    )


@cache
def _templates() -> Environment:
    return Environment(
        loader=PackageLoader("pipeline_defs.rendering"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
