"""What the Dagster UI shows of a page and what it was made from."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from pipeline_defs.domain.pages import recipe
from pipeline_defs.domain.pages.components import PageComponents
from pipeline_defs.domain.pages.document import PageDocument
from pipeline_defs.domain.pages.facts import PageContext
from pipeline_defs.domain.pages.models import Page
from pipeline_defs.domain.pages.quality.findings import QualityReport

MOST_CHARS = 20_000  # of a text shown in the UI; the whole stands in our tables


def context(page: Page, found: PageContext) -> dict[str, Any]:
    """What the page is about; products, search figures and competitors as tables."""
    facts = found.facts
    return {
        **_titled(page, facts.subject),
        "product_count": len(facts.products),
        "keyword_count": len(found.figures),
        "monthly_searches": sum(figure.monthly_searches or 0 for figure in found.figures),
        "competitor_count": len(found.competitors),
        "as_of": _moment(found.as_of),
        "remarks": _list(found.remarks),
        "products": {
            "table": [
                {
                    "sku": product.sku,
                    "name": product.name,
                    "price": f"{product.offer} {product.currency}" if product.offer else "",
                    "facts": len(product.attributes),
                }
                for product in facts.products
            ]
        },
        "searches": {
            "table": [
                {"keyword": f.keyword, "monthly": f.monthly_searches or 0} for f in found.figures
            ]
        },
        "competitors": {
            "table": [
                {"page": shown.source, "title": shown.title, "words": shown.words}
                for shown in found.competitors
            ]
        },
    }


def components(page: Page, made: PageComponents) -> dict[str, Any]:
    """The parts as they read, and what was taken out of them."""
    hero = made.hero
    text = [f"# {hero.headline}", *hero.paragraphs]
    for _, part in made.parts:
        text += [f"## {part.heading}", part.opening]
        text += [f"**{item.title}** {item.text}" for item in part.items]
    written = "\n\n".join(line for line in text if line)
    return {
        **_titled(page, hero.headline),
        "begins": hero.paragraphs[0] if hero.paragraphs else None,
        "text": {"md": written[:MOST_CHARS]},
        "meta_title": hero.title,
        "meta_description": hero.description,
        "words": len(written.split()),
        "parts": 1 + len(made.parts),
        "removed_sentences": len(made.removals),
        "served_by": ", ".join(made.served_by),
        "removed": {
            "table": [
                {"part": r.component, "sentence": r.sentence[:300], "reason": r.reason}
                for r in made.removals
            ]
        },
    }


def page(
    of: Page, document: PageDocument, report: QualityReport | None, as_of: datetime | None
) -> dict[str, Any]:
    """The page as it reads, how good it is, and from when its prices are."""
    failed = [f for f in report.findings if not f.passed] if report else []
    structured = json.dumps(document.json_ld, indent=2)[:MOST_CHARS]
    return {
        **_titled(of, document.headline),
        "text": {"md": document.text[:MOST_CHARS]},
        "meta_title": document.title,
        "meta_description": document.description,
        "quality": report.score if report else None,
        "findings": len(failed) if report else None,
        "advice": _list([finding.advice for finding in failed]),
        "words": document.words,
        "bytes": len(document.html.encode()),
        "as_of": _moment(as_of),
        "json_ld": {"md": f"```json\n{structured}\n```"},
    }


def bridges(page: Page) -> dict[str, dict[str, Any]]:
    """What each bridge of a page stands for."""
    request = page.request
    title = _titled(page, page.document.headline if page.document else request.target_url)
    return {
        recipe.PAGE_SUBJECT: {
            **title,
            "products": len(page.products),
            "keywords": ", ".join(request.keywords) or None,
        },
        recipe.PAGE_VOICE: {**title, "voice": page.brand_voice},
        recipe.PAGE_GATE: {**title, "skip_quality": request.options.skip_quality},
    }


def _titled(page: Page, title: str) -> dict[str, Any]:
    """What a person calls it, as its partition key says little, and where it is to stand."""
    return {"title": title, "page_type": page.request.page_type, "at": page.request.target_url}


def _moment(moment: datetime | None) -> dict[str, str] | None:
    return {"time": moment.isoformat()} if moment else None


def _list(lines: Sequence[str]) -> dict[str, str] | None:
    return {"md": "\n".join(f"- {line}" for line in lines)} if lines else None
