"""Publishing to WordPress by its REST API with an application password.

Creating a post is not idempotent there, so the post is looked up first, in any status. WordPress
cleans the HTML of users without `unfiltered_html`: send plain article markup.
"""

from __future__ import annotations

import re
from base64 import b64encode
from typing import Any, Self

from pipeline_defs.domain.errors import Permanent
from pipeline_defs.domain.publications import is_public, public_already
from pipeline_defs.gateways.catalog import Catalog
from pipeline_defs.gateways.endpoints import Endpoint, resolve
from pipeline_defs.gateways.failures import Failure, InvalidAnswer, classify_failure
from pipeline_defs.gateways.http import Call, Http, deadline
from pipeline_defs.gateways.publishing.port import Publication, PublishRequest
from pipeline_defs.gateways.wire import Wire, parse_wire
from pipeline_defs.settings import Settings

POSTS = "/wp-json/wp/v2/posts"
FIELDS = "id,slug,status,link"
_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
SLUG_LIMIT = 200


class _Post(Wire):
    id: int
    slug: str
    status: str
    link: str = ""


class WordPress:
    """One site. Bound to the event loop of its first request; close it there."""

    def __init__(self, http: Http) -> None:
        self._http = http

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def publish(self, request: PublishRequest) -> Publication:
        """See `PublishingPort.publish`."""
        _expect_slug(request.slug)
        async with deadline(request.timeout, self._http.endpoint):
            existing = await self._existing(request)
            if existing is None:
                post = await self._write(POSTS, request)
            else:
                _expect_no_public_text(existing, request)
                post = await self._write(f"{POSTS}/{existing.id}", request)
        return Publication(
            id=post.id,
            link=post.link,
            created=existing is None,
            slug=post.slug,
            status=post.status,
            provider=self._http.endpoint.label,
        )

    async def _existing(self, request: PublishRequest) -> _Post | None:
        if request.post_id is not None:
            known = await self._by_id(request.post_id, request.timeout)
            if known is not None:
                return known
        body = await self._http.json(
            self._call(
                "GET",
                POSTS,
                request.timeout,
                params={"slug": request.slug, "status": "any", "context": "edit", "per_page": 10},
            )
        )
        if not isinstance(body, list):
            raise InvalidAnswer(f"{self._http.endpoint.label} answered without a list of posts")
        posts = [parse_wire(_Post, item, self._http.endpoint) for item in body]
        same = [post for post in posts if post.slug == request.slug]
        return min(same, key=lambda post: (post.status != "publish", post.id), default=None)

    async def _by_id(self, post_id: int, timeout: float) -> _Post | None:
        """The post, or None where it was deleted or lies in the trash."""
        call = self._call("GET", f"{POSTS}/{post_id}", timeout, params={"context": "edit"})
        reply = await self._http.send(call)
        if reply.status in {404, 410}:
            return None
        if reply.status != 200:
            failure = Failure(reply.status, reply.headers, reply.json())
            raise classify_failure(failure, self._http.endpoint)
        post = parse_wire(_Post, reply.json(), self._http.endpoint)
        return None if post.status == "trash" else post

    async def _write(self, path: str, request: PublishRequest) -> _Post:
        content: dict[str, Any] = {
            "slug": request.slug,
            "title": request.title,
            "content": request.html,
            "excerpt": request.excerpt,
            "status": request.status,
        }
        if request.meta is not None:
            content["meta"] = dict(request.meta)
        call = self._call("POST", path, request.timeout, json=content, key=request.idempotency_key)
        return parse_wire(_Post, await self._http.json(call), self._http.endpoint)

    def _call(
        self,
        method: str,
        path: str,
        timeout: float,
        *,
        params: dict[str, str | int] | None = None,
        json: Any = None,
        key: str = "",
    ) -> Call:
        return Call(
            method,
            path,
            timeout,
            json=json,
            params={**(params or {}), "_fields": FIELDS},
            headers=basic_authorization(self._http.endpoint),
            idempotency_key=key,
        )


class ConfiguredPublishing:
    """Implements `PublishingPort` on the configured site; opened on first use.

    So a stack without a site works until something is to be published.
    """

    def __init__(self, settings: Settings, catalog: Catalog) -> None:
        self._settings = settings
        self._catalog = catalog
        self._site: WordPress | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Close the connections."""
        site, self._site = self._site, None
        if site is not None:
            await site.aclose()

    async def publish(self, request: PublishRequest) -> Publication:
        """See `PublishingPort.publish`."""
        if self._site is None:
            self._site = WordPress(Http(resolve("wordpress", self._settings, self._catalog)))
        return await self._site.publish(request)


def _expect_no_public_text(existing: _Post, request: PublishRequest) -> None:
    """A public post is not taken back by an update, and nobody sees there what is a draft."""
    if is_public(existing.status) and request.status != "publish":
        raise public_already(f"post {existing.id}")


def basic_authorization(endpoint: Endpoint) -> dict[str, str]:
    """User and application password as WordPress wants them."""
    if endpoint.key is None:
        return {}
    pair = f"{endpoint.user}:{endpoint.key.get_secret_value()}".encode()
    return {"Authorization": f"Basic {b64encode(pair).decode()}"}


def _expect_slug(slug: str) -> None:
    """WordPress changes any other slug, and then the post would not be found again."""
    if len(slug) > SLUG_LIMIT or not _SLUG.fullmatch(slug):
        raise Permanent(
            "BAD_SLUG",
            "the slug may only hold a-z, 0-9 and single hyphens, up to 200 characters",
            advice="Derive the slug from the title in that alphabet.",
        )
