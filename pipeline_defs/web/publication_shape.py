"""Where a unit is published, as the API and Studio show it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pydantic import BaseModel

from pipeline_defs.domain.publications import is_public


class PublicationShape(BaseModel):
    """The post, whether it shows what is current, and whether everyone sees it."""

    status: str
    link: str
    slug: str
    current: bool
    public: bool
    published_at: datetime


def publication_shape(row: Mapping[str, Any] | None, *, current: bool) -> PublicationShape | None:
    """A row of publications; None stays None."""
    if row is None:
        return None
    shown = {name: row[name] for name in ("status", "link", "slug", "published_at")}
    return PublicationShape(**shown, current=current, public=is_public(row["status"]))
