"""HTTP to providers: bounded, deadlined, without redirects, with errors already classified.

The `openai` package's requests take this way too (`openai_wire.py`). A body is read to at most
`limit` decoded bytes, so neither a huge answer nor a small one that unpacks to a huge one is ever
held in memory. aiohttp, since httpx needs several times its CPU time for each request.
"""

from __future__ import annotations

import asyncio
import json
import ssl
import zlib
from collections.abc import AsyncGenerator, AsyncIterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import cache
from io import BytesIO
from typing import Any, Self
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import aiohttp

from pipeline_defs.domain.errors import PipelineError, Transient
from pipeline_defs.gateways.endpoints import Endpoint
from pipeline_defs.gateways.failures import Failure, InvalidAnswer, classify_failure
from pipeline_defs.policies import PROVIDER_RESPONSE_LIMIT_BYTES

CONNECT_TIMEOUT = 10.0
IDLE_CONNECTION_KEPT = 4.0  # seconds: many servers close theirs after five
ACCEPTED_ENCODINGS = "gzip, deflate"
NEVER_SENT = (
    aiohttp.ClientConnectorError,  # also what concerns names, certificates and a proxy
    aiohttp.ConnectionTimeoutError,
    aiohttp.ClientHttpProxyError,
    aiohttp.InvalidURL,
    aiohttp.NonHttpUrlClientError,
)


@dataclass(frozen=True, slots=True)
class Reply:
    """A complete answer of any status; `body` is decoded and within the limit."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        """The decoded JSON, or None where the body is none."""
        return decode_json(self.body)

    @property
    def media_type(self) -> str:
        """What the body is said to be: `audio/wav`, in lower case and without parameters."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()


@dataclass(frozen=True, slots=True)
class Call:
    """A request to a provider; `path` is appended to the endpoint's address."""

    method: str
    path: str
    timeout: float
    json: Any = None
    params: Mapping[str, str | int] | None = None
    form: Mapping[str, str | list[str]] | None = None  # with `file`: as multipart/form-data
    file: tuple[str, bytes, str] | None = None  # name, content, media type
    headers: Mapping[str, str] | None = None
    idempotency_key: str = ""
    model: str = ""  # makes a 404 mean MODEL_GONE


class Http:
    """Requests to one endpoint. Bound to the event loop of its first request; close it there."""

    def __init__(self, endpoint: Endpoint, limit: int = PROVIDER_RESPONSE_LIMIT_BYTES) -> None:
        self.endpoint = endpoint
        self._limit = limit
        self._session: aiohttp.ClientSession | None = None
        self._proxy: str | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Close the connections; another request opens new ones."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    async def json(self, call: Call) -> Any:
        """The JSON of a successful answer; every other outcome raises a classified error."""
        found = (await self.reply(call)).json()
        if found is None:
            raise InvalidAnswer(f"{self.endpoint.label} answered with something that is not JSON")
        return found

    async def reply(self, call: Call) -> Reply:
        """A successful answer of any type; every other outcome raises a classified error."""
        reply = await self.send(call)
        if not 200 <= reply.status < 300:
            failure = Failure(reply.status, reply.headers, reply.json(), call.model)
            raise classify_failure(failure, self.endpoint)
        return reply

    async def send(self, call: Call) -> Reply:
        """One exchange within `call.timeout` seconds in all; only transport failures raise."""
        headers = dict(call.headers or {})
        if call.idempotency_key:
            headers["Idempotency-Key"] = call.idempotency_key
        body = _body(call)
        if call.json is not None:
            headers["Content-Type"] = "application/json"
        url = self.endpoint.base_url + call.path
        async with deadline(call.timeout, self.endpoint):
            return await self.exchange(call.method, url, headers, body, call.params)

    async def exchange(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str],
        body: aiohttp.FormData | BytesIO | None,
        params: Mapping[str, str | int] | None = None,
    ) -> Reply:
        """A complete answer of any status; for as long as the caller waits."""
        async with (
            transport_errors(self.endpoint),
            self._opened().request(
                method,
                url,
                headers=headers,
                data=body,
                params=params,
                proxy=self._proxy,
                allow_redirects=False,
            ) as response,
        ):
            encoding = response.headers.get("content-encoding", "")
            read = await _decoded(response.content.iter_any(), encoding, self._limit, self.endpoint)
            return Reply(response.status, response.headers, read)

    def _opened(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._proxy = _proxy_for(self.endpoint)
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(
                    ssl=tls_context(), keepalive_timeout=IDLE_CONNECTION_KEPT
                ),
                timeout=aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_TIMEOUT),
                cookie_jar=aiohttp.DummyCookieJar(),
                headers={"Accept-Encoding": ACCEPTED_ENCODINGS, "Accept": "application/json"},
                auto_decompress=False,
                middlewares=(self._once,),
            )
        return self._session

    async def _once(
        self, request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType
    ) -> aiohttp.ClientResponse:
        """Classified here already: a lost answer aiohttp would ask for again, untold."""
        async with transport_errors(self.endpoint):
            return await handler(request)


