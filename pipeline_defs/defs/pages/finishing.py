"""Finishing touches: the document as compact as it can be without another meaning."""

from __future__ import annotations

import re

from pipeline_defs import policies
from pipeline_defs.defs.pages.making import Making
from pipeline_defs.defs.pages.pipeline import Detail
from pipeline_defs.domain.errors import Permanent

LINES = re.compile(r"[ \t]*\n\s*")


async def finish_page(making: Making) -> Detail:
    """Take out indentation and empty lines; there is no preformatted text on a page."""
    document = making.assembled
    html = LINES.sub("\n", document.html).strip() + "\n"
    before, after = len(document.html.encode()), len(html.encode())
    if after > policies.PAGE_MOST_BYTES:
        raise Permanent(
            "TOO_LARGE",
            f"the page has {after} bytes; {policies.PAGE_MOST_BYTES} are the most",
            advice="Name fewer products in `metadata.skus`.",
        )
    making.document = document.model_copy(update={"html": html})
    return {"bytes": after, "saved_bytes": before - after}
