"""How a unit is published: its slug never changes, so publishing again updates one post."""

from __future__ import annotations

import re
import unicodedata
from typing import Literal

Publish = Literal["none", "draft", "publish"]
Published = Literal["draft", "publish"]


def slug(unit_id: str, title: str) -> str:
    """A readable and unique slug: words of the title, then the random end of the id."""
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    words = re.findall(r"[a-z0-9]+", plain)[:8]
    readable = "-".join(words)[:64].rstrip("-")
    return "-".join(filter(None, [readable, unit_id.rsplit("-", 1)[-1]]))
