"""From what a provider found to sources that may be cited."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit, urlunsplit

from pipeline_defs.gateways.research.port import Source

TEXT_LIMIT = 20_000  # characters kept of one source
TITLE_LIMIT = 300
URL_LIMIT = 2_000
_UNSAFE = re.compile(r"[\x00-\x20\x7f<>\"\\^`{|}]")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_DEFAULT_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Found:
    """A result as a provider gave it; anything may be wrong with it."""

    title: str
    url: str
    text: str
    published: str | None = None


def citable(found: Iterable[Found], limit: int) -> tuple[Source, ...]:
    """The usable results: a good address, a text, each address once, at most `limit`.

    A result without text is left out: nothing could be quoted from it.
    """
    sources: dict[str, Source] = {}
    for result in found:
        url = normal_url(result.url)
        text = _CONTROL.sub(" ", result.text).strip()[:TEXT_LIMIT]
        if url is None or not text or url in sources:
            continue
        title = " ".join(_CONTROL.sub(" ", result.title).split())[:TITLE_LIMIT]
        host = urlsplit(url).hostname or url
        sources[url] = Source(title or host, url, text, _date(result.published))
        if len(sources) == limit:
            break
    return tuple(sources.values())


def normal_url(url: str) -> str | None:
    """The address in normal form, or None unless it is plain http(s) without credentials.

    Host in lower case, no default port, no fragment: so one page has one address.
    """
    url = url.strip()
    if len(url) > URL_LIMIT or _UNSAFE.search(url):
        return None
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        return None
    if parts.scheme not in _DEFAULT_PORTS or not host or "@" in parts.netloc:
        return None
    netloc = f"[{host}]" if ":" in host else host
    if port is not None and port != _DEFAULT_PORTS[parts.scheme]:
        netloc = f"{netloc}:{port}"
    return urlunsplit((parts.scheme, netloc, parts.path or "/", parts.query, ""))


def _date(value: str | None) -> str | None:
    text = " ".join((value or "").split())
    return text[:40] or None
