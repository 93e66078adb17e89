"""The competitors port: the address of a page goes in, what the page speaks of comes out."""

from __future__ import annotations

from typing import Protocol

from pipeline_defs.domain.pages.facts import CompetitorPage


class CompetitorPort(Protocol):
    """Looks at pages of others."""

    async def look(self, url: str, timeout: float) -> CompetitorPage:
        """Title, headings and length of a page, within `timeout` seconds in all.

        Raises Permanent (BLOCKED_ADDRESS, ROBOTS_DISALLOWED, NOT_A_PAGE, TOO_LARGE, NOT_FOUND,
        REFUSED) or Transient (UNREACHABLE, TIMEOUT, PROVIDER_ERROR).
        """
        ...
