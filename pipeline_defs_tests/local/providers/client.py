"""Requests as the real adapters make them, in a few words."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

import httpx
from pydantic import BaseModel

from pipeline_defs.domain.articles.drafts import OutlineDraft, OutlineTask, SectionDraft
from pipeline_defs.domain.articles.prompts import as_prompt

KEY = "local-test-key"
BASE_URL = "http://local.test"
POSTS = "/wordpress/wp-json/wp/v2/posts"
BEARER = {"Authorization": f"Bearer {KEY}"}


@dataclass
class Providers:
    """A client with the server's key."""

    http: httpx.AsyncClient
    headers: dict[str, str] = field(default_factory=lambda: dict(BEARER))

    async def post(self, path: str, body: Any, key: str = "", **headers: str) -> httpx.Response:
        keyed = {"Idempotency-Key": key} if key else {}
        return await self.http.post(path, json=body, headers={**self.headers, **keyed, **headers})

    async def get(self, path: str, **params: Any) -> httpx.Response:
        return await self.http.get(path, params=params, headers=self.headers)

    async def outline(self, topic: str = "Volcanoes", sections: int = 3, key: str = "") -> Any:
        return await self.post("/openai/v1/responses", outline_body(topic, sections), key)

    async def search(self, query: str, key: str = "") -> httpx.Response:
        return await self.post("/perplexity/search", {"query": query, "max_results": 5}, key)

    async def wordpress(
        self, method: str, path: str = "", body: Any = None, key: str = "", **params: Any
    ) -> httpx.Response:
        return await self.http.request(
            method,
            POSTS + path,
            json=body,
            params=params,
            auth=("local", KEY),
            headers={"Idempotency-Key": key} if key else {},
        )

    async def faults(self, *rules: dict[str, Any]) -> httpx.Response:
        return await self.http.put(
            "/_control/faults", json={"rules": list(rules)}, headers=self.headers
        )

    async def calls(self) -> list[dict[str, Any]]:
        return (await self.get("/_control/calls")).json()["calls"]

    async def totals(self) -> dict[str, Any]:
        return (await self.get("/_control/calls")).json()["totals"]


def outline_body(topic: str = "Volcanoes", sections: int = 3, **more: Any) -> dict[str, Any]:
    """A Responses request for an outline."""
    task = OutlineTask(topic=topic, sections=sections)
    return responses_body(task, OutlineDraft, **more)


def responses_body(
    task: BaseModel, answer: type[OutlineDraft] | type[SectionDraft], **more: Any
) -> dict[str, Any]:
    """A Responses request with the answer's schema."""
    form = {"type": "json_schema", "name": answer.__name__, "schema": answer.model_json_schema()}
    return {
        "model": "gpt-5.6-terra",
        "instructions": "Do the task.",
        "input": as_prompt(task),
        "text": {"format": form},
        **more,
    }


def chat_body(task: BaseModel, answer: type[OutlineDraft], **more: Any) -> dict[str, Any]:
    """The same as a chat request."""
    form = {"name": answer.__name__, "schema": answer.model_json_schema(), "strict": True}
    return {
        "model": "gpt-5.6-luna",
        "messages": [
            {"role": "system", "content": "Do the task."},
            {"role": "user", "content": as_prompt(task)},
        ],
        "response_format": {"type": "json_schema", "json_schema": form},
        **more,
    }


def said(response: httpx.Response) -> Any:
    """The JSON that the text model wrote, in either text API's shape."""
    body = response.json()
    if "output" in body:
        return json.loads(body["output"][0]["content"][0]["text"])
    return json.loads(body["choices"][0]["message"]["content"])


def refused(response: httpx.Response) -> str:
    """The refusal of a Responses answer."""
    return response.json()["output"][0]["content"][0]["refusal"]
