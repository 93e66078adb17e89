"""Lists of any length: the API gives them a page at a time, the commands up to `--limit`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from pipeline_defs.cli.client import Api

PAGE = 200  # the most the API gives at once
MORE = "\nThere are more: raise --limit."
limit_option = click.option("--limit", type=click.IntRange(min=1), default=50, show_default=True)


def listed(api: Api, path: str, filters: Mapping[str, Any], limit: int) -> dict[str, Any]:
    """The first `limit` that fit; `next` is where there are more."""
    items: list[dict[str, Any]] = []
    cursor: str | None = None
    while True:
        most = min(PAGE, limit - len(items))
        page = api.get(path, {**filters, "limit": most, "next": cursor})
        items += page["items"]
        cursor = page["next"]
        if cursor is None or len(items) >= limit:
            return {"items": items, "next": cursor}
