"""The `openai` package as our transport: its own retries off, bodies bounded, errors classified."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from pipeline_defs.gateways.endpoints import Endpoint
from pipeline_defs.gateways.failures import Failure, InvalidAnswer, classify_failure
from pipeline_defs.gateways.http import (
    ACCEPTED_ENCODINGS,
    bounded_reader,
    deadline,
    decode_json,
    tls_context,
    transport_failure,
)
from pipeline_defs.policies import PROVIDER_RESPONSE_LIMIT_BYTES

if TYPE_CHECKING:
    from openai import AsyncOpenAI

APPLICATION_HEADERS = {"X-OpenRouter-Title": "pipeline", "Accept-Encoding": ACCEPTED_ENCODINGS}


class OpenAITransport:
    """One endpoint's client, made in the event loop of its first call; close it there."""

    def __init__(self, endpoint: Endpoint, limit: int = PROVIDER_RESPONSE_LIMIT_BYTES) -> None:
        self.endpoint = endpoint
        self._limit = limit
        self._client: AsyncOpenAI | None = None

    async def aclose(self) -> None:
        """Close the connections; another call opens new ones."""
        client, self._client = self._client, None
        if client is not None:
            await client.close()

    async def ask(
        self, send: Callable[[AsyncOpenAI], Awaitable[Any]], *, timeout: float, model: str
    ) -> dict[str, Any]:
        """The JSON object that `send` (a `with_raw_response` call) gets within `timeout` seconds.

        Raises classified errors, also for an `error` inside a successful answer.
        """
        async with deadline(timeout, self.endpoint), sdk_errors(self.endpoint, model):
            raw = await send(self._opened())
        response = raw.http_response
        body = decode_json(response.content)
        if not isinstance(body, dict):
            raise InvalidAnswer(f"{self.endpoint.label} answered with something that is no object")
        if body.get("error"):
            raise classify_failure(
                Failure(inner_status(body["error"]), response.headers, body, model), self.endpoint
            )
        return body

    def _opened(self) -> AsyncOpenAI:
        if self._client is None:
            self._client = self._made()
        return self._client

    def _made(self) -> AsyncOpenAI:
        import httpx2
        from openai import AsyncOpenAI

        key = self.endpoint.key.get_secret_value() if self.endpoint.key is not None else "none"
        client = AsyncOpenAI(
            api_key=key,
            base_url=self.endpoint.base_url,
            max_retries=0,
            default_headers=APPLICATION_HEADERS,
            http_client=httpx2.AsyncClient(
                follow_redirects=False,
                trust_env=not self.endpoint.is_loopback,
                verify=tls_context(),
                event_hooks={
                    "response": [bounded_reader(httpx2.ByteStream, self.endpoint, self._limit)]
                },
            ),
        )
        if self.endpoint.provider != "openai" or self.endpoint.local:
            client.organization = client.project = None  # the environment's are for OpenAI only
        return client


@asynccontextmanager
async def sdk_errors(endpoint: Endpoint, model: str) -> AsyncGenerator[None, None]:
    """Turns the package's exceptions into classified errors."""
    import openai

    try:
        yield
    except openai.APIStatusError as error:
        response = error.response
        body = decode_json(response.content)
        failure = Failure(response.status_code, response.headers, body, model)
        raise classify_failure(failure, endpoint) from None
    except openai.APIConnectionError as error:
        raise transport_failure(error.__cause__ or error, endpoint) from error
    except openai.OpenAIError as error:
        raise InvalidAnswer(f"{endpoint.label} cannot be read ({type(error).__name__})") from error


def inner_status(error: Any) -> int:
    """The HTTP status an error inside a 200 stands for: its numeric code, else 502."""
    code = error.get("code") if isinstance(error, dict) else None
    return code if isinstance(code, int) and 400 <= code < 600 else 502
