"""What the text APIs have in common: the writer is asked, and its answer is priced."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from pipeline_defs.local.providers.engines import Engines
from pipeline_defs.local.providers.prices import (
    CHARS_PER_TOKEN,
    TextModel,
    text_model,
    token_cost,
    tokens,
)
from pipeline_defs.local.providers.server.faults import Action
from pipeline_defs.local.providers.server.shapes import ApiError
from pipeline_defs.local.providers.server.work import Bill
from pipeline_defs.local.providers.writer.refusal import NAME

WRONG_SCHEMA_TEXT = '{"unexpected":true}'
INJECTED_REFUSAL = "I'm sorry, but I can't help with that."


@dataclass(frozen=True, slots=True)
class TextCall:
    """A request as either text API makes it."""

    models: Sequence[str]  # the first is asked for, the others are fallbacks
    instructions: str
    prompt: str
    fields: Collection[str] | None  # properties of the JSON schema asked for
    max_tokens: int | None
    fault: Action | None


@dataclass(frozen=True, slots=True)
class TextResult:
    """What was written. `incomplete` is why it ends early; `text` is then cut off."""

    text: str
    refusal: str
    incomplete: str
    input_tokens: int
    output_tokens: int
    cost_usd: Decimal

    @property
    def model(self) -> str:
        """Who served: never called by a real model's name."""
        return NAME

    @property
    def bill(self) -> Bill:
        """The bill of the call."""
        return Bill(self.cost_usd, self.input_tokens, self.output_tokens)


def write(engines: Engines, call: TextCall) -> TextResult:
    """Ask the writer; a fault may turn its answer into a refusal, a cut or garbage."""
    model = _served(call.models)
    text, refusal, incomplete = _said(engines, call)
    asked = tokens(call.instructions) + tokens(call.prompt)
    given = tokens(text or refusal)
    cost = token_cost(asked, model.input_usd) + token_cost(given, model.output_usd)
    return TextResult(text, refusal, incomplete, asked, given, cost)


def _said(engines: Engines, call: TextCall) -> tuple[str, str, str]:
    fault = call.fault
    if fault is not None and fault.refusal:
        return "", INJECTED_REFUSAL if fault.refusal is True else fault.refusal, ""
    if fault is not None and fault.garbage == "wrong_schema":
        return WRONG_SCHEMA_TEXT, "", ""
    written = engines.writer.answer(call.prompt, call.fields, call.max_tokens)
    text = written.text
    if fault is not None and fault.garbage == "bad_json":
        text = text[: len(text) // 2]
    if fault is not None and fault.incomplete:
        reason = "max_output_tokens" if fault.incomplete is True else fault.incomplete
        return text[: len(text) // 2], "", reason
    if call.max_tokens is not None and tokens(text) > call.max_tokens:
        return text[: call.max_tokens * CHARS_PER_TOKEN], "", "max_output_tokens"
    return text, written.refusal, ""


def _served(models: Sequence[str]) -> TextModel:
    """The first model that is not shut down."""
    today = datetime.now(UTC).date()
    for name in models:
        model = text_model(name)
        if model.shutdown is None or model.shutdown > today:
            return model
    name = models[0] if models else ""
    message = f"The model '{name}' does not exist or you do not have access to it."
    raise ApiError(404, "model_not_found", message)


def schema_fields(schema: Any) -> Collection[str] | None:
    """The properties of a JSON schema, or None where there is no schema."""
    properties = schema.get("properties") if isinstance(schema, dict) else None
    return tuple(properties) if isinstance(properties, dict) else None


def said_text(content: Any) -> str:
    """The text of a message's content: a string, or parts that carry one."""
    if isinstance(content, str):
        return content
    if not isinstance(content, list):
        return ""
    texts = (part.get("text") for part in content if isinstance(part, dict))
    return "\n".join(text for text in texts if isinstance(text, str))


def now() -> int:
    """Seconds since 1970."""
    return int(datetime.now(UTC).timestamp())
