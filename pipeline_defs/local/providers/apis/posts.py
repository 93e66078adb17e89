"""Posts of the local WordPress: cleaning as kses does it, slugs, storage."""

from __future__ import annotations

import html
import json
import re
import unicodedata
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

import nh3

from pipeline_defs.local.providers.server.store import Store, as_json

STATUSES = ("publish", "future", "draft", "pending", "private")
_SLUG_IS_UNIQUE_IN = ("publish", "future", "private")
SLUG_LIMIT = 200
_INLINE_TAGS = "a abbr b br cite code del em i ins kbd mark q s small span strong sub sup u"
_INLINE = set(_INLINE_TAGS.split())
_BLOCKS = """
address article aside blockquote caption col colgroup dd details div dl dt figcaption figure footer
h1 h2 h3 h4 h5 h6 header hr img li main nav ol p pre section summary table tbody td tfoot th thead
tr ul
"""
_ATTRIBUTES = {
    "*": {"id", "class", "title", "lang", "dir", "role"},
    "a": {"href", "rel", "target"},
    "img": {"src", "alt", "width", "height", "loading"},
    "ol": {"start", "reversed", "type"},
    "td": {"colspan", "rowspan", "headers"},
    "th": {"colspan", "rowspan", "headers", "scope"},
    "blockquote": {"cite"},
    "q": {"cite"},
    "del": {"datetime"},
    "ins": {"datetime"},
}


@dataclass(frozen=True, slots=True)
class Post:
    """A stored post; title, content and excerpt are cleaned HTML."""

    id: int
    slug: str
    status: str
    title: str
    content: str
    excerpt: str
    meta: dict[str, Any]
    created: str
    modified: str


class Posts:
    """The table of posts."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def get(self, post_id: int) -> Post | None:
        """One post in any status."""
        return next(iter(self._select("where id = ?", (post_id,))), None)

    def by_slug(self, slug: str) -> list[Post]:
        """All posts of a slug, newest first: drafts may share one."""
        return self._select("where slug = ? order by id desc", (slug,))

    def newest(self) -> list[Post]:
        """The newest hundred posts."""
        return self._select("order by id desc limit 100", ())

    def create(self, fields: dict[str, Any]) -> Post:
        """A new post; unset fields are empty, the status is draft."""
        now = _now()
        values = {
            **dict.fromkeys(("title", "content", "excerpt", "slug"), ""),
            "status": "draft",
            "meta": {},
            "created": now,
            "modified": now,
            **fields,
        }
        values = {**values, "slug": self._slug(values, None), "meta": as_json(values["meta"])}
        with self._store.transaction() as db:
            number = db.execute(_INSERT, values).lastrowid or 0
        return self._must_be(number)

    def update(self, post: Post, fields: dict[str, Any]) -> Post:
        """Change what is given."""
        values = {**asdict(post), **fields, "id": post.id, "modified": _now()}
        values = {**values, "slug": self._slug(values, post.id), "meta": as_json(values["meta"])}
        with self._store.transaction() as db:
            db.execute(_UPDATE, values)
        return self._must_be(post.id)

    def delete(self, post: Post) -> None:
        """Remove it for good."""
        with self._store.transaction() as db:
            db.execute("delete from posts where id = ?", (post.id,))

    def _select(self, where: str, parameters: tuple[Any, ...]) -> list[Post]:
        rows = self._store.rows(f"select * from posts {where}", parameters)  # noqa: S608 # constants
        return [Post(**{**row, "meta": json.loads(row["meta"])}) for row in rows]

    def _must_be(self, post_id: int) -> Post:
        found = self.get(post_id)
        if found is None:
            raise LookupError(f"post {post_id} is gone")
        return found

    def _slug(self, values: dict[str, Any], own_id: int | None) -> str:
        """Drafts keep what they were given; a public post gets a slug of its own."""
        slug = slug_of(values["slug"])
        if values["status"] not in _SLUG_IS_UNIQUE_IN:
            return slug
        slug = slug or slug_of(html.unescape(values["title"])) or "post"
        taken = {
            post.slug
            for post in self._select("where slug like ? || '%'", (slug,))
            if post.id != own_id and post.status in _SLUG_IS_UNIQUE_IN
        }
        candidates = (slug, *(f"{slug}-{number}" for number in range(2, len(taken) + 3)))
        return next(candidate for candidate in candidates if candidate not in taken)


def slug_of(text: str) -> str:
    """A slug as WordPress makes it: ASCII, lower case, hyphens."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    plain = re.sub(r"[^a-z0-9_\s-]", "", plain)
    return re.sub(r"[\s-]+", "-", plain).strip("-")[:SLUG_LIMIT]


def clean(content: str) -> str:
    """What a user without `unfiltered_html` may publish: no scripts, styles, forms or frames."""
    return nh3.clean(
        content,
        tags=_INLINE | set(_BLOCKS.split()),
        attributes=_ATTRIBUTES,
        clean_content_tags={"script", "style"},
        url_schemes={"http", "https", "mailto"},
        generic_attribute_prefixes={"data-", "aria-"},
        link_rel=None,
    )


def clean_title(title: str) -> str:
    """A title keeps inline markup only."""
    return nh3.clean(title, tags=_INLINE - {"a", "br"}, attributes={}, link_rel=None)


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S")


_INSERT = """
insert into posts (slug, status, title, content, excerpt, meta, created, modified)
values (:slug, :status, :title, :content, :excerpt, :meta, :created, :modified)
"""
_UPDATE = """
update posts set slug = :slug, status = :status, title = :title, content = :content,
                 excerpt = :excerpt, meta = :meta, modified = :modified
where id = :id
"""
