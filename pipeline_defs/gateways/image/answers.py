"""From an answer of an images API to one picture. OpenAI and OpenRouter share the shape."""

from __future__ import annotations

import base64
import binascii
from decimal import Decimal
from typing import Any

from pydantic import Field

from pipeline_defs.gateways.billing import Bill, media_usage
from pipeline_defs.gateways.catalog import Model
from pipeline_defs.gateways.endpoints import Endpoint
from pipeline_defs.gateways.failures import InvalidAnswer
from pipeline_defs.gateways.image.port import ImageAnswer, ImageRequest
from pipeline_defs.gateways.media_formats import expect_media, picture_type
from pipeline_defs.gateways.wire import Wire, parse_wire

SIZE_STEP = 16  # pixels; widths and heights are multiples of it


class _Image(Wire):
    b64_json: str | None = None


class _Usage(Wire):
    input_tokens: int | None = Field(default=None, ge=0)
    output_tokens: int | None = Field(default=None, ge=0)
    prompt_tokens: int | None = Field(default=None, ge=0)
    completion_tokens: int | None = Field(default=None, ge=0)
    cost: Decimal | None = Field(default=None, ge=0)


class _Answer(Wire):
    model: str | None = None
    data: tuple[_Image, ...] = Field(min_length=1)
    usage: _Usage | None = None


def size_of(request: ImageRequest) -> str:
    """`<width>x<height>`, each rounded up to what the APIs accept."""
    width, height = (
        -(-pixels // SIZE_STEP) * SIZE_STEP for pixels in (request.width, request.height)
    )
    return f"{width}x{height}"


def read_image(body: Any, endpoint: Endpoint, model: Model) -> ImageAnswer:
    """The first picture. Only what is in the answer is taken: addresses are never fetched."""
    answer = parse_wire(_Answer, body, endpoint)
    usage = answer.usage or _Usage()
    bill = media_usage(
        endpoint,
        model,
        Bill(
            capability="image",
            quantity=Decimal(len(answer.data)),
            unit="images",
            input_tokens=usage.input_tokens or usage.prompt_tokens or 0,
            output_tokens=usage.output_tokens or usage.completion_tokens or 0,
            served=answer.model or "",
            cost_usd=usage.cost,
        ),
    )
    encoded = answer.data[0].b64_json
    if not encoded:
        raise InvalidAnswer(f"{endpoint.label} answered without a picture in b64_json", bill)
    try:
        data = base64.b64decode(encoded.rpartition(",")[2], validate=True)  # or a data URL
    except (binascii.Error, ValueError):
        raise InvalidAnswer(f"{endpoint.label} sent a picture that is not base64", bill) from None
    media_type = expect_media(data, picture_type, endpoint, bill)
    return ImageAnswer(data, media_type, answer.model or model.id, endpoint.label, bill)
