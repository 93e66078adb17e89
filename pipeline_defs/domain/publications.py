"""How a unit is published: its slug never changes, so publishing again updates one post."""

from __future__ import annotations

import re
import unicodedata
from typing import Literal

from pipeline_defs.domain.errors import Permanent

Publish = Literal["none", "draft", "publish"]
Published = Literal["draft", "publish"]
PUBLIC = frozenset({"publish", "future"})  # what a site calls a post that everyone sees, or will


def is_public(status: str | None) -> bool:
    """Whether everyone sees a post of this status, now or at its hour."""
    return status in PUBLIC


def public_already(what: str) -> Permanent:
    """The refusal to write a draft over a public post: everyone would read it at once."""
    return Permanent(
        "PUBLIC_ALREADY",
        f"{what} is public already: a draft in its place would be seen by everyone",
        advice="Approve it for everyone, or unpublish the post in WordPress first "
        "and say so with `unpublished`.",
    )


def slug(unit_id: str, title: str) -> str:
    """A readable and unique slug: words of the title, then the random end of the id."""
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    words = re.findall(r"[a-z0-9]+", plain)[:8]
    readable = "-".join(words)[:64].rstrip("-")
    return "-".join(filter(None, [readable, unit_id.rsplit("-", 1)[-1]]))
