"""Speech by the OpenAI speech API: OpenAI, or any server that speaks it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pipeline_defs.gateways.catalog import Model
from pipeline_defs.gateways.chain import derived_key
from pipeline_defs.gateways.openai_transport import OpenAITransport
from pipeline_defs.gateways.speech.port import SpeechAnswer, SpeechRequest
from pipeline_defs.gateways.speech.sounds import spoken, voice_of, within

if TYPE_CHECKING:
    from openai import AsyncOpenAI

SPEEDS = (0.25, 4.0)


class OpenAISpeech:
    """One model behind `POST /audio/speech`, asked for WAV."""

    def __init__(self, transport: OpenAITransport, model: Model) -> None:
        self._transport = transport
        self._model = model

    async def speak(self, request: SpeechRequest) -> SpeechAnswer:
        """See `SpeechPort.speak`."""
        voice = voice_of(request, self._model)
        key = derived_key(request.idempotency_key, self._model)

        async def send(client: AsyncOpenAI) -> Any:
            return await client.audio.speech.with_raw_response.create(
                model=self._model.id,
                voice=voice,
                input=request.text,
                response_format="wav",
                speed=within(request.speed, SPEEDS),
                extra_headers={"Idempotency-Key": key},
                extra_body=self._model.options,
                timeout=request.timeout,
            )

        reply = await self._transport.ask_media(send, timeout=request.timeout, model=self._model.id)
        return spoken(reply, request, self._transport.endpoint, self._model, pcm=False)