def _body(call: Call) -> aiohttp.FormData | BytesIO | None:
    """What is sent; as a file in memory, as aiohttp is slow to send many bytes at once."""
    if call.json is not None:
        text = json.dumps(call.json, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
        return BytesIO(text.encode())
    if call.form is None and call.file is None:
        return None
    form = aiohttp.FormData()
    for name, value in (call.form or {}).items():
        for one in [value] if isinstance(value, str) else value:
            form.add_field(name, one)
    if call.file is not None:
        name, content, media_type = call.file
        form.add_field("file", BytesIO(content), filename=name, content_type=media_type)
    return form


def _proxy_for(endpoint: Endpoint) -> str | None:
    """The environment's. aiohttp's own way would also send what a `.netrc` says to providers."""
    parts = urlsplit(endpoint.base_url)
    if endpoint.is_loopback or proxy_bypass(parts.netloc):
        return None
    proxies = getproxies()
    return proxies.get(parts.scheme) or proxies.get("all")


@cache
def tls_context() -> ssl.SSLContext:
    """One TLS configuration for all clients: loading the certificates takes long."""
    import httpx  # which knows where they are: in SSL_CERT_FILE, SSL_CERT_DIR or a package

    return httpx.create_ssl_context()


@asynccontextmanager
async def deadline(seconds: float, endpoint: Endpoint) -> AsyncGenerator[None, None]:
    """At most `seconds` in all, however the bytes trickle; else a Transient TIMEOUT."""
    try:
        async with asyncio.timeout(seconds):
            yield
    except TimeoutError as error:
        raise _timed_out(endpoint, seconds) from error


@asynccontextmanager
async def transport_errors(endpoint: Endpoint) -> AsyncGenerator[None, None]:
    """Turns failures of the connection into classified errors that name no address and no key."""
    try:
        yield
    except PipelineError:
        raise
    except (aiohttp.ClientError, OSError) as error:
        if isinstance(error, TimeoutError) and not isinstance(error, aiohttp.ClientError):
            raise  # of whoever waits
        raise _transport_failure(error, endpoint) from error


def _transport_failure(error: Exception, endpoint: Endpoint) -> Transient:
    """A failure without an answer. UNREACHABLE means that nothing was sent, so nothing was paid."""
    kind = type(error).__name__
    if isinstance(error, NEVER_SENT):
        return Transient("UNREACHABLE", f"{endpoint.label} cannot be reached ({kind})")
    return Transient("CONNECTION_LOST", f"the answer of {endpoint.label} was lost ({kind})")


async def _decoded(
    chunks: AsyncIterable[bytes], encoding: str, limit: int, endpoint: Endpoint
) -> bytes:
    encoding = encoding.strip().lower()
    if encoding not in {"identity", "", "gzip", "deflate"}:
        raise InvalidAnswer(f"{endpoint.label} used a content encoding it was not offered")
    packed = None if encoding in {"identity", ""} else zlib.decompressobj(wbits=47)
    body = bytearray()
    try:
        async for chunk in chunks:
            body += chunk if packed is None else packed.decompress(chunk, limit - len(body) + 1)
            if len(body) > limit:
                raise InvalidAnswer(f"{endpoint.label} answered with more than {limit} bytes")
    except zlib.error as error:
        raise InvalidAnswer(f"{endpoint.label} answered with a broken {encoding} body") from error
    if packed is not None and body and not packed.eof:
        raise Transient("CONNECTION_LOST", f"the answer of {endpoint.label} ends too early")
    return bytes(body)


def decode_json(body: bytes) -> Any:
    """The JSON value of `body`, or None where it is none."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def _timed_out(endpoint: Endpoint, seconds: float) -> Transient:
    return Transient("TIMEOUT", f"{endpoint.label} did not answer within {seconds:g} s")
