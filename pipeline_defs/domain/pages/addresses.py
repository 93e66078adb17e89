"""Addresses as they may stand in a page: web pages only, in the form HTML allows."""

from __future__ import annotations

import re
from urllib.parse import quote, urlsplit, urlunsplit

SAFE = "!$&'()*+,;=:@/-._~%"
STRAY_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
HOST = re.compile(r"[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:.]+\]")
MOST_CHARS = 2000


def web_address(url: str | None) -> str | None:
    """`url` with everything encoded that has to be; None for all that is no http(s) address."""
    if not url or len(url) > MOST_CHARS:
        return None
    try:
        parts = urlsplit(url.strip())
        port = parts.port
    except ValueError:
        return None
    host = _host(parts.hostname or "")
    if parts.scheme not in ("http", "https") or host is None or "@" in parts.netloc:
        return None
    place = host if port is None else f"{host}:{port}"
    path, fragment = _encoded(parts.path, SAFE) or "/", _encoded(parts.fragment, SAFE)
    return urlunsplit((parts.scheme, place, path, _encoded(parts.query, SAFE + "?"), fragment))


def page_of(url: str) -> str:
    """The page an address belongs to, without its fragment."""
    return url.partition("#")[0]


def root_of(url: str) -> str:
    """The first page of the site an address belongs to."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}/"


def host_of(url: str) -> str:
    """The name of the machine an address asks."""
    return urlsplit(url).netloc


def _host(name: str) -> str | None:
    try:
        ascii_name = name if name.isascii() else name.encode("idna").decode()
    except UnicodeError:
        return None
    shown = f"[{ascii_name}]" if ":" in ascii_name else ascii_name
    return shown if HOST.fullmatch(shown) and ".." not in shown else None


def _encoded(part: str, safe: str) -> str:
    return quote(STRAY_PERCENT.sub("%25", part), safe=safe)
