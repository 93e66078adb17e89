"""HTTP to providers: bounded, deadlined, without redirects, with errors already classified.

Used with `httpx` directly, and with the client inside the `openai` package through
`bounded_reader`. A body is read to at most `limit` decoded bytes, so neither a huge answer nor a
small one that unpacks to a huge one is ever held in memory.
"""

from __future__ import annotations

import asyncio
import json
import ssl
import zlib
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import cache
from typing import Any, Self

import httpx

from pipeline_defs.domain.errors import PipelineError, Transient
from pipeline_defs.gateways.endpoints import Endpoint
from pipeline_defs.gateways.failures import Failure, InvalidAnswer, classify_failure
from pipeline_defs.policies import PROVIDER_RESPONSE_LIMIT_BYTES

CONNECT_TIMEOUT = 10.0
ACCEPTED_ENCODINGS = "gzip, deflate"
_NEVER_SENT = {"ConnectError", "ConnectTimeout", "PoolTimeout", "ProxyError", "UnsupportedProtocol"}


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
        self._client: httpx.AsyncClient | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Close the connections; another request opens new ones."""
        client, self._client = self._client, None
        if client is not None:
            await client.aclose()

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
        async with deadline(call.timeout, self.endpoint), transport_errors(self.endpoint):
            response = await self._opened().request(
                call.method,
                self.endpoint.base_url + call.path,
                json=call.json,
                data=call.form,
                files={"file": call.file} if call.file is not None else None,
                params=dict(call.params) if call.params is not None else None,
                headers=headers,
                timeout=httpx.Timeout(call.timeout, connect=min(call.timeout, CONNECT_TIMEOUT)),
            )
        return Reply(response.status_code, response.headers, response.content)

    def _opened(self) -> httpx.AsyncClient:
        if self._client is None:
            self._client = httpx.AsyncClient(
                follow_redirects=False,
                trust_env=not self.endpoint.is_loopback,
                verify=tls_context(),
                headers={"Accept-Encoding": ACCEPTED_ENCODINGS, "Accept": "application/json"},
                event_hooks={
                    "response": [bounded_reader(httpx.ByteStream, self.endpoint, self._limit)]
                },
            )
        return self._client


@cache
def tls_context() -> ssl.SSLContext:
    """One TLS configuration for all clients: loading the certificates takes long."""
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
    except (httpx.HTTPError, httpx.InvalidURL, ssl.SSLError, OSError) as error:
        if isinstance(error, TimeoutError):
            raise
        raise transport_failure(error, endpoint) from error


def transport_failure(error: BaseException, endpoint: Endpoint) -> Transient:
    """A failure without an answer. UNREACHABLE means that nothing was sent, so nothing was paid."""
    kind = type(error).__name__
    if kind in _NEVER_SENT:
        return Transient("UNREACHABLE", f"{endpoint.label} cannot be reached ({kind})")
    if "Timeout" in kind:
        return Transient("TIMEOUT", f"{endpoint.label} did not answer in time ({kind})")
    return Transient("CONNECTION_LOST", f"the answer of {endpoint.label} was lost ({kind})")


def bounded_reader(
    byte_stream: Callable[[bytes], Any], endpoint: Endpoint, limit: int
) -> Callable[[Any], Awaitable[None]]:
    """A response hook that reads and decodes the body itself, to at most `limit` bytes.

    Works with httpx and with the fork inside the `openai` package: `byte_stream` is their class
    for a body in memory, which replaces the stream from the network.
    """

    async def read(response: Any) -> None:
        stream = response.stream
        encoding = response.headers.pop("content-encoding", "identity")
        try:
            body = await _decoded(stream, encoding, limit, endpoint)
        finally:
            await stream.aclose()
        response.stream = byte_stream(body)

    return read


async def _decoded(stream: Any, encoding: str, limit: int, endpoint: Endpoint) -> bytes:
    encoding = encoding.strip().lower()
    if encoding not in {"identity", "", "gzip", "deflate"}:
        raise InvalidAnswer(f"{endpoint.label} used a content encoding it was not offered")
    packed = None if encoding in {"identity", ""} else zlib.decompressobj(wbits=47)
    body = bytearray()
    try:
        async for chunk in stream:
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
