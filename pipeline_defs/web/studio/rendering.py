"""How Studio's pages are rendered, and who may see them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

from fastapi import Request
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from starlette.responses import HTMLResponse, RedirectResponse, Response

from pipeline_defs.domain.kinds import KINDS
from pipeline_defs.domain.languages import LANGUAGES
from pipeline_defs.domain.states import FINAL_STATES
from pipeline_defs.web.gateway import gateway_of
from pipeline_defs.web.identity import Identity
from pipeline_defs.web.routes import session_identity
from pipeline_defs.web.studio import wording

FOLDER = Path(__file__).parent.parent


def page(template: str, context: Mapping[str, Any]) -> Response:
    """A rendered page."""
    return HTMLResponse(_templates().get_template(template).render(context))


async def signed_in(request: Request) -> Identity | Response:
    """Who looks at the page; a redirect to the sign-in page for nobody."""
    identity = await session_identity(gateway_of(request), request)
    if identity is not None:
        return identity
    here = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    return RedirectResponse(f"/studio/sign-in?next={quote(here, safe='')}", 303)


def _templates() -> Environment:
    found = _CACHE.get("environment")
    if found is None:
        found = Environment(
            loader=FileSystemLoader(FOLDER / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        names: dict[str, Any] = {"final": FINAL_STATES, "kinds": KINDS, "languages": LANGUAGES}
        found.globals.update(names)
        found.filters |= {
            "words": wording.status_words,
            "stage": wording.stage_words,
            "usd": wording.usd,
            "moment": wording.moment,
            "clock": wording.clock,
            "method": wording.method_words,
            "bytes": wording.size_words,
            "external": wording.external_url,
            "sentence": wording.sentence,
            "priority": wording.priority_words,
            "check": wording.check_words,
            "outcome": wording.outcome_words,
            "duration": wording.duration,
            "count_words": wording.count_words,
            "cleaned": Markup,  # only for HTML that the article shape has just cleaned
        }
        _CACHE["environment"] = found
    return found


_CACHE: dict[str, Environment] = {}
