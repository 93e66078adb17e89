"""Transcription: OpenAI's and OpenRouter's `/audio/transcriptions`, ElevenLabs' speech-to-text."""

from __future__ import annotations

import base64
import binascii
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field

from pipeline_defs.local.providers.apis.media import bill as bill_for
from pipeline_defs.local.providers.apis.media import refuse, served
from pipeline_defs.local.providers.engine.listening import MODEL, Transcript
from pipeline_defs.local.providers.engine.studio import Studio
from pipeline_defs.local.providers.prices import MediaModel
from pipeline_defs.local.providers.server.shapes import ApiError
from pipeline_defs.local.providers.server.work import Answer, Bill, Body, Request

if TYPE_CHECKING:
    from pipeline_defs.local.providers.engine.encoding import Samples

MOST_BYTES = 25_000_000  # of a sound file
SCRIBE_MOST_CHANNELS = 5  # ElevenLabs' limit
_ENGLISH = {"en", "eng", "english"}
Granularity = Literal["word", "segment"]


class _Asked(Body):
    model: str = Field(min_length=1)
    language: str | None = None
    response_format: Literal["json", "verbose_json"] = "json"
    timestamp_granularities: list[Granularity] = []


class _InputAudio(Body):
    data: str = Field(min_length=1)
    format: str = "wav"


class _RouterBody(_Asked):
    input_audio: _InputAudio | None = None


class _ScribeBody(Body):
    model_id: str = Field(min_length=1)
    language_code: str | None = None
    use_multi_channel: bool = False
    multichannel_output_style: Literal["separate"] = "separate"  # `combined` is not made here


@dataclass(frozen=True, slots=True)
class _Heard:
    """A transcript and what it costs."""

    transcript: Transcript
    bill: Bill


class TranscriptionApi:
    """The local recogniser in three shapes."""

    def __init__(self, studio: Studio) -> None:
        self._studio = studio

    def openai(self, request: Request) -> Answer:
        """OpenAI: a form with a file; `json` or `verbose_json`."""
        asked = request.parse(_Asked)
        heard = self._heard(request, asked.model, "openai", asked.language, _uploaded(request))
        transcript = heard.transcript
        usage = {"type": "duration", "seconds": math.ceil(transcript.seconds)}
        return Answer({**_shown(transcript, asked), "usage": usage}, heard.bill, MODEL)

    def openrouter(self, request: Request) -> Answer:
        """OpenRouter: base64 in JSON, or OpenAI's form; words with their confidence."""
        asked = request.parse(_RouterBody)
        sound = _decoded(asked.input_audio.data) if asked.input_audio else _uploaded(request)
        heard = self._heard(request, asked.model, "openrouter", asked.language, sound)
        body = _shown(heard.transcript, asked)
        for shown, word in zip(body.get("words", []), heard.transcript.words, strict=False):
            shown["confidence"] = round(word.probability, 4)
        cost = float(heard.bill.cost_usd)
        body["usage"] = {"cost": cost, "seconds": heard.transcript.seconds}
        return Answer(body, heard.bill, MODEL)

    def elevenlabs(self, request: Request) -> Answer:
        """ElevenLabs `POST /v1/speech-to-text`: words with their log probability.

        With `use_multi_channel` a transcript for each of several channels.
        """
        asked = request.parse(_ScribeBody)
        language, sound = asked.language_code, _uploaded(request)
        if asked.use_multi_channel:
            channels = self._studio.channels(sound)
            if len(channels) > 1:
                return self._channels(request, asked, channels)
        heard = self._heard(request, asked.model_id, "elevenlabs", language, sound)
        return Answer(_scribed(heard.transcript), heard.bill, MODEL)

    def _channels(self, request: Request, asked: _ScribeBody, channels: list[Samples]) -> Answer:
        """A transcript for each channel, and each channel billed."""
        if len(channels) > SCRIBE_MOST_CHANNELS:
            message = f"{len(channels)} channels: at most {SCRIBE_MOST_CHANNELS} are transcribed."
            raise ApiError(400, "invalid_parameters", message)
        model = _admitted(request, asked.model_id, "elevenlabs", asked.language_code)
        transcripts = [self._studio.transcript(channel) for channel in channels]
        seconds = round(sum(transcript.seconds for transcript in transcripts), 3)
        body = {
            "transcripts": [_scribed(t, channel) for channel, t in enumerate(transcripts)],
            "audio_duration_secs": seconds,
        }
        return Answer(body, bill_for(model, seconds, "seconds"), MODEL)

    def _heard(
        self, request: Request, name: str, provider: str, language: str | None, sound: bytes
    ) -> _Heard:
        model = _admitted(request, name, provider, language)
        transcript = self._studio.heard(sound)
        return _Heard(transcript, bill_for(model, round(transcript.seconds, 3), "seconds"))


