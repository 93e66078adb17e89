"""What the Dagster UI shows of a result: texts, numbers, tables and links instead of ids.

Dagster shows Markdown of less than a thousand characters at once, and more of it on a click: so a
text stands with its beginning beside it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pipeline_defs.domain.articles import quality, rendering
from pipeline_defs.domain.articles.citations import MARK, CheckedSection, Source
from pipeline_defs.domain.articles.drafts import OutlineDraft
from pipeline_defs.domain.articles.models import Article, Section

MOST_CHARS = 20_000  # of a text shown in the UI; the whole stands in our tables
BEGINNING_CHARS = 400


def titled(article: Article, section: Section | None = None) -> dict[str, Any]:
    """What a person calls it, as its partition key says little."""
    title = article.title or article.topic
    if section is None:
        return {"title": title}
    return {"title": f"{title} · section {section.order}: {section.plan.title}"}


def outline(draft: OutlineDraft, model: str) -> dict[str, Any]:
    """The plan as a table."""
    return {
        "title": draft.title,
        "description": draft.description or None,
        "sections": len(draft.sections),
        "served_by": model,
        "outline": {
            "table": [
                {"section": n, "title": s.title, "focus": s.focus}
                for n, s in enumerate(draft.sections, start=1)
            ]
        },
    }


def research(article: Article, section: Section, payload: Mapping[str, Any]) -> dict[str, Any]:
    """The sources as a table."""
    sources = [
        {"id": s["id"], "title": s["title"], "url": s["url"], "words": len(s["text"].split())}
        for s in payload["sources"]
    ]
    return {
        **titled(article, section),
        "searches": {"md": "\n".join(f"- {query}" for query in payload["queries"])},
        "search_count": len(payload["queries"]),
        "source_count": len(sources),
        "words": sum(source["words"] for source in sources),
        "sources": {"table": sources},
    }


def draft(
    article: Article,
    section: Section,
    text: CheckedSection,
    sources: Mapping[str, Source],
    model: str,
) -> dict[str, Any]:
    """The section as it reads, how well it is supported, and which source supports what."""
    read = MARK.sub(r" [\1]", text.markdown)
    return {
        **titled(article, section),
        "begins": _beginning(text.markdown),
        "text": {"md": read[:MOST_CHARS]},
        "words": rendering.count_words([text.markdown]),
        "cited_share": round(quality.cited_share(text.markdown), 3),
        "citation_count": len(text.citations),
        "citations_refused": text.refused,
        "sources_used": len({c.source for c in text.citations}),
        "sources_found": len(sources),
        "served_by": model,
        "citations": {
            "table": [
                {"source": c.source, "title": c.title, "span": c.quote[:300]}
                for c in text.citations
            ]
        },
    }


def article(edition: rendering.Edition, sections: int) -> dict[str, Any]:
    """The assembled article."""
    return {
        "title": edition.title,
        "begins": _beginning(edition.markdown),
        "article": {"md": edition.markdown[:MOST_CHARS]},
        "words": edition.word_count,
        "sections": sections,
        "reference_count": len(edition.bibliography),
        "references": {
            "table": [
                {"number": r.number, "title": r.title, "url": r.url} for r in edition.bibliography
            ]
        },
    }


def _beginning(markdown: str) -> str:
    """The first words of a text, in plain text."""
    lines = [line for line in markdown.splitlines() if line.strip() and line[0] not in "#-*>|["]
    text = rendering.plain_text(MARK.sub("", "\n\n".join(lines))).strip()
    if len(text) <= BEGINNING_CHARS:
        return text
    return text[:BEGINNING_CHARS].rsplit(" ", 1)[0] + " …"
