"""From a model's text to a validated value."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from pipeline_defs.gateways.catalog import Model
from pipeline_defs.gateways.endpoints import Endpoint
from pipeline_defs.gateways.failures import InvalidAnswer
from pipeline_defs.gateways.usage import Usage
from pipeline_defs.gateways.wire import problems

T = TypeVar("T", bound=BaseModel)
_FENCED = re.compile(r"\A\s*```(?:json)?\s*\n(.*)\n\s*```\s*\Z", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Tokens:
    """Token counts of a call; `cost_usd` only where the provider reports one."""

    input: int = 0
    output: int = 0
    cached: int = 0
    cost_usd: Decimal | None = None


def parse_value(text: str, answer: type[T], label: str, usage: tuple[Usage, ...]) -> T:
    """The value in `text`: exactly one JSON value, bare or in one code fence."""
    fenced = _FENCED.match(text)
    try:
        return answer.model_validate_json(fenced.group(1) if fenced else text)
    except ValidationError as error:
        raise InvalidAnswer(f"{label} gave an unusable answer: {problems(error)}", usage) from None


def text_usage(endpoint: Endpoint, model: Model, served: str, tokens: Tokens) -> tuple[Usage, ...]:
    """The bill of one text call: the provider's own figure if it gave one, else our prices."""
    reported = tokens.cost_usd is not None
    cost = tokens.cost_usd
    if cost is None:
        cost = model.token_cost(tokens.input, tokens.output, tokens.cached)
    return (
        Usage(
            capability="text",
            provider=endpoint.label,
            model=served or model.id,
            input_tokens=tokens.input,
            output_tokens=tokens.output,
            quantity=Decimal(tokens.input + tokens.output),
            unit="tokens",
            cost_usd=cost,
            cost_source="reported" if reported else "computed",
        ),
    )
