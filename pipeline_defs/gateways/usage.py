"""What a provider call used and cost."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

CostSource = Literal["reported", "computed"]


@dataclass(frozen=True, slots=True)
class Usage:
    """One billed call. `cost_usd` is exact; `reported` costs are the provider's own figure."""

    capability: str  # text, research, image, speech, video, music, transcription
    provider: str  # `local:<provider>` where the local provider server answered
    model: str  # as the provider names what served
    input_tokens: int
    output_tokens: int
    quantity: Decimal  # how many of `unit`
    unit: str  # tokens, searches, images, characters, seconds
    cost_usd: Decimal
    cost_source: CostSource


def total_cost(usages: Iterable[Usage]) -> Decimal:
    """Sum of the costs, in US dollars."""
    return sum((usage.cost_usd for usage in usages), Decimal(0))
