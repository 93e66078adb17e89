"""The ledger of one unit: what was asked for, how often, and what it brought.

What is done was read when the unit was claimed, and is answered from memory.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from pipeline_defs.runtime.claims import Claim
from pipeline_defs.storage.database import Transaction
from pipeline_defs.storage.unsent import Returned


class Step(NamedTuple):
    """What an entry is about: one step of a partition, from these inputs."""

    partition: str
    step: str
    input_hash: str


@dataclass(slots=True)
class Entry:
    """How often a step was begun, and what came of it.

    `answers`: refused or unusable ones; `complaint`: what was wrong with the last of them.
    `started_at` tells an entry from one before it whose result was lost.
    """

    tries: int
    answers: int
    complaint: str
    started_at: str
    result: dict[str, Any] | None = None


class Ledger:
    """The entries of a claimed unit. What reads or writes takes a transaction under its fence."""

    def __init__(self, claim: Claim, run_id: str) -> None:
        self._claim = claim
        self._run_id = run_id
        self._done: dict[Step, dict[str, Any]] = {}

    async def read(self, tx: Transaction) -> None:
        """Know what is done."""
        rows = await tx.all("ledger.done_of_unit", unit_id=self._claim.unit_id)
        self._done = {_step(row): row["result"] for row in rows}

    def result(self, step: Step) -> dict[str, Any] | None:
        """What a step brought, if it is known as done."""
        return self._done.get(step)

    def note(self, step: Step, result: dict[str, Any]) -> None:
        """It was done: `finish` is committed."""
        self._done[step] = result

    async def start(self, tx: Transaction, step: Step) -> Returned:
        """Record the intent; for `started` after the commit."""
        return await tx.each("ledger.start", about=self._about(step), **self._row(step))

    def started(self, step: Step, rows: Sequence[dict[str, Any]]) -> Entry | None:
        """The entry of a step among those that were begun; None where it was done before."""
        mine = self._about(step)
        row = next((row for row in rows if (row["unit_id"], _step(row)) == mine), None)
        return _entry(row) if row is not None else None

    async def find(self, tx: Transaction, step: Step) -> Entry:
        """The entry of a step that was begun once."""
        row = await tx.one("ledger.find", unit_id=self._claim.unit_id, **step._asdict())
        if row is None:
            raise LookupError(f"{step.step} of {step.partition} is not in the ledger")
        return _entry(row)

    async def answered(self, tx: Transaction, step: Step, complaint: str) -> None:
        """The provider has answered, and not with a result: the next try is a new request."""
        await tx.run(
            "ledger.answered",
            unit_id=self._claim.unit_id,
            complaint=complaint,
            **step._asdict(),
        )

    async def finish(self, tx: Transaction, step: Step, result: dict[str, Any]) -> None:
        """Keep what a step brought."""
        row = {**self._row(step), "result": result}
        await tx.each("ledger.finish", about=self._about(step), **row)

    def forget(self, partition: str, steps: Iterable[str]) -> None:
        """What these steps say of files was taken out of the database: the files are lost."""
        gone = set(steps)
        self._done = {
            step: result
            for step, result in self._done.items()
            if step.partition != partition or step.step not in gone or not _names_a_file(result)
        }

    def _row(self, step: Step) -> dict[str, Any]:
        mine = {"unit_id": self._claim.unit_id, "fence": self._claim.fence, "run_id": self._run_id}
        return {**mine, **step._asdict()}

    def _about(self, step: Step) -> tuple[str, Step]:
        return self._claim.unit_id, step


def _step(row: dict[str, Any]) -> Step:
    return Step(row["partition"], row["step"], row["input_hash"])


def _entry(row: dict[str, Any]) -> Entry:
    return Entry(
        row["tries"], row["answers"], row["complaint"], row["started_at"], row.get("result")
    )


def _names_a_file(result: dict[str, Any]) -> bool:
    return '"sha256"' in json.dumps(result)
