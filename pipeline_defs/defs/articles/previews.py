"""What the Dagster UI shows of a result: texts, tables and links instead of ids."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pipeline_defs.domain.articles.citations import MARK, CheckedSection, Source
from pipeline_defs.domain.articles.drafts import OutlineDraft
from pipeline_defs.domain.articles.rendering import Edition, count_words

MOST_CHARS = 20_000  # of a text shown in the UI; the whole stands in our tables


def outline(draft: OutlineDraft, model: str) -> dict[str, Any]:
    """The plan as a numbered list."""
    lines = [f"{n}. **{s.title}** {s.focus}" for n, s in enumerate(draft.sections, start=1)]
    return {
        "outline": {"md": f"### {draft.title}\n\n{draft.description}\n\n" + "\n".join(lines)},
        "sections": len(draft.sections),
        "served_by": model,
    }


def research(payload: Mapping[str, Any]) -> dict[str, Any]:
    """The sources as a table."""
    return {
        "sources": {
            "table": [
                {
                    "id": s["id"],
                    "title": s["title"],
                    "url": s["url"],
                    "words": len(s["text"].split()),
                }
                for s in payload["sources"]
            ]
        },
        "searches": {"md": "\n".join(f"- {query}" for query in payload["queries"])},
        "source_count": len(payload["sources"]),
    }


def draft(text: CheckedSection, sources: Mapping[str, Source], model: str) -> dict[str, Any]:
    """The section as it reads, and which source supports what."""
    return {
        "text": {"md": MARK.sub(r" [\1]", text.markdown)[:MOST_CHARS]},
        "citations": {
            "table": [
                {"source": c.source, "title": c.title, "span": c.quote[:300]}
                for c in text.citations
            ]
        },
        "words": count_words([text.markdown]),
        "citations_refused": text.refused,
        "sources_used": len({c.source for c in text.citations}),
        "sources_found": len(sources),
        "served_by": model,
    }


def article(edition: Edition) -> dict[str, Any]:
    """The assembled article."""
    return {
        "article": {"md": edition.markdown[:MOST_CHARS]},
        "words": edition.word_count,
        "references": {
            "table": [
                {"number": r.number, "title": r.title, "url": r.url} for r in edition.bibliography
            ]
        },
    }
