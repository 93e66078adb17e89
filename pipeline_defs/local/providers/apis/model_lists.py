"""The models that each provider lists: names the local engines answer to."""

from __future__ import annotations

from datetime import date
from typing import Any

from pipeline_defs.local.providers.prices import MEDIA_MODELS, MILLION, TEXT_MODELS, MediaModel
from pipeline_defs.local.providers.server.work import Answer, Request

CREATED = 1_760_000_000


class ModelLists:
    """`GET /models` in three shapes."""

    def openai(self, _: Request) -> Answer:
        """OpenAI: with `shutdown_date` (a day, or null)."""
        ends = {model.id: model.shutdown for model in (*TEXT_MODELS, *_of("openai"))}
        data = [
            {
                "id": name,
                "object": "model",
                "created": CREATED,
                "owned_by": "local",
                "shutdown_date": _day(end),
            }
            for name, end in ends.items()
        ]
        return Answer({"object": "list", "data": data})

    def openrouter(self, request: Request) -> Answer:
        """OpenRouter: prices as texts; `output_modalities` chooses, text unless it is given."""
        wanted = set(request.query.get("output_modalities", "text").split(","))
        texts = [
            _openrouter(
                model.id,
                "text",
                model.shutdown,
                {
                    "prompt": str(model.input_usd / MILLION),
                    "completion": str(model.output_usd / MILLION),
                },
            )
            for model in TEXT_MODELS
        ]
        media = [
            _openrouter(model.id, model.capability, model.shutdown, {"request": str(model.usd)})
            for model in _of("openrouter")
        ]
        data = [
            model
            for model in (*texts, *media)
            if wanted & {*model["architecture"]["output_modalities"], "all"}
        ]
        return Answer({"data": data})

    def elevenlabs(self, _: Request) -> Answer:
        """ElevenLabs: a bare list."""
        return Answer(
            [
                {
                    "model_id": model.id,
                    "name": f"{model.id} (served locally)",
                    "can_do_text_to_speech": model.capability == "speech",
                    "languages": [{"language_id": "en", "name": "English"}],
                }
                for model in _of("elevenlabs")
            ]
        )


def _of(provider: str) -> list[MediaModel]:
    return [model for model in MEDIA_MODELS if model.provider == provider]


def _openrouter(
    name: str, modality: str, end: date | None, pricing: dict[str, str]
) -> dict[str, Any]:
    return {
        "id": name,
        "name": f"{name} (served by a local engine)",
        "created": CREATED,
        "context_length": 1_000_000,
        "architecture": {"output_modalities": [modality]},
        "pricing": pricing,
        "expiration_date": _day(end),
    }


def _day(end: date | None) -> str | None:
    return end.isoformat() if end else None
