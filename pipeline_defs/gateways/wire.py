"""Reading the providers' JSON: what is read is checked, the rest is ignored."""

from __future__ import annotations

from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from pipeline_defs.gateways.endpoints import Endpoint
from pipeline_defs.gateways.failures import Failure, InvalidAnswer, classify_failure, inner_status

W = TypeVar("W", bound=BaseModel)
PROBLEMS_NAMED = 5
PROBLEMS_LIMIT = 1000  # characters


class Wire(BaseModel):
    """Base of the providers' answer shapes."""

    model_config = ConfigDict(extra="ignore", frozen=True)


def parse_wire(shape: type[W], body: Any, endpoint: Endpoint) -> W:
    """The provider's envelope; `InvalidAnswer` where it is not what the API promises."""
    try:
        return shape.model_validate(body)
    except ValidationError as error:
        raise InvalidAnswer(
            f"{endpoint.label} answered in an unknown shape: {problems(error)}"
        ) from None


def expect_no_error(body: Any, endpoint: Endpoint, model: str = "") -> None:
    """Raises what an `error` inside a successful answer means."""
    error = body.get("error") if isinstance(body, dict) else None
    if error:
        raise classify_failure(Failure(inner_status(error), {}, body, model), endpoint)


def problems(error: ValidationError) -> str:
    """The first few problems by field, without the values (they are not ours to log)."""
    found = error.errors(include_input=False, include_url=False, include_context=False)
    named = [
        f"{'.'.join(str(part) for part in item['loc']) or 'answer'}: {item['msg']}"
        for item in found[:PROBLEMS_NAMED]
    ]
    more = len(found) - len(named)
    return "; ".join(named)[:PROBLEMS_LIMIT] + (f" and {more} more" if more > 0 else "")
