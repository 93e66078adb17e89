"""Briefs for the picture engine, made of the bundled corpus as a lecture's segments are."""

from __future__ import annotations

from functools import cache

from pipeline_defs import policies
from pipeline_defs.local.providers.engine.language import sentences
from pipeline_defs.local.providers.engine.library import load_library
from pipeline_defs.local.providers.pictures.brief import Brief


@cache
def topics() -> tuple[str, ...]:
    """The folders of all topics."""
    return tuple(topic.folder for topic in load_library().topics)


@cache
def said_in(topic: str) -> tuple[tuple[str, str], ...]:
    """Heading and text of segments: neighbouring sentences as far as they fit into one."""
    found: list[tuple[str, str]] = []
    for document in load_library().documents:
        if document.folder != topic:
            continue
        for part in document.parts:
            for paragraph in part.paragraphs:
                found += [(part.heading, text) for text in _segments(paragraph)]
    return tuple(found)


def _segments(paragraph: str) -> list[str]:
    texts: list[str] = []
    for sentence in sentences(paragraph):
        longer = f"{texts[-1]} {sentence}" if texts else sentence
        if texts and len(longer) <= policies.SEGMENT_MAX_CHARS:
            texts[-1] = longer
        else:
            texts.append(sentence)
    return texts


def briefs(topic: str, count: int) -> list[Brief]:
    """A lecture of `count` segments, spread over a topic."""
    texts = said_in(topic)
    step = len(texts) / count
    chosen = [texts[int(i * step)] for i in range(count)]
    return [
        Brief(
            said,
            lecture=topic.replace("-", " ").title(),
            heading=heading,
            segment=i + 1,
            segments=count,
        )
        for i, (heading, said) in enumerate(chosen)
    ]


def prompt(brief: Brief) -> str:
    """A brief as the labelled lines of a picture prompt."""
    return "\n".join(
        [
            f"Lecture: {brief.lecture}",
            f"Segment: {brief.segment} of {brief.segments}",
            f"Heading: {brief.heading}",
            f"Said: {brief.said}",
            f"Show: {brief.show}",
            f"Variation: {brief.variation}",
            "Style: clear educational illustration",
        ]
    )
