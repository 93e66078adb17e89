"""Research at any search provider that answers `GET ?q=...&count=...` with JSON.

How its parameters and fields are called stands in `[search]` of the catalogue.
"""

from __future__ import annotations

import html
import re
from typing import Any

from pipeline_defs.gateways.catalog import Model, SearchFields
from pipeline_defs.gateways.chain import derived_key
from pipeline_defs.gateways.failures import InvalidAnswer
from pipeline_defs.gateways.http import Call, Http
from pipeline_defs.gateways.research.billing import SearchBill, search_usage
from pipeline_defs.gateways.research.port import ResearchAnswer, ResearchRequest
from pipeline_defs.gateways.research.sources import Found, citable

_TAG = re.compile(r"</?(?:strong|b|em|i|mark)>", re.IGNORECASE)  # marks of the words searched for


class WebSearch:
    """A search provider described by `SearchFields`."""

    def __init__(self, http: Http, model: Model, fields: SearchFields) -> None:
        self._http = http
        self._model = model
        self._fields = fields

    async def search(self, request: ResearchRequest) -> ResearchAnswer:
        """See `ResearchPort.search`."""
        fields, endpoint = self._fields, self._http.endpoint
        body = await self._http.json(
            Call(
                "GET",
                "",
                request.timeout,
                params={
                    fields.query_parameter: request.query,
                    fields.count_parameter: request.max_results,
                    **self._model.options,
                },
                headers=self._authorization(),
                idempotency_key=derived_key(request.idempotency_key, self._model),
            )
        )
        results = first_at(body, fields.results)
        if results is None and isinstance(body, dict) and "error" not in body:
            results = []  # providers leave the list out where nothing was found
        if not isinstance(results, list):
            raise InvalidAnswer(f"{endpoint.label} answered without a list of results")
        found = [self._found(result) for result in results]
        usage = search_usage(endpoint, self._model, SearchBill())
        return ResearchAnswer(citable(found, request.max_results), usage)

    def _authorization(self) -> dict[str, str]:
        endpoint, fields = self._http.endpoint, self._fields
        if endpoint.local or endpoint.key is None:
            return endpoint.bearer
        return {fields.key_header: fields.key_prefix + endpoint.key.get_secret_value()}

    def _found(self, result: Any) -> Found:
        fields = self._fields
        return Found(
            title=_plain(first_at(result, fields.title)),
            url=str(first_at(result, fields.url) or ""),
            text=_plain(first_at(result, fields.text)),
            published=str(first_at(result, fields.published) or "") or None,
        )


def first_at(value: Any, paths: tuple[str, ...]) -> Any:
    """What lies at the first of the dotted `paths` that leads to something; else None."""
    for path in paths:
        node = value
        for name in path.split("."):
            node = node.get(name) if isinstance(node, dict) else None
        if node is not None:
            return node
    return None


def _plain(value: Any) -> str:
    return html.unescape(_TAG.sub("", value)) if isinstance(value, str) else ""
