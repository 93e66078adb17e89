"""The speech port as the runtime uses it: the chain for speech, model by model."""

from __future__ import annotations

from dataclasses import replace

from pipeline_defs.gateways.catalog import Model
from pipeline_defs.gateways.chained import Chained
from pipeline_defs.gateways.speech.elevenlabs import ElevenLabsSpeech
from pipeline_defs.gateways.speech.openai import OpenAISpeech
from pipeline_defs.gateways.speech.openrouter import OpenRouterSpeech
from pipeline_defs.gateways.speech.port import SpeechAnswer, SpeechPort, SpeechRequest
from pipeline_defs.policies import PROVIDER_MEDIA_LIMIT_BYTES


class ChainedSpeech(Chained):
    """Implements `SpeechPort`."""

    limit = PROVIDER_MEDIA_LIMIT_BYTES

    async def speak(self, request: SpeechRequest) -> SpeechAnswer:
        """See `SpeechPort.speak`. The models of the chain share `request.timeout`."""

        async def ask(model: Model, timed: SpeechRequest) -> SpeechAnswer:
            return await self._adapter(model).speak(timed)

        answer, wasted = await self._first_served("speech", request, ask)
        return replace(answer, usage=(*wasted, *answer.usage))

    def _adapter(self, model: Model) -> SpeechPort:
        if model.api == "openai-speech":
            return OpenAISpeech(self._transport(model), model)
        adapter = ElevenLabsSpeech if model.api == "elevenlabs-speech" else OpenRouterSpeech
        return adapter(self._http(model), model)
