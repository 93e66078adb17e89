"""Research at Perplexity: the Agent API, the Search API, and the Sonar chat of old.

The Agent API and Sonar share one reader, as gateways answer the one in the shape of the other.
`[n]` in a text means the result with id n, counted from one; sources keep that order.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from pydantic import Field

from pipeline_defs.domain.articles.prompts import RESEARCH_INSTRUCTIONS
from pipeline_defs.domain.errors import Transient
from pipeline_defs.gateways.catalog import Model
from pipeline_defs.gateways.chain import derived_key
from pipeline_defs.gateways.endpoints import Endpoint
from pipeline_defs.gateways.failures import InvalidAnswer, Refused
from pipeline_defs.gateways.http import Call, Http
from pipeline_defs.gateways.research.billing import SearchBill, search_usage
from pipeline_defs.gateways.research.port import ResearchAnswer, ResearchRequest
from pipeline_defs.gateways.research.sources import Found, citable
from pipeline_defs.gateways.wire import Wire, expect_no_error, parse_wire


class _Result(Wire):
    id: int | None = None  # counted from one
    title: str | None = None
    url: str
    snippet: str | None = None
    date: str | None = None
    last_updated: str | None = None

    def found(self) -> Found:
        published = self.date or self.last_updated
        return Found(self.title or "", self.url, self.snippet or "", published)


class _Item(Wire):
    type: str
    results: tuple[_Result, ...] = ()


class _Cost(Wire):
    total_cost: Decimal | None = Field(default=None, ge=0)


class _Usage(Wire):
    input_tokens: int | None = None
    output_tokens: int | None = None
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    cost: _Cost | None = None


class _Incomplete(Wire):
    reason: str | None = None


class _Answer(Wire):
    """Both shapes: `output` items of the Agent API, `citations`/`search_results` of Sonar."""

    model: str = ""
    status: str | None = None
    output: tuple[_Item, ...] | None = None
    incomplete_details: _Incomplete | None = None
    citations: tuple[str, ...] | None = None
    search_results: tuple[_Result, ...] | None = None
    usage: _Usage | None = None


class _SearchAnswer(Wire):
    results: tuple[_Result, ...]


class PerplexityResearch:
    """The Agent API (`POST /v1/responses` with a preset) or Sonar (`POST /chat/completions`)."""

    def __init__(self, http: Http, model: Model) -> None:
        self._http = http
        self._model = model

    async def search(self, request: ResearchRequest) -> ResearchAnswer:
        """See `ResearchPort.search`."""
        sonar = self._model.api == "perplexity-sonar"
        body = await self._http.json(
            Call(
                "POST",
                "/chat/completions" if sonar else "/v1/responses",
                request.timeout,
                json=self._sonar(request) if sonar else self._agent(request),
                headers=self._http.endpoint.bearer,
                idempotency_key=derived_key(request.idempotency_key, self._model),
                model=self._model.id,
            )
        )
        endpoint = self._http.endpoint
        expect_no_error(body, endpoint, self._model.id)
        answer = parse_wire(_Answer, body, endpoint)
        usage = search_usage(endpoint, self._model, _bill(answer))
        if answer.incomplete_details and answer.incomplete_details.reason == "content_filter":
            raise Refused(endpoint.label, "", usage)
        if answer.status == "failed":
            raise Transient("PROVIDER_ERROR", f"{endpoint.label} gave up on the search")
        return ResearchAnswer(citable(_found(answer, endpoint), request.max_results), usage)

    def _agent(self, request: ResearchRequest) -> dict[str, Any]:
        return {
            "preset": self._model.id,
            "instructions": RESEARCH_INSTRUCTIONS,
            "input": request.query,
            **self._model.options,
        }

    def _sonar(self, request: ResearchRequest) -> dict[str, Any]:
        return {
            "model": self._model.id,
            "messages": [
                {"role": "system", "content": RESEARCH_INSTRUCTIONS},
                {"role": "user", "content": request.query},
            ],
            **self._model.options,
        }


class PerplexitySearch:
    """The Search API (`POST /search`): results without an answer."""

    def __init__(self, http: Http, model: Model) -> None:
        self._http = http
        self._model = model

    async def search(self, request: ResearchRequest) -> ResearchAnswer:
        """See `ResearchPort.search`."""
        asked = min(request.max_results, 20)
        body = await self._http.json(
            Call(
                "POST",
                "/search",
                request.timeout,
                json={"query": request.query, "max_results": asked, **self._model.options},
                headers=self._http.endpoint.bearer,
                idempotency_key=derived_key(request.idempotency_key, self._model),
            )
        )
        endpoint = self._http.endpoint
        expect_no_error(body, endpoint)
        answer = parse_wire(_SearchAnswer, body, endpoint)
        found = (result.found() for result in answer.results)
        usage = search_usage(endpoint, self._model, SearchBill())
        return ResearchAnswer(citable(found, request.max_results), usage)


def _found(answer: _Answer, endpoint: Endpoint) -> list[Found]:
    """All results in the order in which `[n]` counts them."""
    if answer.output is not None:
        items = [item for item in answer.output if item.type == "search_results"]
        return [result.found() for item in items for result in _by_id(item.results)]
    if answer.search_results is None and answer.citations is None:
        raise InvalidAnswer(f"{endpoint.label} answered without search results")
    results = list(answer.search_results or ())
    if not answer.citations:
        return [result.found() for result in _by_id(results)]
    by_url = {result.url: result for result in reversed(results)}
    cited = [by_url.get(url) or _Result(url=url) for url in answer.citations]
    uncited = [result for result in results if result.url not in set(answer.citations)]
    return [result.found() for result in (*cited, *uncited)]


def _by_id(results: Any) -> list[_Result]:
    return sorted(results, key=lambda result: result.id if result.id is not None else 0)


def _bill(answer: _Answer) -> SearchBill:
    usage = answer.usage or _Usage()
    searches = sum(item.type == "search_results" for item in answer.output or ())
    return SearchBill(
        model=answer.model,
        input_tokens=usage.input_tokens or usage.prompt_tokens or 0,
        output_tokens=usage.output_tokens or usage.completion_tokens or 0,
        searches=max(searches, 1),
        cost_usd=usage.cost.total_cost if usage.cost else None,
    )
