"""Music by ElevenLabs, always instrumental."""

from __future__ import annotations

from decimal import Decimal

from pipeline_defs.gateways.billing import Bill, media_usage
from pipeline_defs.gateways.catalog import Model
from pipeline_defs.gateways.chain import derived_key
from pipeline_defs.gateways.failures import InvalidAnswer
from pipeline_defs.gateways.http import Call, Http
from pipeline_defs.gateways.media_formats import expect_media, sound_type
from pipeline_defs.gateways.music.port import MusicAnswer, MusicRequest
from pipeline_defs.gateways.wire import expect_no_error

OUTPUT_FORMAT = "mp3_44100_128"
LENGTHS_MS = (3_000, 600_000)  # what the API accepts; a longer film repeats its music


class ElevenLabsMusic:
    """One model behind `POST /v1/music`."""

    def __init__(self, http: Http, model: Model) -> None:
        self._http = http
        self._model = model

    async def compose(self, request: MusicRequest) -> MusicAnswer:
        """See `MusicPort.compose`. The piece has the nearest length that the API accepts."""
        endpoint = self._http.endpoint
        least, most = LENGTHS_MS
        length = min(max(round(request.seconds * 1000), least), most)
        reply = await self._http.reply(
            Call(
                "POST",
                "/v1/music",
                request.timeout,
                json={
                    "prompt": request.prompt,
                    "music_length_ms": length,
                    "model_id": self._model.id,
                    "force_instrumental": True,
                    **self._model.options,
                },
                params={"output_format": OUTPUT_FORMAT},
                headers={**endpoint.api_key_header, "Accept": "*/*"},
                idempotency_key=derived_key(request.idempotency_key, self._model),
                model=self._model.id,
            )
        )
        if reply.media_type.endswith("json"):
            expect_no_error(reply.json(), endpoint, self._model.id)
            raise InvalidAnswer(f"{endpoint.label} answered with JSON instead of music")
        seconds = Decimal(length) / 1000
        usage = media_usage(endpoint, self._model, Bill("music", seconds, "seconds"))
        media_type = expect_media(reply.body, sound_type, endpoint, usage)
        return MusicAnswer(reply.body, media_type, self._model.id, endpoint.label, usage)
