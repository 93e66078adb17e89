"""What pages of the demo shop are made from beside its feed: search figures, rivals' pages."""

from __future__ import annotations

from functools import cache
from html import escape

from pipeline_defs.domain.pages.facts import KeywordFigures
from pipeline_defs.local.providers.server.shapes import ApiError
from pipeline_defs.local.providers.server.work import Answer, Bill, Request
from pipeline_defs.local.shop import catalogue
from pipeline_defs.runtime.shop_files import read_keywords

HTML, TEXT = "text/html; charset=utf-8", "text/plain; charset=utf-8"
ROBOTS = "User-agent: *\nDisallow: /rivals/private\nAllow: /rivals/\n"
RIVALS = {
    "tents": ("Tents for every weather", ("Two-person tents", "How heavy is a tent?", "Poles")),
    "boots": ("Hiking boots", ("Waterproof boots", "Which size fits?", "Care")),
    "private": ("Nothing for visitors", ("Stock",)),
}


class ShoppingApi:
    """Search figures for a key; pages and robots.txt for everybody."""

    def keywords(self, request: Request) -> Answer:
        """`GET /keywords?q=&q=&language=`: figures of the terms that are known."""
        asked = request.all_of("q")
        if not asked:
            raise ApiError(422, "VALIDATION", "q: a search term is needed")
        known = _figures() if request.query.get("language", "en") == "en" else {}
        found = [known[term.lower()] for term in asked if term.lower() in known]
        return Answer({"keywords": [one.model_dump(mode="json") for one in found]}, Bill())

    def robots(self, _: Request) -> Answer:
        """`GET /robots.txt`."""
        return Answer(ROBOTS.encode(), media_type=TEXT)

    def rival(self, request: Request) -> Answer:
        """`GET /rivals/{page}`: a competitor's page."""
        found = RIVALS.get(request.parts["page"])
        if found is None:
            raise ApiError(404, "not_found", "there is no such page")
        title, headings = found
        parts = "".join(f"<h2>{escape(heading)}</h2><p>More.</p>" for heading in headings)
        page = f"<!doctype html><title>{escape(title)}</title><h1>{escape(title)}</h1>{parts}"
        return Answer(page.encode(), media_type=HTML)


@cache
def _figures() -> dict[str, KeywordFigures]:
    found = read_keywords(catalogue.keywords_csv(), "keywords.csv").figures
    return {one.keyword.lower(): one for one in found}
