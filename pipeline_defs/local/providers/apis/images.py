"""Pictures: OpenAI's `/images/generations` and OpenRouter's `/images`."""

from __future__ import annotations

import base64
import re
from typing import Any, Literal

from pydantic import Field

from pipeline_defs.local.providers.apis.media import bill as bill_for
from pipeline_defs.local.providers.apis.media import generation_header, refuse, served
from pipeline_defs.local.providers.apis.text import now
from pipeline_defs.local.providers.engine.images import FORMATS, MODEL
from pipeline_defs.local.providers.engine.studio import Studio
from pipeline_defs.local.providers.prices import (
    IMAGE_INPUT_USD,
    IMAGE_OUTPUT_USD,
    PIXELS_PER_IMAGE_TOKEN,
    token_cost,
    tokens,
)
from pipeline_defs.local.providers.server.shapes import ApiError
from pipeline_defs.local.providers.server.work import Answer, Bill, Body, Request

LONGEST_PROMPT = 32_000
MOST_IMAGES = 10
SIDES = (256, 3840)  # pixels
STEP = 16  # both sides are multiples of it
WIDEST = 3  # times the height, or the other way round
DEFAULT_SIZE = (1024, 1024)
_SIZE = re.compile(r"(\d{2,5})x(\d{2,5})")
_RATIOS = {
    "16:9": (1280, 720),
    "9:16": (720, 1280),
    "4:3": (1152, 864),
    "3:4": (864, 1152),
    "3:2": (1248, 832),
    "2:3": (832, 1248),
    "1:1": (1024, 1024),
}
_FLAGGED = {"moderation_stage": "input", "categories": ["other"]}


class _ImageBody(Body):
    model: str = Field(min_length=1)
    prompt: str = Field(min_length=1, max_length=LONGEST_PROMPT)
    n: int | None = Field(default=None, ge=1, le=MOST_IMAGES)
    size: str | None = None
    quality: Literal["low", "medium", "high", "xhigh", "max", "auto"] | None = None
    output_format: Literal["png", "jpeg", "webp"] | None = None


class _RouterBody(_ImageBody):
    aspect_ratio: str | None = None


class ImagesApi:
    """The picture engine in both shapes; pictures always come as base64."""

    def __init__(self, studio: Studio) -> None:
        self._studio = studio

    def generations(self, request: Request) -> Answer:
        """OpenAI `POST /images/generations`: billed by tokens."""
        asked = request.parse(_ImageBody)
        served(asked.model, "openai", "image")
        refuse(
            request,
            *(400, "moderation_blocked"),
            type="image_generation_user_error",
            moderation_details=_FLAGGED,
        )
        width, height = _size(asked.size)
        count, kind = asked.n or 1, asked.output_format or "png"
        read = tokens(asked.prompt)
        drawn = count * -(-width * height // PIXELS_PER_IMAGE_TOKEN)
        cost = token_cost(read, IMAGE_INPUT_USD) + token_cost(drawn, IMAGE_OUTPUT_USD)
        body = {
            "created": now(),
            "background": "opaque",
            "data": [
                {"b64_json": b64}
                for b64 in self._drawn(request, asked.prompt, width, height, kind, count)
            ],
            "output_format": kind,
            "quality": "medium" if asked.quality in {None, "auto"} else asked.quality,
            "size": f"{width}x{height}",
            "usage": {
                "input_tokens": read,
                "input_tokens_details": {"text_tokens": read, "image_tokens": 0},
                "output_tokens": drawn,
                "output_tokens_details": {"text_tokens": 0, "image_tokens": drawn},
                "total_tokens": read + drawn,
            },
        }
        return Answer(body, Bill(cost, read, drawn, quantity=count, unit="images"), MODEL)

    def openrouter(self, request: Request) -> Answer:
        """OpenRouter `POST /images`: media types, and the cost in the usage."""
        asked = request.parse(_RouterBody)
        model = served(asked.model, "openrouter", "image")
        refuse(request, 403, "moderation_blocked")
        width, height = _RATIOS.get(asked.aspect_ratio or "", DEFAULT_SIZE)
        if asked.size:
            width, height = _size(asked.size)
        count, kind = asked.n or 1, asked.output_format or "png"
        bill = bill_for(model, count, "images")
        body: dict[str, Any] = {
            "created": now(),
            "data": [
                {"b64_json": b64, "media_type": FORMATS[kind]}
                for b64 in self._drawn(request, asked.prompt, width, height, kind, count)
            ],
            "usage": {"cost": float(bill.cost_usd), "is_byok": False},
        }
        return Answer(body, bill, MODEL, headers=generation_header("img"))

    def _drawn(
        self, request: Request, prompt: str, width: int, height: int, kind: str, count: int
    ) -> list[str]:
        """The pictures as base64, all equal; the idempotency key chooses the arrangement."""
        picture = self._studio.picture(prompt, width, height, kind, request.key)
        return [base64.b64encode(picture).decode()] * count


def _size(asked: str | None) -> tuple[int, int]:
    if asked in {None, "", "auto"}:
        return DEFAULT_SIZE
    found = _SIZE.fullmatch(asked or "")
    if found is None:
        raise _invalid("it is not WIDTHxHEIGHT")
    width, height = int(found[1]), int(found[2])
    if width % STEP or height % STEP:
        raise _invalid(f"both sides must be divisible by {STEP}")
    low, high = SIDES
    if not (low <= min(width, height) and max(width, height) <= high):
        raise _invalid(f"sides are from {low} to {high}")
    if max(width, height) > WIDEST * min(width, height):
        raise _invalid(f"the ratio is beyond {WIDEST}:1")
    return width, height


def _invalid(reason: str) -> ApiError:
    return ApiError(400, "invalid_value", f"Invalid size: {reason}.", param="size")
