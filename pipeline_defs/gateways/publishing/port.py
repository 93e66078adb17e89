"""The publishing port: a finished text goes out to a site, once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, Protocol

PostStatus = Literal["draft", "pending", "private", "publish"]


@dataclass(frozen=True, slots=True)
class PublishRequest:
    """A post. `slug` identifies it: publishing it again updates the same post.

    A post that is public already is written only with the status `publish`. `post_id` of an
    earlier `Publication` finds the post also when its slug was changed on the site. `timeout` is
    in seconds, for all requests together.
    """

    slug: str
    title: str
    html: str
    excerpt: str
    status: PostStatus = "draft"
    meta: Mapping[str, Any] | None = None  # keys must be registered on the site
    post_id: int | None = None
    timeout: float = 30.0
    idempotency_key: str = ""


@dataclass(frozen=True, slots=True)
class Publication:
    """The post as the site now has it. `created` is False when it was there before."""

    id: int
    link: str
    created: bool
    slug: str
    status: str
    provider: str


class PublishingPort(Protocol):
    """Publishes posts."""

    async def publish(self, request: PublishRequest) -> Publication:
        """Create or update the post; raises classified errors, see `gateways.failures`,
        and Permanent `PUBLIC_ALREADY` instead of writing a draft over a public post.

        Safe to repeat after any failure: a post whose answer was lost is found by its slug.
        """
        ...
