"""From what a speech API sends to WAV or MP3, and the bill for it."""

from __future__ import annotations

from decimal import Decimal

from pipeline_defs.domain.errors import Permanent
from pipeline_defs.gateways.billing import Bill, media_usage
from pipeline_defs.gateways.catalog import Model
from pipeline_defs.gateways.endpoints import Endpoint
from pipeline_defs.gateways.failures import InvalidAnswer
from pipeline_defs.gateways.http import Reply
from pipeline_defs.gateways.media_formats import PCM_RATE, expect_media, sound_type, wav_of
from pipeline_defs.gateways.speech.port import SpeechAnswer, SpeechRequest
from pipeline_defs.gateways.wire import expect_no_error

MOST_RATE = 192_000


def voice_of(request: SpeechRequest, model: Model) -> str:
    """What the model calls the asked voice; `Permanent` NOT_CONFIGURED where it has none."""
    voice = model.voices.get(request.voice)
    if voice is None:
        raise Permanent(
            "NOT_CONFIGURED",
            f"{model.key} has no voice '{request.voice}'",
            advice="Add it to the model's `voices` in providers.toml.",
            user_action_required=True,
        )
    return voice


def within(speed: float, allowed: tuple[float, float]) -> float:
    """The nearest speed that the API accepts."""
    least, most = allowed
    return round(min(max(speed, least), most), 3)


def spoken(
    reply: Reply, request: SpeechRequest, endpoint: Endpoint, model: Model, *, pcm: bool
) -> SpeechAnswer:
    """The sound of a successful answer. With `pcm` raw samples were asked for; they become a WAV.

    A provider may send another format than it was asked for, so its own word and the bytes decide.
    """
    if reply.media_type.endswith("json") or reply.media_type.startswith("text/"):
        expect_no_error(reply.json(), endpoint, model.id)
        raise InvalidAnswer(f"{endpoint.label} answered with {reply.media_type} instead of sound")
    characters = Decimal(len(request.text))
    usage = media_usage(endpoint, model, Bill("speech", characters, "characters"))
    data = reply.body
    if pcm and not _is_file(reply):
        if not data or len(data) % 2:
            raise InvalidAnswer(f"{endpoint.label} sent no whole sound ({len(data)} bytes)", usage)
        data = wav_of(data, _rate(reply))
    media_type = expect_media(data, sound_type, endpoint, usage)
    return SpeechAnswer(data, media_type, model.id, endpoint.label, usage)


def _is_file(reply: Reply) -> bool:
    """Whether it is a WAV or MP3 file rather than raw samples, which can look like anything."""
    named = {"audio/mpeg", "audio/mp3", "audio/wav", "audio/x-wav", "audio/wave"}
    return reply.media_type in named or reply.body[:4] == b"RIFF" or reply.body[:3] == b"ID3"


def _rate(reply: Reply) -> int:
    """Samples a second, from `audio/pcm;rate=24000`."""
    parameters = reply.headers.get("content-type", "").split(";")[1:]
    for name, _, value in (parameter.partition("=") for parameter in parameters):
        number = value.strip()
        if name.strip().lower() == "rate" and number.isdecimal() and 0 < int(number) <= MOST_RATE:
            return int(number)
    return PCM_RATE
