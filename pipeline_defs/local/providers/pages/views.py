"""Pages for people: the corpus, where sources can be looked up, and the posts."""

from __future__ import annotations

import html
import re
from dataclasses import asdict, dataclass
from importlib.resources import files
from typing import Any

from jinja2 import Environment, PackageLoader
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from pipeline_defs.local.providers.apis.posts import Post, Posts
from pipeline_defs.local.providers.engines import Engines
from pipeline_defs.local.shop.pictures import picture

PACKAGE = "pipeline_defs.local.providers.pages"
SECURITY_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src 'self' https: data:; base-uri 'none'; "
        "form-action 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
}


@dataclass(frozen=True, slots=True)
class _Site:
    """What stands around a page."""

    site: str
    home: str
    note: str


_LIBRARY = _Site(
    "Local corpus",
    "/corpus",
    "Texts bundled with the project, for use without provider keys.",
)
_BLOG = _Site(
    "Local WordPress",
    "/wordpress/",
    "A stand-in for a WordPress site, served by the local provider server.",
)


def _product_picture(request: Request) -> Response:
    found = picture(request.path_params["sku"])
    if found is None:
        return Response(status_code=404)
    headers = {
        "Cache-Control": "public, max-age=86400",
        "Cross-Origin-Resource-Policy": "cross-origin",  # it is shown on pages of the shop
        "X-Content-Type-Options": "nosniff",
    }
    return Response(found, media_type="image/png", headers=headers)


class Pages:
    """The routes that need no key. No scripts anywhere, and none can run."""

    def __init__(self, engines: Engines, posts: Posts) -> None:
        self._engines = engines
        self._posts = posts
        self._templates = Environment(loader=PackageLoader(PACKAGE), autoescape=True)

    def routes(self) -> list[Route]:
        """All routes."""
        return [
            Route("/corpus", self._index),
            Route("/corpus/{topic}/{document}", self._document),
            Route("/wordpress/", self._blog),
            Route("/theme.css", self._theme),
            Route("/shop/images/{sku}.png", _product_picture),
        ]

    def _index(self, _: Request) -> Response:
        library = self._engines.library
        return self._page(
            _LIBRARY,
            "library.html",
            title="The local corpus",
            topics=library.topics,
            count=len(library.documents),
        )

    def _document(self, request: Request) -> Response:
        library = self._engines.library
        parts = request.path_params
        document = library.document(f"{parts['topic']}/{parts['document']}")
        if document is None:
            return self._missing(_LIBRARY)
        topic = library.topic(document.folder)
        others = [d for d in topic.documents if d is not document] if topic else []
        return self._page(
            _LIBRARY, "document.html", title=document.title, document=document, others=others
        )

    def _blog(self, request: Request) -> Response:
        wanted = request.query_params.get("p")
        if wanted is None:
            return self._page(_BLOG, "posts.html", title="Posts", posts=self._listed())
        post = self._posts.get(int(wanted)) if re.fullmatch(r"\d{1,15}", wanted) else None
        if post is None:
            return self._missing(_BLOG)
        return self._page(
            _BLOG,
            "post.html",
            title=_plain(post),
            post=post,
            post_title=Markup(post.title),  # noqa: S704 # cleaned when it was stored
            content=Markup(post.content),  # noqa: S704 # cleaned when it was stored
        )

    def _listed(self) -> list[dict[str, Any]]:
        return [
            {"id": p.id, "name": _plain(p), "status": p.status, "modified": p.modified[:10]}
            for p in self._posts.newest()
        ]

    def _theme(self, _: Request) -> Response:
        text = files(PACKAGE).joinpath("theme.css").read_text(encoding="utf-8")
        headers = {**SECURITY_HEADERS, "Cache-Control": "max-age=300"}
        return Response(text, media_type="text/css", headers=headers)

    def _missing(self, site: _Site) -> Response:
        return self._page(site, "missing.html", status=404, title="Not found")

    def _page(self, site: _Site, template: str, *, status: int = 200, **values: Any) -> Response:
        text = self._templates.get_template(template).render(**asdict(site), **values)
        return HTMLResponse(text, status, headers=SECURITY_HEADERS)


def _plain(post: Post) -> str:
    """The title without markup."""
    return html.unescape(re.sub(r"<[^>]*>", "", post.title)) or f"Post {post.id}"
