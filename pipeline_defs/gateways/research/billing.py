"""The bill of one search."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from pipeline_defs.gateways.catalog import Model
from pipeline_defs.gateways.endpoints import Endpoint
from pipeline_defs.gateways.usage import Usage


@dataclass(frozen=True, slots=True)
class SearchBill:
    """What a provider says of a call; `cost_usd` only where it reports one."""

    model: str = ""
    input_tokens: int = 0
    output_tokens: int = 0
    searches: int = 1
    cost_usd: Decimal | None = None


def search_usage(endpoint: Endpoint, model: Model, bill: SearchBill) -> tuple[Usage, ...]:
    """The provider's own figure if it gave one, else tokens and searches by the catalogue."""
    cost = bill.cost_usd
    if cost is None:
        tokens = model.token_cost(bill.input_tokens, bill.output_tokens)
        cost = tokens + bill.searches * model.search_usd
    return (
        Usage(
            capability="research",
            provider=endpoint.label,
            model=bill.model or model.id,
            input_tokens=bill.input_tokens,
            output_tokens=bill.output_tokens,
            quantity=Decimal(bill.searches),
            unit="searches",
            cost_usd=cost,
            cost_source="computed" if bill.cost_usd is None else "reported",
        ),
    )
