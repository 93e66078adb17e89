"""Speech by ElevenLabs, asked for raw samples, which every plan may have."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from pipeline_defs.gateways.catalog import Model
from pipeline_defs.gateways.chain import derived_key
from pipeline_defs.gateways.http import Call, Http
from pipeline_defs.gateways.media_formats import PCM_RATE
from pipeline_defs.gateways.speech.port import SpeechAnswer, SpeechRequest
from pipeline_defs.gateways.speech.sounds import spoken, voice_of, within

SPEEDS = (0.7, 1.2)


class ElevenLabsSpeech:
    """One model behind `POST /v1/text-to-speech/<voice>`."""

    def __init__(self, http: Http, model: Model) -> None:
        self._http = http
        self._model = model

    async def speak(self, request: SpeechRequest) -> SpeechAnswer:
        """See `SpeechPort.speak`."""
        endpoint = self._http.endpoint
        voice = voice_of(request, self._model)
        reply = await self._http.reply(
            Call(
                "POST",
                f"/v1/text-to-speech/{quote(voice, safe='')}",
                request.timeout,
                json=self._body(request),
                params={"output_format": f"pcm_{PCM_RATE}"},
                headers={**endpoint.api_key_header, "Accept": "*/*"},
                idempotency_key=derived_key(request.idempotency_key, self._model),
                model=f"{self._model.id} with the voice {voice}",  # either may be unknown there
            )
        )
        return spoken(reply, request, endpoint, self._model, pcm=True)

    def _body(self, request: SpeechRequest) -> dict[str, Any]:
        settings = {
            **self._model.options.get("voice_settings", {}),
            "speed": within(request.speed, SPEEDS),
        }
        named = {"text": request.text, "model_id": self._model.id}
        return {**named, **self._model.options, "voice_settings": settings}
