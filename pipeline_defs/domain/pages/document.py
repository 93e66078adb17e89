"""A finished page, as it is stored and published."""

from __future__ import annotations

from typing import Any

from pipeline_defs.domain.frozen import Frozen
from pipeline_defs.domain.languages import Language


class PageDocument(Frozen):
    """`html` is the whole document, `body_html` what stands in its `main`, without styles.

    `json_ld` and `meta` (name or property, content) stand in `html` too. `text` is what `main`
    shows, a block on each line; `words` its length.
    """

    language: Language
    title: str
    description: str
    headline: str
    canonical: str | None
    body_html: str
    html: str
    json_ld: dict[str, Any]
    meta: tuple[tuple[str, str], ...]
    text: str
    words: int
