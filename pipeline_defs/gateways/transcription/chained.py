"""The transcription port as the runtime uses it: the chain for transcripts, model by model."""

from __future__ import annotations

from dataclasses import replace

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
        """See `TranscriptionPort.channels_at_once`: of the model that is asked first."""
        return serving("transcription", self._settings, self._catalog)[0].channels

    async def transcribe(self, request: TranscriptionRequest) -> TranscriptionAnswer:
        """See `TranscriptionPort.transcribe`. The models of the chain share `request.timeout`."""

        async def ask(model: Model, timed: TranscriptionRequest) -> TranscriptionAnswer:
            adapter = self._adapter(model)
            if timed.channels > model.channels:  # the one before it could
                adapter = OneByOne(adapter)
            return await adapter.transcribe(timed)

        answer, wasted = await self._first_served("transcription", request, ask)
        return replace(answer, usage=(*wasted, *answer.usage))

    def _adapter(self, model: Model) -> TranscriptionPort:
        if model.api == "openai-transcription":
            return OpenAITranscription(self._transport(model), model)
        eleven = model.api == "elevenlabs-transcription"
        adapter = ElevenLabsTranscription if eleven else OpenRouterTranscription
        return adapter(self._http(model), model)
