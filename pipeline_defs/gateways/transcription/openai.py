"""Transcription by the OpenAI API: OpenAI, or any server that speaks it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pipeline_defs.gateways.catalog import Model
from pipeline_defs.gateways.chain import derived_key
from pipeline_defs.gateways.openai_transport import OpenAITransport
from pipeline_defs.gateways.transcription.port import TranscriptionAnswer, TranscriptionRequest
from pipeline_defs.gateways.transcription.reading import read_transcript, suffix_of

if TYPE_CHECKING:
    from openai import AsyncOpenAI


class OpenAITranscription:
    """One model behind `POST /audio/transcriptions`; its words where the catalogue says so."""

    channels_at_once = 1

    def __init__(self, transport: OpenAITransport, model: Model) -> None:
        self._transport = transport
        self._model = model

    async def transcribe(self, request: TranscriptionRequest) -> TranscriptionAnswer:
        """See `TranscriptionPort.transcribe`."""
        endpoint = self._transport.endpoint
        name = f"sound.{suffix_of(request, endpoint)}"
        key = derived_key(request.idempotency_key, self._model)

        async def send(client: AsyncOpenAI) -> Any:
            from openai import omit

            return await client.audio.transcriptions.with_raw_response.create(
                file=(name, request.audio, request.media_type),
                model=self._model.id,
                language=request.language,
                response_format="verbose_json" if self._model.words else "json",
                timestamp_granularities=["word"] if self._model.words else omit,
                extra_headers={"Idempotency-Key": key},
                extra_body=self._model.options,
                timeout=request.timeout,
            )

        body = await self._transport.ask(send, timeout=request.timeout, model=self._model.id)
        return read_transcript(body, request, endpoint, self._model)
