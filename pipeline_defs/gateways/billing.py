"""The bill of a call that made or read media."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from pipeline_defs.gateways.catalog import Model
from pipeline_defs.gateways.endpoints import Endpoint
from pipeline_defs.gateways.usage import Usage


@dataclass(frozen=True, slots=True)
class Bill:
    """What is known of a call; `cost_usd` only where the provider reports one.

    `unit` is images, characters or seconds. `served` is the model that answered, where it is named.
    """

    capability: str
    quantity: Decimal
    unit: str
    input_tokens: int = 0
    output_tokens: int = 0
    served: str = ""
    cost_usd: Decimal | None = None


def media_usage(endpoint: Endpoint, model: Model, bill: Bill) -> tuple[Usage, ...]:
    """The provider's own figure if it gave one; else its tokens, else its units, by our prices."""
    cost = bill.cost_usd
    if cost is None:
        cost = model.token_cost(bill.input_tokens, bill.output_tokens)
        cost = cost or model.unit_cost(bill.quantity, bill.unit)
    return (
        Usage(
            capability=bill.capability,
            provider=endpoint.label,
            model=bill.served or model.id,
            input_tokens=bill.input_tokens,
            output_tokens=bill.output_tokens,
            quantity=bill.quantity,
            unit=bill.unit,
            cost_usd=cost,
            cost_source="computed" if bill.cost_usd is None else "reported",
        ),
    )
