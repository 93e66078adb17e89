"""A provider that counts: answers are a pure function of the idempotency key."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

from pipeline_defs.domain.versions import version_of
from pipeline_defs.gateways.usage import Usage
from pipeline_defs.policies import Retry, StepPolicy
from pipeline_defs.runtime.paid_calls import Outcome, Try

POLICY = StepPolicy("text", timeout=5, retry=Retry(attempts=3, base=0.01, cap=0.02))


def usage(model: str = "writer-1", cost: str = "0.25") -> Usage:
    """One billed call."""
    return Usage("text", "test", model, 10, 20, Decimal(30), "tokens", Decimal(cost), "reported")


class Provider:
    """Keeps a line per call in a file, so that calls of killed processes count too."""

    def __init__(self, log: Path) -> None:
        self.log = log

    @property
    def keys(self) -> list[str]:
        """The idempotency key of every call, in order."""
        return self.log.read_text().split() if self.log.exists() else []

    async def call(self, this: Try) -> Outcome:
        """Answer."""
        with self.log.open("a") as log:
            log.write(f"{this.idempotency_key}\n")
        return Outcome({"text": f"answer {version_of(this.idempotency_key)}"}, (usage(),))
