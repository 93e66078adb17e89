"""Every number the local server bills or announces; made up in a realistic size, in US dollars."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

MILLION = Decimal(1_000_000)
CHARS_PER_TOKEN = 4
SEARCH_USD = Decimal("0.005")  # a call of the Search API or of the generic search
AGENT_SEARCH_USD = Decimal("0.0025")  # a search inside the Agent API
SONAR_REQUEST_USD = Decimal("0.005")
ANSWER_INPUT_USD = Decimal("0.25")  # per million tokens of a research answer
ANSWER_OUTPUT_USD = Decimal("2.50")
POST_USD = Decimal(0)


@dataclass(frozen=True, slots=True)
class TextModel:
    """A name the server answers to, with prices per million tokens and its announced end."""

    id: str
    input_usd: Decimal
    output_usd: Decimal
    shutdown: date | None = None


TEXT_MODELS = (
    TextModel("local-extractive-writer", Decimal("0.20"), Decimal("1.20")),
    TextModel("gpt-5.6-terra", Decimal("2.00"), Decimal("12.00")),
    TextModel("gpt-5.6-luna", Decimal("0.20"), Decimal("1.20")),
    TextModel("gpt-5.4-nano", Decimal("0.20"), Decimal("1.25"), date(2027, 4, 1)),
    TextModel("gpt-4.1", Decimal("2.00"), Decimal("8.00"), date(2027, 1, 14)),
    TextModel("gpt-5", Decimal("1.25"), Decimal("10.00"), date(2026, 12, 11)),
    TextModel("gpt-4-turbo", Decimal("10.00"), Decimal("30.00"), date(2026, 10, 23)),
    TextModel("anthropic/claude-sonnet-5", Decimal("2.00"), Decimal("10.00")),
    TextModel("openai/gpt-5.6-terra", Decimal("2.00"), Decimal("12.00")),
)
_DEFAULT = TEXT_MODELS[0]


def text_model(name: str) -> TextModel:
    """The model of a name; any other name is served at the writer's own price."""
    known = next((model for model in TEXT_MODELS if model.id == name), None)
    return known or TextModel(name, _DEFAULT.input_usd, _DEFAULT.output_usd)


def tokens(text: str) -> int:
    """How many tokens a text counts as."""
    return -(-len(text) // CHARS_PER_TOKEN)


def token_cost(used: int, price_per_million: Decimal) -> Decimal:
    """What so many tokens cost."""
    return used * price_per_million / MILLION
