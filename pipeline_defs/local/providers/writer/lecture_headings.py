"""Chapter headings of two to five words, from the headings and titles of the documents."""

from __future__ import annotations

from pipeline_defs.local.providers.engine.language import STOP_WORDS, words
from pipeline_defs.local.providers.engine.library import Document
from pipeline_defs.local.providers.writer.outline import title_case

MOST_WORDS = 5
TITLE_MOST = 60  # characters of a lecture's title
_JOINTS = (" across ", " and ", ", ", " of ", " in ", " for ", " from ", " to ", " on ")


def chapter_heading(heading: str, document: Document) -> str:
    """A part's heading in title case; where it is too long or says too little, the document's."""
    count = len(heading.split())
    title = _shortened(document.title)
    if 1 < count <= MOST_WORDS:
        return title_case(heading)
    named = set(words(heading)) <= set(words(title))
    if count == 1 and len(title.split()) < MOST_WORDS and not (named and " " in title):
        return title_case(f"{title}: {title_case(heading)}")
    return title_case(title if " " in title else _shortened(heading))


def lecture_title(title: str, otherwise: str) -> str:
    """A title that is short enough, or else its first part, or else `otherwise`."""
    for candidate in (title, title.partition(":")[0], otherwise):
        if candidate and len(candidate) <= TITLE_MOST:
            return candidate
    return otherwise[:TITLE_MOST].rsplit(" ", 1)[0]


def _shortened(heading: str) -> str:
    """At most five words, cut where two things are joined."""
    text = heading.partition(":")[0]
    for joint in _JOINTS:
        if len(text.split()) <= MOST_WORDS:
            return text
        text = text.rsplit(joint, 1)[0] if joint in text else text
    kept = text.split()[:MOST_WORDS]
    while len(kept) > 1 and kept[-1].lower() in STOP_WORDS:
        kept.pop()
    return " ".join(kept).rstrip(",;:")
