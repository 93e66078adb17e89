"""What the local writer says when it cannot do what is asked; told to users word for word."""

from __future__ import annotations

from collections.abc import Sequence

NAME = "local-extractive-writer"
_CONFIGURE = (
    "For anything else configure a real text model, by OPENAI_API_KEY, OPENROUTER_API_KEY or "
    "COMPATIBLE_BASE_URL."
)


class Refusal(Exception):
    """The writer will not answer; the text says why and what to do."""

    def __init__(self, reason: str, more: str = "") -> None:
        super().__init__(f"The {NAME} cannot do this: {reason}. {_CONFIGURE}{more}")


class NotCovered(Refusal):
    """The topic is not in the corpus."""

    def __init__(self, topic: str, covered: Sequence[str], nearest: Sequence[str]) -> None:
        near = f"; nearest to it: {', '.join(nearest[:3])}" if nearest else ""
        super().__init__(
            f"its bundled texts do not cover '{topic[:80]}'{near}",
            f" The texts cover: {', '.join(covered)}.",
        )
