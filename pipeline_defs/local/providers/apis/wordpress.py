"""The part of WordPress' REST API that publishing needs: `/wp-json/wp/v2/posts`."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from pipeline_defs.local.providers.apis.posts import STATUSES, Post, Posts, clean, clean_title
from pipeline_defs.local.providers.prices import POST_USD
from pipeline_defs.local.providers.server.shapes import ApiError
from pipeline_defs.local.providers.server.work import Answer, Bill, Body, Request

MODEL = "local-wordpress"
PER_PAGE = 10
MOST_PER_PAGE = 100


class _PostBody(Body):
    title: str | dict[str, Any] | None = None
    content: str | dict[str, Any] | None = None
    excerpt: str | dict[str, Any] | None = None
    slug: str | None = Field(default=None, max_length=1000)
    status: str | None = None
    meta: dict[str, Any] | None = None


class WordPressApi:
    """Posts, without users' rights: whoever has the application password is an author."""

    def __init__(self, posts: Posts, base_url: str) -> None:
        self._posts = posts
        self._base_url = base_url

    def create(self, request: Request) -> Answer:
        """`POST /posts`: 201 and the post. Not idempotent, like the original."""
        fields = self._fields(request)
        if not any(fields.get(name) for name in ("title", "content", "excerpt")):
            raise ApiError(400, "empty_content", "Content, title, and excerpt are empty.")
        shown = self._shown(self._posts.create(fields), request)
        return Answer(shown, Bill(POST_USD), MODEL, status=201)

    def update(self, request: Request) -> Answer:
        """`POST /posts/{id}`: changes what is given."""
        post = self._posts.update(self._asked_for(request), self._fields(request))
        return Answer(self._shown(post, request), Bill(POST_USD), MODEL)

    def get(self, request: Request) -> Answer:
        """`GET /posts/{id}`."""
        return Answer(self._shown(self._asked_for(request), request), model=MODEL)

    def delete(self, request: Request) -> Answer:
        """`DELETE /posts/{id}`: to the trash, or for good with `force=true`."""
        post = self._asked_for(request)
        if request.query.get("force") in {"true", "1"}:
            previous = self._shown(post, request)
            self._posts.delete(post)
            return Answer({"deleted": True, "previous": previous}, model=MODEL)
        if post.status == "trash":
            raise ApiError(410, "rest_already_trashed", "The post has already been deleted.")
        trashed = {"status": "trash", "slug": f"{post.slug}__trashed"}
        return Answer(self._shown(self._posts.update(post, trashed), request), model=MODEL)

    def find(self, request: Request) -> Answer:
        """`GET /posts?slug=&status=&per_page=`: published ones, unless a status is given."""
        slugs = [slug for slug in request.query.get("slug", "").split(",") if slug]
        found = [p for slug in slugs for p in self._posts.by_slug(slug)] or []
        if "slug" not in request.query:
            found = self._posts.newest()
        wanted = self._statuses(request)
        found = [post for post in found if post.status in wanted]
        shown = [self._shown(post, request) for post in found[: self._per_page(request)]]
        headers = {"x-wp-total": str(len(found)), "x-wp-totalpages": "1"}
        return Answer(shown, model=MODEL, headers=headers)

    def _asked_for(self, request: Request) -> Post:
        number = request.parts.get("id", "")
        post = self._posts.get(int(number)) if number.isdecimal() else None
        if post is None:
            raise ApiError(404, "rest_post_invalid_id", "Invalid post ID.")
        return post

    def _fields(self, request: Request) -> dict[str, Any]:
        asked = request.parse(_PostBody)
        if asked.status is not None and asked.status not in STATUSES:
            raise _invalid("status", f"status is not one of {', '.join(STATUSES)}.")
        fields: dict[str, Any] = {
            "title": clean_title(_raw(asked.title)) if asked.title is not None else None,
            "content": clean(_raw(asked.content)) if asked.content is not None else None,
            "excerpt": clean(_raw(asked.excerpt)) if asked.excerpt is not None else None,
            "slug": asked.slug,
            "status": asked.status,
            "meta": asked.meta,
        }
        return {name: value for name, value in fields.items() if value is not None}

    def _statuses(self, request: Request) -> set[str]:
        asked = request.query.get("status", "publish").split(",")
        unknown = set(asked) - {*STATUSES, "any", "trash"}
        if unknown:
            raise _invalid("status", f"status is not one of {', '.join(STATUSES)}, any.")
        return set(STATUSES) if "any" in asked else set(asked)

    def _per_page(self, request: Request) -> int:
        value = request.query.get("per_page", str(PER_PAGE))
        if not value.isdecimal() or not 1 <= int(value) <= MOST_PER_PAGE:
            raise _invalid("per_page", f"per_page must be between 1 and {MOST_PER_PAGE}.")
        return int(value)

    def _shown(self, post: Post, request: Request) -> dict[str, Any]:
        """The post as JSON, cut to `_fields` where they are named."""
        edits = request.query.get("context") == "edit" or isinstance(request.body, dict)
        link = f"{self._base_url}/wordpress/?p={post.id}"

        def text(value: str, **more: Any) -> dict[str, Any]:
            return {**({"raw": value} if edits else {}), "rendered": value, **more}

        shown: dict[str, Any] = {
            "id": post.id,
            "date": post.created,
            "date_gmt": post.created,
            "guid": text(link),
            "modified": post.modified,
            "modified_gmt": post.modified,
            "slug": post.slug,
            "status": post.status,
            "type": "post",
            "link": link,
            "title": text(post.title),
            "content": text(post.content, protected=False),
            "excerpt": text(post.excerpt, protected=False),
            "author": 1,
            "featured_media": 0,
            "comment_status": "closed",
            "ping_status": "closed",
            "sticky": False,
            "template": "",
            "format": "standard",
            "meta": post.meta,
            "categories": [1],
            "tags": [],
        }
        wanted = {name for name in request.query.get("_fields", "").split(",") if name}
        return {name: value for name, value in shown.items() if not wanted or name in wanted}


def _raw(value: str | dict[str, Any]) -> str:
    return value if isinstance(value, str) else str(value.get("raw", ""))


def _invalid(parameter: str, reason: str) -> ApiError:
    return ApiError(
        400,
        "rest_invalid_param",
        f"Invalid parameter(s): {parameter}",
        params={parameter: reason},
        details={},
    )
