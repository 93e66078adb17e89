"""Transcription by ElevenLabs."""

from __future__ import annotations

from pipeline_defs.gateways.catalog import Model
from pipeline_defs.gateways.chain import derived_key
from pipeline_defs.gateways.http import Call, Http
from pipeline_defs.gateways.transcription.channel_reading import read_channels
from pipeline_defs.gateways.transcription.port import TranscriptionAnswer, TranscriptionRequest
from pipeline_defs.gateways.transcription.reading import read_transcript, suffix_of
from pipeline_defs.gateways.wire import expect_no_error


class ElevenLabsTranscription:
    """One model behind `POST /v1/speech-to-text`; several channels with `use_multi_channel`."""

    def __init__(self, http: Http, model: Model) -> None:
        self._http = http
        self._model = model

    @property
    def channels_at_once(self) -> int:
        """See `TranscriptionPort.channels_at_once`."""
        return self._model.channels

    async def transcribe(self, request: TranscriptionRequest) -> TranscriptionAnswer:
        """See `TranscriptionPort.transcribe`."""
        endpoint = self._http.endpoint
        name = f"sound.{suffix_of(request, endpoint)}"
        at_once = request.channels > 1
        body = await self._http.json(
            Call(
                "POST",
                "/v1/speech-to-text",
                request.timeout,
                form={
                    "model_id": self._model.id,
                    "language_code": request.language,
                    "timestamps_granularity": "word",
                    "tag_audio_events": "false",
                    **({"use_multi_channel": "true"} if at_once else {}),
                    **{name: str(value) for name, value in self._model.options.items()},
                },
                file=(name, request.audio, request.media_type),
                headers=endpoint.api_key_header,
                idempotency_key=derived_key(request.idempotency_key, self._model),
                model=self._model.id,
            )
        )
        expect_no_error(body, endpoint, self._model.id)
        read = read_channels if at_once else read_transcript
        return read(body, request, endpoint, self._model)
