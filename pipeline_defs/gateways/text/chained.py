"""The text port as the runtime uses it: the chain of the request's purpose, model by model."""

from __future__ import annotations

from dataclasses import replace
from typing import TypeVar

from pydantic import BaseModel

from pipeline_defs.gateways.catalog import Model
from pipeline_defs.gateways.chained import Chained
from pipeline_defs.gateways.text.chat import ChatText
from pipeline_defs.gateways.text.port import TextAnswer, TextPort, TextRequest
from pipeline_defs.gateways.text.responses import ResponsesText

T = TypeVar("T", bound=BaseModel)


class ChainedText(Chained):
    """Implements `TextPort`."""

    async def generate(self, request: TextRequest[T]) -> TextAnswer[T]:
        """See `TextPort.generate`. The models of the purpose's chain share `request.timeout`."""

        async def ask(model: Model, timed: TextRequest[T]) -> TextAnswer[T]:
            return await self._adapter(model).generate(timed)

        answer, wasted = await self._first_served(request.purpose, request, ask)
        return replace(answer, usage=(*wasted, *answer.usage))

    def _adapter(self, model: Model) -> TextPort:
        adapter = ResponsesText if model.api == "responses" else ChatText
        return adapter(self._transport(model), model)
