"""Research APIs over the corpus: Perplexity's Agent, Sonar and Search, and a generic search."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import uuid4

from pydantic import Field

from pipeline_defs.local.providers.apis.text import now, said_text
from pipeline_defs.local.providers.engine.language import sentences
from pipeline_defs.local.providers.engine.search import Result
from pipeline_defs.local.providers.engines import Engines
from pipeline_defs.local.providers.prices import (
    AGENT_SEARCH_USD,
    ANSWER_INPUT_USD,
    ANSWER_OUTPUT_USD,
    SEARCH_USD,
    SONAR_REQUEST_USD,
    token_cost,
    tokens,
)
from pipeline_defs.local.providers.server.shapes import ApiError
from pipeline_defs.local.providers.server.work import Answer, Bill, Body, Request

MODEL = "local-corpus-search"
RESULTS_OF_AN_ANSWER = 8
SENTENCES_OF_AN_ANSWER = 4
NOTHING = "The bundled texts hold nothing on this."


class _AgentBody(Body):
    input: str | list[dict[str, Any]]
    preset: str | None = None
    model: str | None = None
    instructions: str | None = None


class _SonarBody(Body):
    model: str = Field(min_length=1)
    messages: list[dict[str, Any]] = Field(min_length=1)


class _SearchBody(Body):
    query: str | list[str]
    max_results: int = Field(default=10, ge=1, le=20)


@dataclass(frozen=True, slots=True)
class _Cited:
    """A sentence of an answer, with the number of the result it is taken from (from one)."""

    text: str
    number: int


@dataclass(frozen=True, slots=True)
class _Spent:
    """Tokens of an answer and what they cost beside the search itself."""

    input: int
    output: int
    search_usd: Decimal

    @property
    def input_usd(self) -> Decimal:
        return token_cost(self.input, ANSWER_INPUT_USD)

    @property
    def output_usd(self) -> Decimal:
        return token_cost(self.output, ANSWER_OUTPUT_USD)

    @property
    def bill(self) -> Bill:
        total = self.input_usd + self.output_usd + self.search_usd
        return Bill(total, self.input, self.output)


class ResearchApi:
    """All research endpoints; `base_url` is where the corpus can be read."""

    def __init__(self, engines: Engines, base_url: str) -> None:
        self._engines = engines
        self._base_url = base_url

    def agent(self, request: Request) -> Answer:
        """Perplexity `POST /v1/responses`."""
        asked = request.parse(_AgentBody)
        query = _question(asked.input)
        if request.fault is not None and (request.fault.refusal or request.fault.incomplete):
            return _filtered(asked.preset or asked.model or MODEL)
        found = self._search(query, RESULTS_OF_AN_ANSWER)
        cited = _cited(found)
        text = _with_marks(cited)
        spent = _Spent(tokens(f"{asked.instructions or ''}{query}"), tokens(text), AGENT_SEARCH_USD)
        results = [
            {"id": number, **result, "source": "web"}
            for number, result in enumerate(self._results(found), start=1)
        ]
        message = {
            "id": f"msg_{uuid4().hex}",
            "type": "message",
            "role": "assistant",
            "status": "completed",
            "content": [
                {"type": "output_text", "text": text, "annotations": _annotations(cited, results)}
            ],
        }
        body = {
            "id": f"resp_{uuid4().hex}",
            "object": "response",
            "created_at": now(),
            "status": "completed",
            "model": MODEL,
            "error": None,
            "incomplete_details": None,
            "output": [
                {"type": "search_results", "queries": [query], "results": results},
                message,
            ],
            "usage": {
                "input_tokens": spent.input,
                "output_tokens": spent.output,
                "total_tokens": spent.input + spent.output,
                "cost": {
                    "currency": "USD",
                    "input_cost": float(spent.input_usd),
                    "output_cost": float(spent.output_usd),
                    "tool_calls_cost": float(spent.search_usd),
                    "total_cost": float(spent.bill.cost_usd),
                },
            },
        }
        return Answer(body, spent.bill, MODEL)

    def sonar(self, request: Request) -> Answer:
        """Perplexity's chat of old, `POST /chat/completions`."""
        asked = request.parse(_SonarBody)
        _refuse(request)
        query = _question(asked.messages)
        found = self._search(query, RESULTS_OF_AN_ANSWER)
        text = _with_marks(_cited(found))
        spent = _Spent(tokens(query), tokens(text), SONAR_REQUEST_USD)
        results = self._results(found)
        message = {"role": "assistant", "content": text}
        body = {
            "id": str(uuid4()),
            "object": "chat.completion",
            "created": now(),
            "model": MODEL,
            "citations": [result["url"] for result in results],
            "search_results": results,
            "choices": [{"index": 0, "finish_reason": "stop", "message": message}],
            "usage": {
                "prompt_tokens": spent.input,
                "completion_tokens": spent.output,
                "total_tokens": spent.input + spent.output,
                "search_context_size": "low",
                "cost": {
                    "input_tokens_cost": float(spent.input_usd),
                    "output_tokens_cost": float(spent.output_usd),
                    "request_cost": float(spent.search_usd),
                    "total_cost": float(spent.bill.cost_usd),
                },
            },
        }
        return Answer(body, spent.bill, MODEL)

    def search(self, request: Request) -> Answer:
        """Perplexity's Search API, `POST /search`; several queries share one list."""
        asked = request.parse(_SearchBody)
        _refuse(request)
        queries = [asked.query] if isinstance(asked.query, str) else asked.query
        found: dict[str, dict[str, Any]] = {}
        for query in queries:
            for result in self._results(self._search(query, asked.max_results)):
                found.setdefault(result["url"], result)
        results = list(found.values())[: asked.max_results]
        return Answer({"id": str(uuid4()), "results": results}, Bill(SEARCH_USD), MODEL)

    def web_search(self, request: Request) -> Answer:
        """A generic `GET /search?q=&count=`."""
        query = request.query.get("q", "")
        count = request.query.get("count", "10")
        if not query.strip():
            raise ApiError(422, "VALIDATION", "q: a query is needed")
        if not count.isdecimal() or not 1 <= int(count) <= 20:
            raise ApiError(422, "VALIDATION", "count: a number from 1 to 20 is needed")
        _refuse(request)
        results = self._results(self._search(query, int(count)))
        body = {"type": "search", "query": {"original": query}, "results": results}
        return Answer(body, Bill(SEARCH_USD), MODEL)

    def _search(self, query: str, limit: int) -> list[Result]:
        if not query.strip():
            raise ApiError(400, "invalid_request", "the query is empty")
        return self._engines.search.search(query, limit)

    def _results(self, found: Sequence[Result]) -> list[dict[str, Any]]:
        return [
            {
                "title": result.document.title,
                "url": f"{self._base_url}/corpus/{result.document.key}",
                "snippet": result.text,
                "date": result.document.written,
                "last_updated": result.document.written,
            }
            for result in found
        ]


