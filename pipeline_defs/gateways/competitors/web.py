"""Competitors' pages over HTTP: public addresses only, robots respected, everything bounded."""

from __future__ import annotations

import asyncio
import time
import zlib
from collections.abc import AsyncIterator, Callable, Iterable
from dataclasses import dataclass
from typing import Any, Self
from urllib.parse import urljoin, urlsplit

import httpcore

from pipeline_defs import policies
from pipeline_defs.domain.errors import Permanent, Transient
from pipeline_defs.domain.pages.addresses import web_address
from pipeline_defs.domain.pages.facts import CompetitorPage
from pipeline_defs.gateways.competitors.addresses import (
    CheckedBackend,
    Resolve,
    blocked,
    system_resolve,
)
from pipeline_defs.gateways.competitors.reading import read_page
from pipeline_defs.gateways.competitors.robots import Robots, read_robots
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

    def __init__(
        self,
        allowed: Iterable[str] = (),
        resolve: Resolve = system_resolve,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=tls_context(),
            max_connections=policies.CAPABILITY_LIMITS["competitors"],
            network_backend=CheckedBackend(allowed, resolve),
        )
        self._clock = clock
        self._robots: dict[str, tuple[float, Robots]] = {}  # until when, the oldest first

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
        url = _askable(url)
        for _ in range(policies.COMPETITOR_REDIRECTS + 1):
            await self._must_be_allowed(url)
            answer = await self._get(url, policies.COMPETITOR_BYTES)
            if answer.status in REDIRECTS and answer.headers.get("location"):
                url = _joined(url, answer.headers["location"])
                continue
            _must_be_a_page(url, answer)
            kind = answer.headers.get("content-type", "")
            return await asyncio.to_thread(read_page, url, answer.body, kind)
        raise Permanent("REDIRECTED", f"{_host(url)} leads from one page to the next")

    async def _must_be_allowed(self, url: str) -> None:
        parts = urlsplit(url)
        site = f"{parts.scheme}://{parts.netloc}"
        robots = await self._robots_of(site)
        if not robots.allows(url):
            raise Permanent(
                "ROBOTS_DISALLOWED",
                f"{parts.hostname} does not want its page to be looked at",
                advice="Leave it out, or send its text as `text`.",
            )

    async def _robots_of(self, site: str) -> Robots:
        """The rules of a site, kept for a while; of too many sites the oldest are forgotten."""
        until, robots = self._robots.get(site, (0.0, Robots()))
        if until > self._clock():
            return robots
        robots = await self._read_robots(site)
        self._robots.pop(site, None)
        if len(self._robots) >= policies.COMPETITOR_SITES_KEPT:
            del self._robots[next(iter(self._robots))]
        self._robots[site] = (self._clock() + policies.COMPETITOR_ROBOTS_SECONDS, robots)
        return robots

    async def _read_robots(self, site: str) -> Robots:
        """RFC 9309: a file that is not to be had allows everything, a server that fails forbids
        everything until it answers; of a long file the beginning counts."""
        url = f"{site}/robots.txt"
        for _ in range(policies.COMPETITOR_ROBOTS_REDIRECTS + 1):
            answer = await self._get(url, policies.COMPETITOR_ROBOTS_BYTES, cut=True)
            if answer.status in REDIRECTS and answer.headers.get("location"):
                url = _joined(url, answer.headers["location"])
                continue
            if answer.status >= 500 or answer.status == 429:
                raise Transient("PROVIDER_ERROR", f"{_host(site)} cannot tell what it allows")
            if not 200 <= answer.status < 300:
                return Robots()
            return await asyncio.to_thread(read_robots, answer.body, AGENT)
        return Robots()

    async def _get(self, url: str, limit: int, *, cut: bool = False) -> _Answer:
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
                chunks = response.aiter_stream()
                body = await _bounded(chunks, told, _Room(limit, cut), url)
                return _Answer(response.status, told, body)
        except AWAY as error:
            raise Transient("UNREACHABLE", f"{_host(url)} does not answer") from error


@dataclass(frozen=True, slots=True)
class _Room:
    """How many bytes are read; whether what is longer is cut there, or refused."""

    limit: int
    cut: bool


async def _bounded(
    chunks: AsyncIterator[bytes], headers: dict[str, str], room_for: _Room, url: str
) -> bytes:
    """The unpacked body: neither it nor what is read for it grows beyond its bytes. What follows
    the end of a packed body is not read."""
    limit, unpacker = room_for.limit, _unpacker(headers, url)
    body, received = bytearray(), 0
    async for chunk in chunks:
        received += len(chunk)
        room = limit - len(body) + 1
        try:
            body += unpacker.decompress(chunk, room) if unpacker else chunk[:room]
        except zlib.error as error:
            raise Permanent("NOT_A_PAGE", f"{_host(url)} sent a broken page") from error
        if max(len(body), received) > limit:
            if room_for.cut:
                break
            raise Permanent(
                "TOO_LARGE",
                f"the page of {_host(url)} is larger than {limit} bytes",
                advice="Send the part that matters as `text`.",
            )
        if unpacker and unpacker.eof:
            break
    return bytes(body[:limit])


def _unpacker(headers: dict[str, str], url: str) -> Any:
    """What unpacks a body, or None where it is not packed."""
    encoding = headers.get("content-encoding", "identity").lower()
    if encoding not in ("identity", "gzip", "x-gzip"):
        raise Permanent("NOT_A_PAGE", f"{_host(url)} packs its page as {encoding[:20]}")
    return zlib.decompressobj(31) if encoding != "identity" else None


def _joined(url: str, location: str) -> str:
    """Where a redirect leads, which may be written in UTF-8 as it is."""
    try:
        return _askable(urljoin(url, _as_written(location)))
    except ValueError as error:
        raise blocked("it leads to what is no address") from error


def _as_written(header: str) -> str:
    """A header that was read byte by byte, in UTF-8 where it is that."""
    try:
        return header.encode("latin-1").decode()
    except UnicodeDecodeError:
        return header


def _askable(url: str) -> str:
    """An address in the form that HTTP sends: all in ASCII. Permanent for what is none."""
    address = web_address(url)
    if address is None:
        raise blocked("it is not the address of a web page")
    return address


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
