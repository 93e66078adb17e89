"""What the media APIs have in common: living models, refusals, bills by the piece."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import uuid4

from pipeline_defs.local.providers.prices import MediaModel, media_model
from pipeline_defs.local.providers.server.shapes import ApiError
from pipeline_defs.local.providers.server.work import Bill, Request

INJECTED = "Your request was rejected by the safety system."


def served(name: str, provider: str, capability: str) -> MediaModel:
    """The model of a name; one that is shut down is not found."""
    model = media_model(name, provider, capability)
    if model.shutdown is not None and model.shutdown <= datetime.now(UTC).date():
        message = f"The model '{name}' does not exist or you do not have access to it."
        raise ApiError(404, "model_not_found", message)
    return model


def refusal(request: Request) -> str:
    """What a fault script lets the model say instead of doing it; empty where it obeys."""
    fault = request.fault
    if fault is None or not (fault.refusal or fault.incomplete):
        return ""
    return fault.refusal if isinstance(fault.refusal, str) else INJECTED


def refuse(request: Request, status: int, code: str, **details: Any) -> None:
    """Answer with a refusal where a fault script wants one."""
    words = refusal(request)
    if words:
        raise ApiError(status, code, words, **details)


def bill(model: MediaModel, quantity: float, unit: str) -> Bill:
    """The bill for so many pieces."""
    return Bill(Decimal(str(quantity)) * model.usd, quantity=quantity, unit=unit)


def generation_header(kind: str) -> dict[str, str]:
    """How OpenRouter names what it made."""
    return {"x-generation-id": f"gen-{kind}-{uuid4().hex}"}