def _question(asked: str | list[dict[str, Any]]) -> str:
    """The user's last message."""
    if isinstance(asked, str):
        return asked
    users = [m for m in asked if m.get("role") == "user"] or asked
    return said_text(users[-1].get("content")) if users else ""


def _cited(found: Sequence[Result]) -> list[_Cited]:
    """The sentence that opens each of the best results."""
    cited: list[_Cited] = []
    for number, result in enumerate(found[:SENTENCES_OF_AN_ANSWER], start=1):
        blocks = result.text.split("\n\n")
        prose = next((block for block in blocks if not block.startswith("#")), "")
        first = next(iter(sentences(prose)), "")
        if first:
            cited.append(_Cited(first, number))
    return cited


def _with_marks(cited: Sequence[_Cited]) -> str:
    return " ".join(f"{c.text} [{c.number}]" for c in cited) or NOTHING


def _annotations(
    cited: Sequence[_Cited], results: Sequence[dict[str, Any]]
) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    start = 0
    for sentence in cited:
        mark = f"[{sentence.number}]"
        begins = start + len(sentence.text) + 1
        result = results[sentence.number - 1]
        found.append(
            {
                "type": "citation",
                "start_index": begins,
                "end_index": begins + len(mark),
                "title": result["title"],
                "url": result["url"],
            }
        )
        start = begins + len(mark) + 1
    return found


def _refuse(request: Request) -> None:
    """What a refusal scripted by a fault looks like where the API has no place for it."""
    fault = request.fault
    if fault is not None and (fault.refusal or fault.incomplete):
        words = fault.refusal if isinstance(fault.refusal, str) else "The query is not allowed."
        raise ApiError(400, "content_policy_violation", words)


def _filtered(model: str) -> Answer:
    """The Agent API's answer to a question it will not look into; billed as a search."""
    body = {
        "id": f"resp_{uuid4().hex}",
        "object": "response",
        "created_at": now(),
        "status": "incomplete",
        "model": model,
        "error": None,
        "incomplete_details": {"reason": "content_filter"},
        "output": [],
        "usage": {
            "input_tokens": 0,
            "output_tokens": 0,
            "total_tokens": 0,
            "cost": {"currency": "USD", "total_cost": float(AGENT_SEARCH_USD)},
        },
    }
    return Answer(body, Bill(AGENT_SEARCH_USD), model)
