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
# IPv4 within IPv6: the last 32 bits of addresses that are compatible, translated or of ISATAP
COMPATIBLE = ipaddress.ip_network("::/96")
TRANSLATED = ipaddress.ip_network("::ffff:0:0:0/96")
ISATAP = frozenset({0x00005EFE, 0x02005EFE})
# Python 3.11 takes these for public, or knows them by no name: IANA's registries of special
# addresses, and where clouds answer their own machines.
SPECIAL = tuple(
    ipaddress.ip_network(text)
    for text in (
        "192.0.0.0/24", "192.88.99.0/24", "168.63.129.16/32", "100.100.100.200/32",
        "64:ff9b:1::/48", "100:0:0:1::/64", "2001::/23", "3fff::/20", "5f00::/16", "fec0::/10",
    )
)  # fmt: skip


async def system_resolve(host: str, port: int) -> list[str]:
    """What the system's resolver knows of a name."""
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(entry[4][0]) for entry in found]


def is_public(address: Address) -> bool:
    """Whether anybody on the internet may be there; what is embedded in an address counts too."""
    if isinstance(address, ipaddress.IPv6Address):
        if address.scope_id is not None:
            return False
        inner = _embedded(address)
        if inner is not None:
            return is_public(inner)
    if any(address in network for network in SPECIAL):
        return False
    return address.is_global and not address.is_multicast and not address.is_reserved


def _embedded(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    """The IPv4 address that is reached through an IPv6 address."""
    inner = address.ipv4_mapped or address.sixtofour
    if inner is not None:
        return inner
    if address.teredo is not None:
        return address.teredo[1]
    number = int(address)
    within = any(address in network for network in (NAT64, COMPATIBLE, TRANSLATED))
    if within or (number >> 32) & 0xFFFFFFFF in ISATAP:
        return ipaddress.IPv4Address(number & 0xFFFFFFFF)
    return None


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
