"""The lines that run the stages of a page: what is left out, handled, told and in which order."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, cast

import pytest

from pipeline_defs.defs.pages.making import Making
from pipeline_defs.defs.pages.pipeline import Hook, Hooks, Stage, run_stages
from pipeline_defs.domain.errors import LostClaim, Permanent, PipelineError
from pipeline_defs.domain.pages.stages import StageRecord

REFUSED = Permanent("REFUSED", "no such words", advice="Ask for others.")


@dataclass
class Told:
    """What stages did and hooks were told, in order; and how many transactions that took."""

    said: list[tuple[str, ...]] = field(default_factory=list)
    records: list[StageRecord] = field(default_factory=list)
    transactions: int = 0

    @property
    def making(self) -> Making:
        """A page whose transactions are counted and go nowhere."""
        work = SimpleNamespace(transact=self._transact)
        return cast("Making", SimpleNamespace(job=SimpleNamespace(work=work)))

    @property
    def hooks(self) -> Hooks:
        """Two hooks on either side, so that their order shows."""
        return Hooks(
            before=(self._hook("before 1"), self._hook("before 2")),
            after=(self._hook("after 1"), self._hook("after 2")),
        )

    def runs(self, name: str, error: Exception | None = None) -> Any:
        """What a stage does."""

        async def run(_making: Making) -> dict[str, Any]:
            self.said.append(("run", name))
            if error is not None:
                raise error
            return {"of": name}

        return run

    def _hook(self, called: str) -> Hook:
        async def hook(_tx: Any, _making: Making, record: StageRecord) -> None:
            self.said.append((called, record.name, record.status))
            if called.endswith("1"):
                self.records.append(record)

        return hook

    async def _transact(self, write: Any) -> None:
        self.transactions += 1
        await write(None)


async def test_hooks_are_told_before_and_after_each_stage_in_their_order() -> None:
    told = Told()
    stages = [Stage(name, told.runs(name)) for name in ("validation", "context-building")]
    await run_stages(told.making, stages, told.hooks)
    assert told.said == [
        ("before 1", "validation", "running"),
        ("before 2", "validation", "running"),
        ("run", "validation"),
        ("after 1", "validation", "completed"),
        ("after 2", "validation", "completed"),
        ("before 1", "context-building", "running"),
        ("before 2", "context-building", "running"),
        ("run", "context-building"),
        ("after 1", "context-building", "completed"),
        ("after 2", "context-building", "completed"),
    ]
    assert told.records[1].detail == {"of": "validation"}
    assert told.transactions == 3  # what ended is told with what begins


async def test_a_stage_that_is_skipped_is_not_run_and_tells_why() -> None:
    told = Told()
    stages = [
        Stage("quality-validation", told.runs("quality"), skip=lambda _making: "as was asked for"),
        Stage("storage", told.runs("storage")),
    ]
    await run_stages(told.making, stages, told.hooks)
    assert ("run", "quality") not in told.said
    assert told.records[0] == StageRecord(
        "quality-validation", "skipped", 0.0, {"reason": "as was asked for"}
    )
    assert [record.status for record in told.records] == ["skipped", "running", "completed"]


async def test_an_error_that_is_handled_is_recorded_and_the_page_goes_on() -> None:
    told = Told()

    async def remark(_making: Making, error: PipelineError) -> dict[str, Any]:
        return {"remark": error.message}

    stages = [
        Stage("context-building", told.runs("context", REFUSED), on_error=remark),
        Stage("storage", told.runs("storage")),
    ]
    await run_stages(told.making, stages, told.hooks)
    assert [record.status for record in told.records] == [
        "running",
        "completed",
        "running",
        "completed",
    ]
    assert told.records[1].detail == {
        "remark": "no such words",
        "handled": REFUSED.record().as_dict(),
    }
    assert ("run", "storage") in told.said


async def test_an_error_that_nothing_handles_is_recorded_and_stops_the_page() -> None:
    told = Told()
    stages = [
        Stage("validation", told.runs("validation", REFUSED)),
        Stage("storage", told.runs("storage")),
    ]
    with pytest.raises(Permanent, match="REFUSED"):
        await run_stages(told.making, stages, told.hooks)
    assert told.said[-2:] == [
        ("after 1", "validation", "failed"),
        ("after 2", "validation", "failed"),
    ]
    assert told.records[-1].error == REFUSED.record().as_dict()


async def test_a_worker_that_lost_its_page_records_nothing_more_of_it() -> None:
    told = Told()
    with pytest.raises(LostClaim):
        await run_stages(
            told.making, [Stage("storage", told.runs("storage", LostClaim("gone")))], told.hooks
        )
    assert [record.status for record in told.records] == ["running"]
