"""The keywords port: search terms go in, what is known of them comes out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from pipeline_defs.domain.languages import Language
from pipeline_defs.domain.pages.facts import KeywordFigures


class KeywordPort(Protocol):
    """Knows how often people search for something."""

    @property
    def is_configured(self) -> bool:
        """Whether there is a service to ask; imported figures are used otherwise."""
        ...

    async def figures(
        self, keywords: Sequence[str], language: Language, timeout: float
    ) -> tuple[KeywordFigures, ...]:
        """Figures of those terms that are known, within `timeout` seconds.

        Raises classified errors; see `gateways.failures`.
        """
        ...
