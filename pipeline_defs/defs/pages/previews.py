"""What the Dagster UI shows of a page and what it was made from."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from pipeline_defs.domain.pages import recipe
from pipeline_defs.domain.pages.components import PageComponents
from pipeline_defs.domain.pages.document import PageDocument
from pipeline_defs.domain.pages.facts import PageContext
from pipeline_defs.domain.pages.models import Page
from pipeline_defs.domain.pages.quality.findings import QualityReport

MOST_CHARS = 20_000  # of a text shown in the UI; the whole stands in our tables


def context(found: PageContext) -> dict[str, Any]:
    """Products, search figures and competitors as tables."""
    facts = found.facts
    return {
        "subject": facts.subject,
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
                {"page": page.source, "title": page.title, "words": page.words}
                for page in found.competitors
            ]
        },
        "as_of": found.as_of.isoformat(timespec="seconds") if found.as_of else "no products",
        "remarks": {"md": "\n".join(f"- {remark}" for remark in found.remarks) or "none"},
    }


def components(made: PageComponents) -> dict[str, Any]:
    """The parts as they read, and what was taken out of them."""
    hero = made.hero
    text = [f"# {hero.headline}", *hero.paragraphs]
    for _, part in made.parts:
        text += [f"## {part.heading}", part.opening]
        text += [f"**{item.title}** {item.text}" for item in part.items]
    return {
        "text": {"md": "\n\n".join(line for line in text if line)[:MOST_CHARS]},
        "title": hero.title,
        "description": hero.description,
        "removed": {
            "table": [
                {"part": r.component, "sentence": r.sentence[:300], "reason": r.reason}
                for r in made.removals
            ]
        },
        "served_by": ", ".join(made.served_by),
    }


def page(
    document: PageDocument, report: QualityReport | None, as_of: datetime | None
) -> dict[str, Any]:
    """The page as it reads, how good it is, and from when its prices are."""
    advice = [f.advice for f in report.findings if not f.passed] if report else []
    return {
        "text": {"md": document.text[:MOST_CHARS]},
        "title": document.title,
        "description": document.description,
        "words": document.words,
        "quality": report.score if report else "left out, as was asked for",
        "advice": {"md": "\n".join(f"- {line}" for line in advice) or "none"},
        "as_of": as_of.isoformat(timespec="seconds") if as_of else "no products",
        "json_ld": {"md": f"```json\n{json.dumps(document.json_ld, indent=2)[:MOST_CHARS]}\n```"},
    }


def bridges(page: Page) -> dict[str, dict[str, Any]]:
    """What each bridge of a page stands for."""
    request = page.request
    return {
        recipe.PAGE_SUBJECT: {
            "target_url": request.target_url,
            "products": len(page.products),
            "keywords": ", ".join(request.keywords),
        },
        recipe.PAGE_VOICE: {"voice": page.brand_voice},
        recipe.PAGE_GATE: {"skip_quality": request.options.skip_quality},
    }
