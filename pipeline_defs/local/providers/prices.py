"""Every number the local server bills or announces; made up in a realistic size, in US dollars."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

MILLION = Decimal(1_000_000)
CHARS_PER_TOKEN = 4
SEARCH_USD = Decimal("0.005")  # a call of the Search API or of the generic search
AGENT_SEARCH_USD = Decimal("0.0025")  # a search inside the Agent API
SONAR_REQUEST_USD = Decimal("0.005")
ANSWER_INPUT_USD = Decimal("0.25")  # per million tokens of a research answer
ANSWER_OUTPUT_USD = Decimal("2.50")
POST_USD = Decimal(0)
TELEPHONE_MINUTE_USD = Decimal("0.0165")  # each one begun, with its recording


@dataclass(frozen=True, slots=True)
class TextModel:
    """A name the server answers to, with prices per million tokens and its announced end."""

    id: str
    input_usd: Decimal
    output_usd: Decimal
    shutdown: date | None = None


TEXT_MODELS = (
    TextModel("local-extractive-writer", Decimal("0.20"), Decimal("1.20")),
    TextModel("gpt-5.6-terra", Decimal("2.00"), Decimal("12.00")),
    TextModel("gpt-5.6-luna", Decimal("0.20"), Decimal("1.20")),
    TextModel("gpt-5.4-nano", Decimal("0.20"), Decimal("1.25"), date(2027, 4, 1)),
    TextModel("gpt-4.1", Decimal("2.00"), Decimal("8.00"), date(2027, 1, 14)),
    TextModel("gpt-5", Decimal("1.25"), Decimal("10.00"), date(2026, 12, 11)),
    TextModel("gpt-4-turbo", Decimal("10.00"), Decimal("30.00"), date(2026, 10, 23)),
    TextModel("anthropic/claude-sonnet-5", Decimal("2.00"), Decimal("10.00")),
    TextModel("openai/gpt-5.6-terra", Decimal("2.00"), Decimal("12.00")),
)
_DEFAULT = TEXT_MODELS[0]


@dataclass(frozen=True, slots=True)
class MediaModel:
    """A name that image, speech, video, music or transcription endpoints answer to.

    `usd` is the price of one image, character or second; image models that bill tokens have none.
    """

    id: str
    provider: str
    capability: str
    usd: Decimal = Decimal(0)
    shutdown: date | None = None


def _per_million(usd: str) -> Decimal:
    return Decimal(usd) / MILLION


_TTS_ENDS, _WHISPER_ENDS = date(2027, 1, 6), date(2027, 2, 26)
MEDIA_MODELS = (
    MediaModel("gpt-image-2", "openai", "image"),
    MediaModel("gpt-image-2.5-flare", "openai", "image"),
    MediaModel("gpt-image-2.5-sunburst", "openai", "image"),
    MediaModel("gpt-image-1.5", "openai", "image", shutdown=date(2026, 12, 1)),
    MediaModel("gpt-image-1", "openai", "image", shutdown=date(2026, 10, 23)),
    MediaModel("dall-e-3", "openai", "image", shutdown=date(2026, 5, 12)),
    MediaModel("openai/gpt-image-2", "openrouter", "image", Decimal("0.05")),
    MediaModel("tts-1", "openai", "speech", _per_million("15"), _TTS_ENDS),
    MediaModel("tts-1-hd", "openai", "speech", _per_million("30"), _TTS_ENDS),
    MediaModel("gpt-4o-mini-tts", "openai", "speech", _per_million("12"), _TTS_ENDS),
    MediaModel("hexgrad/kokoro-82m", "openrouter", "speech", _per_million("0.62")),
    MediaModel("eleven_multilingual_v2", "elevenlabs", "speech", _per_million("100")),
    MediaModel("eleven_flash_v2_5", "elevenlabs", "speech", _per_million("50")),
    MediaModel("bytedance/seedance-2.5-flash", "openrouter", "video", Decimal("0.07")),
    MediaModel("x-ai/grok-imagine-video-1.5-lite", "openrouter", "video", Decimal("0.05")),
    MediaModel("music_v2", "elevenlabs", "music", Decimal("0.005")),
    MediaModel("whisper-1", "openai", "transcription", Decimal("0.0001"), _WHISPER_ENDS),
    MediaModel("gpt-transcribe", "openai", "transcription", Decimal("0.0001")),
    MediaModel("scribe_v2", "elevenlabs", "transcription", Decimal("0.0000612")),
    MediaModel(
        *("openai/whisper-1", "openrouter", "transcription", Decimal("0.0001"), _WHISPER_ENDS)
    ),
)
IMAGE_INPUT_USD = Decimal("5.00")  # per million tokens, where images are billed by tokens
IMAGE_OUTPUT_USD = Decimal("30.00")
PIXELS_PER_IMAGE_TOKEN = 600


def media_model(name: str, provider: str, capability: str) -> MediaModel:
    """The model of a name; any other name costs what the provider's first of that kind costs."""
    offered = [m for m in MEDIA_MODELS if (m.provider, m.capability) == (provider, capability)]
    known = next((model for model in offered if model.id == name), None)
    return known or MediaModel(name, provider, capability, offered[0].usd)


def text_model(name: str) -> TextModel:
    """The model of a name; any other name is served at the writer's own price."""
    known = next((model for model in TEXT_MODELS if model.id == name), None)
    return known or TextModel(name, _DEFAULT.input_usd, _DEFAULT.output_usd)


def tokens(text: str) -> int:
    """How many tokens a text counts as."""
    return -(-len(text) // CHARS_PER_TOKEN)


def token_cost(used: int, price_per_million: Decimal) -> Decimal:
    """What so many tokens cost."""
    return used * price_per_million / MILLION
