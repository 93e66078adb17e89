"""Music: ElevenLabs' `POST /v1/music`."""

from __future__ import annotations

from pydantic import Field

from pipeline_defs.local.providers.apis.media import bill, refusal, served
from pipeline_defs.local.providers.engine.composing import MODEL
from pipeline_defs.local.providers.engine.encoding import elevenlabs_format
from pipeline_defs.local.providers.engine.studio import Studio
from pipeline_defs.local.providers.server.shapes import ApiError
from pipeline_defs.local.providers.server.work import Answer, Body, Request

LENGTHS_MS = (3_000, 600_000)
DEFAULT_MS = 30_000
LONGEST_PROMPT = 4100  # characters
DEFAULT_OUTPUT = "mp3_44100_128"
_SUGGESTION = "Calm instrumental background music with soft pads and piano."


class _MusicBody(Body):
    prompt: str = Field(min_length=1, max_length=LONGEST_PROMPT)
    music_length_ms: int = Field(default=DEFAULT_MS, ge=LENGTHS_MS[0], le=LENGTHS_MS[1])
    model_id: str = "music_v2"
    force_instrumental: bool = False


class MusicApi:
    """The synthesizer in ElevenLabs' shape; it never sings."""

    def __init__(self, studio: Studio) -> None:
        self._studio = studio

    def compose(self, request: Request) -> Answer:
        """`POST /v1/music`: the bytes of a sound file of exactly the length asked for."""
        asked = request.parse(_MusicBody)
        model = served(asked.model_id, "elevenlabs", "music")
        words = refusal(request)
        if words:
            raise ApiError(400, "bad_prompt", words, data={"prompt_suggestion": _SUGGESTION})
        name = request.query.get("output_format") or DEFAULT_OUTPUT
        form = elevenlabs_format(DEFAULT_OUTPUT if name == "auto" else name)
        if form is None:
            raise ApiError(400, "invalid_output_format", f"There is no output format {name!r:.60}.")
        seconds = asked.music_length_ms / 1000
        piece = self._studio.music(asked.prompt, seconds, form)
        spent = bill(model, seconds, "seconds")
        return Answer(piece, spent, MODEL, media_type=form.media_type)
