"""How an article is published: its slug never changes, so publishing again updates one post."""

from __future__ import annotations

import re
import unicodedata


def slug(article_id: str, title: str) -> str:
    """A readable and unique slug: words of the title, then the random end of the id."""
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    words = re.findall(r"[a-z0-9]+", plain)[:8]
    readable = "-".join(words)[:64].rstrip("-")
    return "-".join(filter(None, [readable, article_id.rsplit("-", 1)[-1]]))
