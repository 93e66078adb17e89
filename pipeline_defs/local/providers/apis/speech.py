"""Speech: OpenAI's and OpenRouter's `/audio/speech`, ElevenLabs' `/v1/text-to-speech`."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from pipeline_defs.local.providers.apis.media import (
    bill,
    generation_header,
    refuse,
    served,
)
from pipeline_defs.local.providers.engine.encoding import (
    AudioFormat,
    elevenlabs_format,
    openai_format,
)
from pipeline_defs.local.providers.engine.speaking import MODEL
from pipeline_defs.local.providers.engine.studio import Studio
from pipeline_defs.local.providers.server.shapes import ApiError
from pipeline_defs.local.providers.server.work import Answer, Body, Request

LONGEST_INPUT = 4096  # characters, OpenAI's limit
LONGEST_TEXT = 10_000  # ElevenLabs'
DEFAULT_OUTPUT = "mp3_44100_128"


class _SpeechBody(Body):
    model: str = Field(min_length=1)
    input: str = Field(min_length=1, max_length=LONGEST_INPUT)
    voice: str | dict[str, Any]
    response_format: str | None = None
    speed: float = Field(default=1.0, ge=0.25, le=4.0)


class _VoiceSettings(Body):
    speed: float | None = Field(default=None, ge=0.7, le=1.2)


class _TextBody(Body):
    text: str = Field(min_length=1, max_length=LONGEST_TEXT)
    model_id: str = "eleven_multilingual_v2"
    voice_settings: _VoiceSettings | None = None


class SpeechApi:
    """The local voices in three shapes; all answer with the bytes of a sound file."""

    def __init__(self, studio: Studio) -> None:
        self._studio = studio

    def openai(self, request: Request) -> Answer:
        """OpenAI: mp3 unless another `response_format` is asked for."""
        return self._speech(request, "openai", "mp3")

    def openrouter(self, request: Request) -> Answer:
        """OpenRouter: bare samples unless another format is asked for."""
        answer = self._speech(request, "openrouter", "pcm")
        headers = {**answer.headers, **generation_header("tts")}
        return Answer(
            answer.body, answer.bill, MODEL, headers=headers, media_type=answer.media_type
        )

    def elevenlabs(self, request: Request) -> Answer:
        """ElevenLabs: the voice is in the path, the format in the query."""
        asked = request.parse(_TextBody)
        model = served(asked.model_id, "elevenlabs", "speech")
        refuse(request, 400, "content_against_policy")
        name = request.query.get("output_format") or DEFAULT_OUTPUT
        form = elevenlabs_format(name)
        if form is None:
            raise ApiError(400, "invalid_output_format", f"There is no output format {name!r:.60}.")
        speed = asked.voice_settings.speed if asked.voice_settings else None
        voice = request.parts.get("voice_id", "")
        sound = self._studio.speech(asked.text, voice, speed or 1.0, form)
        characters = len(asked.text)
        return Answer(
            *(sound, bill(model, characters, "characters"), MODEL),
            headers={"character-cost": str(characters)},
            media_type=form.media_type,
        )

    def _speech(self, request: Request, provider: str, default: str) -> Answer:
        asked = request.parse(_SpeechBody)
        model = served(asked.model, provider, "speech")
        refuse(request, 400, "content_policy_violation")
        form = openai_format(asked.response_format or default)
        if form is None:
            name = asked.response_format or ""
            raise ApiError(400, "invalid_value", f"There is no response format {name!r:.60}.")
        voice = asked.voice if isinstance(asked.voice, str) else str(asked.voice.get("id", ""))
        sound = self._studio.speech(asked.input, voice, asked.speed, form)
        spent = bill(model, len(asked.input), "characters")
        return Answer(sound, spent, MODEL, media_type=_media_type(form))


def _media_type(form: AudioFormat) -> str:
    """Bare samples say how they are to be played."""
    if form.kind == "pcm":
        return f"{form.media_type};rate={form.rate};channels=1"
    return form.media_type
