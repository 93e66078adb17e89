"""The transcription port as the runtime uses it: the chain for transcripts, model by model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from pipeline_defs.domain.errors import Permanent
from pipeline_defs.gateways.catalog import Model
from pipeline_defs.gateways.chained import Chained
from pipeline_defs.gateways.endpoints import serving
from pipeline_defs.gateways.transcription.channels import OneByOne
from pipeline_defs.gateways.transcription.elevenlabs import ElevenLabsTranscription
from pipeline_defs.gateways.transcription.openai import OpenAITranscription
from pipeline_defs.gateways.transcription.openrouter import OpenRouterTranscription
from pipeline_defs.gateways.transcription.port import (
    TranscriptionAnswer,
    TranscriptionPort,
    TranscriptionRequest,
)


class ChainedTranscription(Chained):
    """Implements `TranscriptionPort`."""

    @property
    def channels_at_once(self) -> int:
        """See `TranscriptionPort.channels_at_once`: of the model that is asked first
        for the times of words."""
        return self._models(times_needed=True)[0].channels

    async def transcribe(self, request: TranscriptionRequest) -> TranscriptionAnswer:
        """See `TranscriptionPort.transcribe`. The models of the chain share `request.timeout`."""

        async def ask(model: Model, timed: TranscriptionRequest) -> TranscriptionAnswer:
            adapter = self._adapter(model)
            if timed.channels > model.channels:  # the one before it could
                adapter = OneByOne(adapter)
            return await adapter.transcribe(timed)

        models = self._models(request.times_needed)
        answer, wasted = await self._first_served("transcription", request, ask, models)
        return replace(answer, usage=(*wasted, *answer.usage))

    def _models(self, times_needed: bool) -> Sequence[Model]:
        models = serving("transcription", self._settings, self._catalog)
        suited = [model for model in models if model.words or not times_needed]
        if not suited:
            raise Permanent(
                "NO_WORD_TIMES",
                "no model that can be asked for a transcript gives the times of words",
                advice="Put one with `words = true` into the chain `transcription`, with its key.",
                user_action_required=True,
            )
        return suited

    def _adapter(self, model: Model) -> TranscriptionPort:
        if model.api == "openai-transcription":
            return OpenAITranscription(self._transport(model), model)
        eleven = model.api == "elevenlabs-transcription"
        adapter = ElevenLabsTranscription if eleven else OpenRouterTranscription
        return adapter(self._http(model), model)
