"""Competitors' pages over HTTP: public addresses only, robots respected, everything bounded."""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from typing import Any, Self
from urllib.parse import urljoin, urlsplit
from urllib.robotparser import RobotFileParser

import httpcore

from pipeline_defs import policies
from pipeline_defs.domain.errors import Permanent, Transient
from pipeline_defs.domain.pages.facts import CompetitorPage
from pipeline_defs.gateways.competitors.addresses import (
    CheckedBackend,
    Resolve,
    blocked,
    system_resolve,
)
from pipeline_defs.gateways.competitors.reading import read_page
from pipeline_defs.gateways.http import tls_context

AGENT = "PipelinePages"
USER_AGENT = f"{AGENT}/1 (looks at headings; respects robots.txt)"
REDIRECTS = frozenset({301, 302, 303, 307, 308})
AWAY = (httpcore.NetworkError, httpcore.TimeoutException, httpcore.ProtocolError)


@dataclass(frozen=True, slots=True)
class _Answer:
    status: int
    headers: dict[str, str]
    body: bytes


class WebCompetitors:
    """Implements `CompetitorPort`. Bound to the event loop of its first request."""

    def __init__(self, allowed: Iterable[str] = (), resolve: Resolve = system_resolve) -> None:
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=tls_context(),
            max_connections=policies.CAPABILITY_LIMITS["competitors"],
            network_backend=CheckedBackend(allowed, resolve),
        )
        self._robots: dict[str, RobotFileParser] = {}

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._pool.aclose()

    async def look(self, url: str, timeout: float) -> CompetitorPage:
        """See `CompetitorPort.look`."""
        try:
            async with asyncio.timeout(timeout):
                return await self._look(url)
        except TimeoutError as error:
            raise Transient("TIMEOUT", f"{_host(url)} did not answer in time") from error

    async def _look(self, url: str) -> CompetitorPage:
        for _ in range(policies.COMPETITOR_REDIRECTS + 1):
            await self._must_be_allowed(url)
            answer = await self._get(url, policies.COMPETITOR_BYTES)
            if answer.status in REDIRECTS and answer.headers.get("location"):
                url = urljoin(url, answer.headers["location"])
                continue
            _must_be_a_page(url, answer)
            return read_page(url, answer.body, answer.headers.get("content-type", ""))
        raise Permanent("REDIRECTED", f"{_host(url)} leads from one page to the next")

    async def _must_be_allowed(self, url: str) -> None:
        parts = urlsplit(url)
        site = f"{parts.scheme}://{parts.netloc}"
        robots = self._robots.get(site)
        if robots is None:
            robots = await self._read_robots(site)
            if len(self._robots) < policies.COMPETITOR_SITES_KEPT:
                self._robots[site] = robots
        if not robots.can_fetch(AGENT, url):
            raise Permanent(
                "ROBOTS_DISALLOWED",
                f"{parts.hostname} does not want its page to be looked at",
                advice="Leave it out, or send its text as `text`.",
            )

    async def _read_robots(self, site: str) -> RobotFileParser:
        """RFC 9309: no file allows everything, a server that fails forbids everything for now."""
        answer = await self._get(f"{site}/robots.txt", policies.COMPETITOR_ROBOTS_BYTES)
        if answer.status >= 500:
            raise Transient("PROVIDER_ERROR", f"{_host(site)} cannot tell what it allows")
        robots = RobotFileParser()
        text = answer.body.decode("utf-8", "replace") if answer.status == 200 else ""
        robots.parse(text.splitlines())
        return robots

    async def _get(self, url: str, limit: int) -> _Answer:
        _must_be_a_web_address(url)
        headers = [
            ("Host", urlsplit(url).netloc),
            ("User-Agent", USER_AGENT),
            ("Accept", "text/html, text/plain;q=0.5"),
            ("Accept-Encoding", "gzip"),
        ]
        try:
            async with self._pool.stream("GET", url, headers=headers) as response:
                told = {
                    name.decode("latin-1").lower(): value.decode("latin-1")
                    for name, value in response.headers
                }
                body = await _bounded(response.aiter_stream(), told, limit, url)
                return _Answer(response.status, told, body)
        except AWAY as error:
            raise Transient("UNREACHABLE", f"{_host(url)} does not answer") from error


async def _bounded(
    chunks: AsyncIterator[bytes], headers: dict[str, str], limit: int, url: str
) -> bytes:
    """The unpacked body, which never grows beyond `limit` bytes."""
    encoding = headers.get("content-encoding", "identity").lower()
    if encoding not in ("identity", "gzip", "x-gzip"):
        raise Permanent("NOT_A_PAGE", f"{_host(url)} packs its page as {encoding[:20]}")
    unpacker = zlib.decompressobj(31) if encoding != "identity" else None
    body = bytearray()
    async for chunk in chunks:
        room = limit - len(body) + 1
        try:
            body += unpacker.decompress(chunk, room) if unpacker else chunk[:room]
        except zlib.error as error:
            raise Permanent("NOT_A_PAGE", f"{_host(url)} sent a broken page") from error
        if len(body) > limit:
            raise Permanent(
                "TOO_LARGE",
                f"the page of {_host(url)} is larger than {limit} bytes",
                advice="Send the part that matters as `text`.",
            )
    return bytes(body)


def _must_be_a_web_address(url: str) -> None:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise blocked("it is not the address of a web page")
    if parts.username is not None or parts.password is not None:
        raise blocked("it holds a user's name or password")


def _must_be_a_page(url: str, answer: _Answer) -> None:
    if answer.status >= 500 or answer.status in (408, 429):
        raise Transient("PROVIDER_ERROR", f"{_host(url)} answered with {answer.status}")
    if answer.status in (404, 410):
        raise Permanent("NOT_FOUND", f"{_host(url)} has no such page")
    if answer.status != 200:
        raise Permanent("REFUSED", f"{_host(url)} answered with {answer.status}")
    kind = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind not in ("text/html", "application/xhtml+xml"):
        raise Permanent("NOT_A_PAGE", f"{_host(url)} sent {kind[:40] or 'nothing that has a type'}")


def _host(url: str) -> Any:
    return urlsplit(url).hostname or "it"
