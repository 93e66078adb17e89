"""Keyword figures over HTTP: `GET {KEYWORDS_BASE_URL}/keywords?q=...&q=...&language=en`.

The answer is `{"keywords": [{"keyword", "monthly_searches", "difficulty", "related": []}]}`.
A small bridge in front of any provider of such data can speak it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Self
from urllib.parse import urlencode

from pydantic import Field

from pipeline_defs.domain.languages import Language
from pipeline_defs.domain.pages.facts import KeywordFigures
from pipeline_defs.gateways.endpoints import Endpoint
from pipeline_defs.gateways.http import Call, Http
from pipeline_defs.gateways.wire import Wire, parse_wire
from pipeline_defs.settings import Settings

MOST = 10**12


class _Figures(Wire):
    keyword: str = Field(max_length=200)
    monthly_searches: int | None = Field(default=None, ge=0, le=MOST)
    difficulty: int | None = Field(default=None, ge=0, le=100)
    related: tuple[str, ...] = ()


class _Answer(Wire):
    keywords: tuple[_Figures, ...] = ()


class ServiceKeywords:
    """Implements `KeywordPort`."""

    def __init__(self, settings: Settings) -> None:
        base, key = settings.keywords_base_url, settings.keywords_api_key
        place = Endpoint("keywords", (base or "").rstrip("/"), "KEYWORDS_API_KEY", key)
        self._http = Http(place) if base else None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._http is not None:
            await self._http.aclose()

    @property
    def is_configured(self) -> bool:
        """See `KeywordPort`."""
        return self._http is not None

    async def figures(
        self, keywords: Sequence[str], language: Language, timeout: float
    ) -> tuple[KeywordFigures, ...]:
        """See `KeywordPort`."""
        if self._http is None or not keywords:
            return ()
        query = urlencode([*(("q", keyword) for keyword in keywords), ("language", language)])
        call = Call("GET", f"/keywords?{query}", timeout, headers=self._http.endpoint.bearer)
        answer = parse_wire(_Answer, await self._http.json(call), self._http.endpoint)
        asked = {keyword.lower() for keyword in keywords}
        return tuple(
            KeywordFigures(**found.model_dump())
            for found in answer.keywords
            if found.keyword.lower() in asked
        )
