"""Names of the catalogue: providers, the APIs we speak, and which of them serves which purpose."""

from __future__ import annotations

from typing import Literal

Provider = Literal[
    "openai",
    "openrouter",
    "compatible",
    "perplexity",
    "search",
    "elevenlabs",
    "wordpress",
    "twilio",
]
Api = Literal[
    "responses",
    "chat",
    "openrouter",
    "perplexity-agent",
    "perplexity-search",
    "perplexity-sonar",
    "search",
    "wordpress",
    "openai-images",
    "openrouter-images",
    "openai-speech",
    "openrouter-speech",
    "elevenlabs-speech",
    "openrouter-video",
    "elevenlabs-music",
    "openai-transcription",
    "openrouter-transcription",
    "elevenlabs-transcription",
    "twilio",
    "openai-embeddings",
]
Purpose = Literal[
    "outline",
    "writing",
    "extraction",
    "research",
    "publishing",
    "image",
    "speech",
    "video",
    "music",
    "transcription",
    "telephony",
    "embedding",
]

APIS_OF_PURPOSE: dict[str, set[str]] = {
    "outline": {"responses", "chat", "openrouter"},
    "writing": {"responses", "chat", "openrouter"},
    "extraction": {"responses", "chat", "openrouter"},
    "research": {"perplexity-agent", "perplexity-search", "perplexity-sonar", "search"},
    "publishing": {"wordpress"},
    "image": {"openai-images", "openrouter-images"},
    "speech": {"openai-speech", "openrouter-speech", "elevenlabs-speech"},
    "video": {"openrouter-video"},
    "music": {"elevenlabs-music"},
    "transcription": {
        "openai-transcription",
        "openrouter-transcription",
        "elevenlabs-transcription",
    },
    "telephony": {"twilio"},
    "embedding": {"openai-embeddings"},
}
ONE_MODEL = frozenset({"telephony"})  # purposes without a fallback: somebody would be called twice
# For each kind of model the sets of prices of which one must be given.
TOKEN_PRICES = frozenset({"input_usd", "output_usd"})
PRICES_OF_PURPOSE: dict[str, tuple[frozenset[str], ...]] = {
    "writing": (TOKEN_PRICES,),
    "image": (TOKEN_PRICES, frozenset({"image_usd"})),
    "speech": (frozenset({"characters_usd"}),),
    "video": (frozenset({"second_usd"}),),
    "music": (frozenset({"second_usd"}),),
    "transcription": (TOKEN_PRICES, frozenset({"second_usd"})),
    "telephony": (frozenset({"second_usd"}),),
    "embedding": (TOKEN_PRICES,),
}
PRICE_MEANINGS = {
    TOKEN_PRICES: "USD per million tokens",
    frozenset({"image_usd"}): "USD per image",
    frozenset({"characters_usd"}): "USD per million characters",
    frozenset({"second_usd"}): "USD per second",
}
