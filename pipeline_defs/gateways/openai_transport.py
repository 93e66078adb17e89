"""The `openai` package as our transport: its own retries off, bodies bounded, errors classified."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from pipeline_defs.domain.errors import PipelineError
from pipeline_defs.gateways.endpoints import Endpoint
from pipeline_defs.gateways.failures import Failure, InvalidAnswer, classify_failure, inner_status
from pipeline_defs.gateways.http import ACCEPTED_ENCODINGS, Http, Reply, deadline, decode_json
from pipeline_defs.policies import PROVIDER_RESPONSE_LIMIT_BYTES

if TYPE_CHECKING:
    from openai import AsyncOpenAI

APPLICATION_HEADERS = {
    "Accept-Encoding": ACCEPTED_ENCODINGS,
    "X-OpenRouter-Title": "pipeline",
}


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
        raw = await self._exchange(send, timeout, model)
        response = raw.http_response
        body = decode_json(response.content)
        if not isinstance(body, dict):
            raise InvalidAnswer(f"{self.endpoint.label} answered with something that is no object")
        if body.get("error"):
            raise classify_failure(
                Failure(inner_status(body["error"]), response.headers, body, model), self.endpoint
            )
        return body

    async def ask_media(
        self, send: Callable[[AsyncOpenAI], Awaitable[Any]], *, timeout: float, model: str
    ) -> Reply:
        """The successful answer of any type that `send` gets; raises classified errors."""
        response = (await self._exchange(send, timeout, model)).http_response
        return Reply(response.status_code, response.headers, response.content)

    async def _exchange(
        self, send: Callable[[AsyncOpenAI], Awaitable[Any]], timeout: float, model: str
    ) -> Any:
        """The raw answer. The package's status errors repeat the answer, which may repeat the key:
        they are raised anew outside of their handler, so that nothing carries them along."""
        import openai

        try:
            async with deadline(timeout, self.endpoint):
                return await send(self._opened())
        except openai.APIStatusError as error:
            response = error.response
        except openai.OpenAIError as error:
            if isinstance(error.__cause__, PipelineError):  # of `Http`, classified already
                raise error.__cause__ from None
            kind = type(error).__name__
            raise InvalidAnswer(f"{self.endpoint.label} cannot be read ({kind})") from None
        failed = Failure(
            response.status_code, response.headers, decode_json(response.content), model
        )
        raise classify_failure(failed, self.endpoint)

    def _opened(self) -> AsyncOpenAI:
        if self._client is None:
            self._client = self._made()
        return self._client

    def _made(self) -> AsyncOpenAI:
        from openai import AsyncOpenAI

        from pipeline_defs.gateways.openai_wire import wired

        key = self.endpoint.key.get_secret_value() if self.endpoint.key is not None else "none"
        client = AsyncOpenAI(
            api_key=key,
            base_url=self.endpoint.base_url,
            max_retries=0,
            default_headers=APPLICATION_HEADERS,
            http_client=wired(Http(self.endpoint, self._limit)),
        )
        if self.endpoint.provider != "openai" or self.endpoint.local:
            client.organization = client.project = None  # the environment's are for OpenAI only
        return client
