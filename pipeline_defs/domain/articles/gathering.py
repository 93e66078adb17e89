"""Gathers what several searches found into the sources of one section."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from pipeline_defs import policies
from pipeline_defs.domain.articles.citations import page_of


def numbered(found: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Distinct sources by page in order of discovery, `s1`, `s2`...; their texts are joined."""
    sources: dict[str, dict[str, Any]] = {}
    for source in found:
        page = page_of(source["url"])
        known = sources.get(page)
        if known is None:
            if len(sources) < policies.RESEARCH_MAX_SOURCES:
                sources[page] = {"id": f"s{len(sources) + 1}", **source}
        elif source["text"] not in known["text"]:
            joined = known["text"] + "\n\n" + source["text"]
            known["text"] = joined[: policies.RESEARCH_SOURCE_CHARS]
    return list(sources.values())
