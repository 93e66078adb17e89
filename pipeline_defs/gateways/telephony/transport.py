"""The HTTP below Twilio's client: bounded, deadlined, without redirects or proxies to loopback."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

from twilio.http import AsyncHttpClient
from twilio.http.response import Response

from pipeline_defs.gateways.http import Call, Http


class BoundedTransport(AsyncHttpClient):
    """What Twilio's client sends its requests with. Failures of transport are raised classified."""

    def __init__(self, http: Http, timeout: float) -> None:
        super().__init__(None, True, timeout)  # pyright: ignore[reportArgumentType] # logs nothing
        self._http = http
        self._timeout = timeout

    async def request(
        self,
        method: str,
        uri: str,
        params: dict[str, Any] | None = None,
        data: dict[str, Any] | None = None,
        headers: dict[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        timeout: float | None = None,
        allow_redirects: bool = False,
    ) -> Response:
        """One exchange with the endpoint; the client's own idea of where that is must agree."""
        base = self._http.endpoint.base_url
        if not uri.startswith(f"{base}/"):
            raise ValueError("a request to another address than Twilio's")
        sent = dict(headers or {})
        if auth is not None:
            sent["Authorization"] = basic(*auth)
        reply = await self._http.send(
            Call(
                method,
                uri.removeprefix(base),
                timeout or self._timeout,
                params={name: str(value) for name, value in (params or {}).items()},
                form=_texts(data) if data else None,
                headers=sent,
            )
        )
        return Response(reply.status, reply.body.decode(errors="replace"), dict(reply.headers))


def _texts(data: Mapping[str, Any]) -> dict[str, str | list[str]]:
    """Numbers as a form sends them; Twilio's client has made texts of truths and times."""
    return {
        name: [str(one) for one in value] if isinstance(value, list) else str(value)
        for name, value in data.items()
    }


def basic(user: str, secret: str) -> str:
    """The header of HTTP Basic authentication (RFC 7617)."""
    return "Basic " + base64.b64encode(f"{user}:{secret}".encode()).decode()
