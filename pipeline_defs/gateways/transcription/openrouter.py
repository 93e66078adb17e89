"""Transcription by OpenRouter: the sound travels inside the JSON."""

from __future__ import annotations

import base64
from typing import Any

from pipeline_defs.gateways.catalog import Model
from pipeline_defs.gateways.chain import derived_key
from pipeline_defs.gateways.http import Call, Http
from pipeline_defs.gateways.transcription.port import TranscriptionAnswer, TranscriptionRequest
from pipeline_defs.gateways.transcription.reading import read_transcript, suffix_of
from pipeline_defs.gateways.wire import expect_no_error


class OpenRouterTranscription:
    """One model behind `POST /audio/transcriptions`."""

    channels_at_once = 1

    def __init__(self, http: Http, model: Model) -> None:
        self._http = http
        self._model = model

    async def transcribe(self, request: TranscriptionRequest) -> TranscriptionAnswer:
        """See `TranscriptionPort.transcribe`."""
        endpoint = self._http.endpoint
        body = await self._http.json(
            Call(
                "POST",
                "/audio/transcriptions",
                request.timeout,
                json=self._body(request),
                headers=endpoint.bearer,
                idempotency_key=derived_key(request.idempotency_key, self._model),
                model=self._model.id,
            )
        )
        expect_no_error(body, endpoint, self._model.id)
        return read_transcript(body, request, endpoint, self._model)

    def _body(self, request: TranscriptionRequest) -> dict[str, Any]:
        sound = {
            "data": base64.b64encode(request.audio).decode(),
            "format": suffix_of(request, self._http.endpoint),
        }
        body: dict[str, Any] = {
            "model": self._model.id,
            "input_audio": sound,
            "language": request.language,
        }
        if self._model.words:
            body |= {"response_format": "verbose_json", "timestamp_granularities": ["word"]}
        return {**body, **self._model.options}
