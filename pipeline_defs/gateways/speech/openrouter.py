"""Speech by OpenRouter, whose models all speak raw samples and few of them WAV."""

from __future__ import annotations

from typing import Any

from pipeline_defs.gateways.catalog import Model
from pipeline_defs.gateways.chain import derived_key
from pipeline_defs.gateways.http import Call, Http
from pipeline_defs.gateways.speech.port import SpeechAnswer, SpeechRequest
from pipeline_defs.gateways.speech.sounds import spoken, voice_of, within

SPEEDS = (0.25, 4.0)


class OpenRouterSpeech:
    """One model behind `POST /audio/speech`."""

    def __init__(self, http: Http, model: Model) -> None:
        self._http = http
        self._model = model

    async def speak(self, request: SpeechRequest) -> SpeechAnswer:
        """See `SpeechPort.speak`."""
        endpoint = self._http.endpoint
        reply = await self._http.reply(
            Call(
                "POST",
                "/audio/speech",
                request.timeout,
                json=self._body(request),
                headers={**endpoint.bearer, "Accept": "*/*"},
                idempotency_key=derived_key(request.idempotency_key, self._model),
                model=self._model.id,
            )
        )
        return spoken(reply, request, endpoint, self._model, pcm=True)

    def _body(self, request: SpeechRequest) -> dict[str, Any]:
        body: dict[str, Any] = {
            "model": self._model.id,
            "input": request.text,
            "voice": voice_of(request, self._model),
            "response_format": "pcm",
        }
        speed = within(request.speed, SPEEDS)
        if speed != 1.0:  # not every model takes one
            body["speed"] = speed
        return {**body, **self._model.options}