def _admitted(request: Request, name: str, provider: str, language: str | None) -> MediaModel:
    """The model, if what is asked of it can be done here."""
    model = served(name, provider, "transcription")
    refuse(request, 400, "content_policy_violation")
    if language and language.lower().split("-")[0] not in _ENGLISH:
        message = f"The local recogniser hears English only, not {language!r:.40}."
        raise ApiError(400, "unsupported_language", message)
    return model


def _scribed(transcript: Transcript, channel: int | None = None) -> dict[str, Any]:
    """A transcript as ElevenLabs tells it; of a channel where there are several."""
    own = {} if channel is None else {"channel_index": channel}
    words = [
        {
            "text": word.text,
            "start": word.start,
            "end": word.end,
            "type": "word",
            "logprob": round(math.log(max(word.probability, 1e-6)), 4),
            "speaker_id": f"speaker_{channel or 0}",
            **own,
        }
        for word in transcript.words
    ]
    return {
        "language_code": "eng",
        "language_probability": 1.0,
        "text": transcript.text,
        "words": words,
        "audio_duration_secs": transcript.seconds,
        **own,
    }


def _uploaded(request: Request) -> bytes:
    upload = request.files.get("file")
    if upload is None:
        raise ApiError(400, "invalid_request", "file: a sound file is needed", param="file")
    return _bounded(upload.data)


def _decoded(data: str) -> bytes:
    try:
        return _bounded(base64.b64decode(data.partition("base64,")[2] or data, validate=True))
    except (binascii.Error, ValueError) as error:
        raise ApiError(400, "invalid_request", "input_audio.data: no base64") from error


def _bounded(sound: bytes) -> bytes:
    if len(sound) > MOST_BYTES:
        raise ApiError(413, "request_too_large", f"the sound is larger than {MOST_BYTES} bytes")
    return sound


def _shown(transcript: Transcript, asked: _Asked) -> dict[str, Any]:
    if asked.response_format == "json":
        return {"text": transcript.text}
    wanted = set(asked.timestamp_granularities) or {"segment"}
    body: dict[str, Any] = {
        "task": "transcribe",
        "language": "english",
        "duration": transcript.seconds,
        "text": transcript.text,
    }
    if "segment" in wanted:
        body["segments"] = [
            {
                "id": number,
                "seek": segment.seek,
                "start": segment.start,
                "end": segment.end,
                "text": segment.text,
                "tokens": list(segment.tokens),
                "temperature": segment.temperature,
                "avg_logprob": segment.avg_logprob,
                "compression_ratio": segment.compression_ratio,
                "no_speech_prob": segment.no_speech_prob,
            }
            for number, segment in enumerate(transcript.segments)
        ]
    if "word" in wanted:
        body["words"] = [
            {
                "word": word.text,
                "start": word.start,
                "end": word.end,
                "probability": round(word.probability, 4),  # not OpenAI's: other servers tell it
            }
            for word in transcript.words
        ]
    return body
