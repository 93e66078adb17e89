"""The research port: a question goes in, sources with text and an address come out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from pipeline_defs.gateways.usage import Usage


@dataclass(frozen=True, slots=True)
class ResearchRequest:
    """One search. `timeout` is the total in seconds; a retry keeps `idempotency_key`."""

    query: str
    max_results: int
    timeout: float
    idempotency_key: str
    final_try: bool = False


@dataclass(frozen=True, slots=True)
class Source:
    """A page that was found: checked http(s) address, text, and date as the provider says."""

    title: str
    url: str
    text: str
    published: str | None = None


@dataclass(frozen=True, slots=True)
class ResearchAnswer:
    """Sources in the provider's order, none twice, at most as many as asked for; may be empty."""

    sources: tuple[Source, ...]
    usage: tuple[Usage, ...]


class ResearchPort(Protocol):
    """Finds sources."""

    async def search(self, request: ResearchRequest) -> ResearchAnswer:
        """Sources for a question; raises classified errors, see `gateways.failures`."""
        ...
