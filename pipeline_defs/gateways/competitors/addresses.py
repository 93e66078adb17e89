"""Which addresses may be connected to when a user names a page: public ones, and nothing else.

A name is resolved here and the connection goes to the very address that was checked, so that a
name which answers differently a moment later leads nowhere else.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections.abc import Awaitable, Callable, Iterable
from typing import Any

import httpcore

from pipeline_defs.domain.errors import Permanent, Transient

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Resolve = Callable[[str, int], Awaitable[list[str]]]
PORTS = frozenset({80, 443})
NAT64 = ipaddress.ip_network("64:ff9b::/96")


async def system_resolve(host: str, port: int) -> list[str]:
    """What the system's resolver knows of a name."""
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(entry[4][0]) for entry in found]


def is_public(address: Address) -> bool:
    """Whether anybody on the internet may be there; what is embedded in an address counts too."""
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour
        if address.teredo is not None:
            inner = address.teredo[1]
        if address in NAT64:
            inner = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(inner)
    return address.is_global and not address.is_multicast and not address.is_reserved


class CheckedBackend(httpcore.AsyncNetworkBackend):
    """Connects to public addresses alone. `allowed`: `host:port` that may be anywhere."""

    def __init__(self, allowed: Iterable[str], resolve: Resolve = system_resolve) -> None:
        self._allowed = frozenset(allowed)
        self._resolve = resolve
        self._inner: httpcore.AsyncNetworkBackend = httpcore.AnyIOBackend()  # pyright: ignore[reportAttributeAccessIssue]

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """A connection to one of the addresses of `host`. Raises Permanent `BLOCKED_ADDRESS`."""
        trusted = f"{host}:{port}" in self._allowed
        if port not in PORTS and not trusted:
            raise blocked(f"port {port} is not that of a website")
        try:
            found = [ipaddress.ip_address(text) for text in await self._resolve(host, port)]
        except (OSError, ValueError) as error:
            raise Transient("UNREACHABLE", f"the name {host} is not known") from error
        if not trusted and not all(is_public(address) for address in found):
            raise blocked(f"{host} is not a public address")
        if not found:
            raise Transient("UNREACHABLE", f"the name {host} has no address")
        return await self._inner.connect_tcp(
            str(found[0]), port, timeout, local_address, socket_options
        )

    async def connect_unix_socket(
        self,
        path: str,
        timeout: float | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Never."""
        raise blocked("a page is not behind a socket of this machine")

    async def sleep(self, seconds: float) -> None:
        """Wait, as the pool asks for."""
        await asyncio.sleep(seconds)


def blocked(why: str) -> Permanent:
    """The error for an address that nothing may be fetched from."""
    return Permanent(
        "BLOCKED_ADDRESS",
        why,
        advice="Name a page of the public web, or send its text as `text`.",
    )
