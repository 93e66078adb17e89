"""The reporter inside a real op of a real (in-memory) Dagster instance."""

from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace
from typing import Any

import dagster as dg
import pytest
from sqlalchemy.exc import OperationalError

from pipeline_defs import policies
from pipeline_defs.domain.errors import LostClaim, Transient
from pipeline_defs.runtime.reporting import Reporter
from pipeline_defs.runtime.work import Made

KEYS = [f"unit/{number:03d}" for number in range(1, 9)]
PARTS = dg.DynamicPartitionsDefinition(name="parts")
BRIDGES = frozenset({"brief"})
STUDIO = "http://studio.test"
Body = Callable[[Reporter, Any], Awaitable[None]]


class Noted:
    """In place of a unit's database: what it was told that Dagster knows."""

    def __init__(self) -> None:
        self.known: list[tuple[str, str]] = []

    async def transact(self, work: Callable[[Any], Awaitable[Any]]) -> Any:
        return await work(self)

    async def run(self, name: str, **rows: list[str]) -> int:
        assert name == "assets.reported"
        self.known += list(zip(rows["assets"], rows["partitions"], strict=True))
        return len(rows["assets"])


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.ephemeral() as instance:
        instance.add_dynamic_partitions("parts", KEYS)
        yield instance


def run(instance: dg.DagsterInstance, body: Body) -> Noted:
    """Run `body` in an op that may materialize `image` and `frame`."""
    noted = Noted()

    @dg.multi_asset(
        specs=[
            dg.AssetSpec(name, partitions_def=PARTS, skippable=True) for name in ("image", "frame")
        ],
        check_specs=[dg.AssetCheckSpec("is_sharp", asset="image", partitions_def=PARTS)],
        can_subset=True,
        backfill_policy=dg.BackfillPolicy.single_run(),
    )
    async def op(context: dg.AssetExecutionContext):
        async with Reporter.open(context, BRIDGES, STUDIO) as reporter:
            await body(reporter, noted)
        for nothing in ():
            yield nothing

    assert dg.materialize([op], instance=instance, partition_key=KEYS[0]).success
    return noted


def version(asset: str, key: str, **inputs: str) -> Made:
    return Made(asset, key, f"{asset}-{key}", "v1", "hash", inputs=inputs)


def newest(instance: dg.DagsterInstance, asset: str) -> dict[str, dg.EventLogRecord]:
    """The newest materialization of each partition."""
    wanted = dg.AssetRecordsFilter(dg.AssetKey(asset))
    records = instance.fetch_materializations(wanted, limit=1000, ascending=True).records
    return {str(record.partition_key): record for record in records}


def tag(record: dg.EventLogRecord, name: str) -> str | None:
    materialization = record.asset_materialization
    assert materialization is not None
    return (materialization.tags or {}).get(name)


async def report_all(reporter: Reporter, work: Any) -> None:
    """Frames are made from images, which are made from briefs; all of it in one breath."""
    for key in KEYS:
        await reporter.made(work, version("brief", key))
        await reporter.made(work, version("image", key, brief=f"brief-{key}"))
        await reporter.checked("image", key, "is_sharp", [])
        await reporter.made(work, version("frame", key, image=f"image-{key}"))
    await reporter.flush()


def test_every_version_is_known_after_a_flush(instance: dg.DagsterInstance) -> None:
    seen: list[int] = []

    async def body(reporter: Reporter, work: Any) -> None:
        await report_all(reporter, work)
        seen.append(len(newest(instance, "frame")))

    noted = run(instance, body)
    assert seen == [len(KEYS)]
    assert sorted(noted.known) == sorted((a, k) for k in KEYS for a in ("brief", "image", "frame"))


@pytest.mark.parametrize("batch_size", ["0", "3", "500"])
def test_inputs_point_to_the_events_they_came_from(
    instance: dg.DagsterInstance, batch_size: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DAGSTER_EVENT_BATCH_SIZE", batch_size)
    run(instance, report_all)
    images, frames = newest(instance, "image"), newest(instance, "frame")
    wanted = dg.AssetRecordsFilter(dg.AssetKey("brief"))
    briefs = instance.fetch_observations(wanted, limit=1000).records
    observed = {str(record.partition_key): record.storage_id for record in briefs}
    assert sorted(images) == sorted(frames) == sorted(observed) == KEYS
    for key in KEYS:
        pointer = "dagster/input_event_pointer/"
        assert tag(images[key], pointer + "brief") == str(observed[key])
        assert tag(frames[key], pointer + "image") == str(images[key].storage_id)
        assert tag(frames[key], "dagster/input_data_version/image") == f"image-{key}"


@pytest.mark.parametrize("told_before", [True, False])
def test_an_edit_told_in_between_is_not_what_a_result_points_to(
    instance: dg.DagsterInstance, told_before: bool
) -> None:
    """Else Dagster would take for fresh what was made from the words before the edit."""
    key = KEYS[0]
    edit = dg.AssetObservation("brief", partition=key, tags={"dagster/data_version": "edited"})

    async def body(reporter: Reporter, work: Any) -> None:
        if told_before:
            await reporter.made(work, version("brief", key))
            await reporter.flush()
        instance.report_runless_asset_event(edit)
        await reporter.made(work, version("image", key, brief=f"brief-{key}"))

    run(instance, body)
    wanted = dg.AssetRecordsFilter(dg.AssetKey("brief"))
    briefs = instance.fetch_observations(wanted, limit=10, ascending=True).records
    pointer = tag(newest(instance, "image")[key], "dagster/input_event_pointer/brief")
    expected = briefs[0].storage_id if told_before else briefs[0].storage_id - 1
    assert len(briefs) == 1 + told_before
    assert pointer == str(expected)


def test_a_batch_is_a_write_per_asset(
    instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DAGSTER_EVENT_BATCH_SIZE", "500")
    storage = instance.event_log_storage
    batches: list[int] = []
    original = storage.store_event_batch

    def counted(events: Any) -> None:
        if "PLANNED" not in events[0].get_dagster_event().event_type_value:
            batches.append(len(events))
        original(events)

    monkeypatch.setattr(storage, "store_event_batch", counted)
    run(instance, report_all)
    # observations and materializations of the bridge, the images, the frames, checks of the images
    assert batches == [len(KEYS)] * 5


def test_checks_are_told_too(instance: dg.DagsterInstance) -> None:
    run(instance, report_all)
    key = dg.AssetCheckKey(dg.AssetKey("image"), "is_sharp")
    history = instance.event_log_storage.get_asset_check_execution_history(key, limit=100)
    assert len([check for check in history if check.status.value == "SUCCEEDED"]) == len(KEYS)


def test_an_event_that_cannot_be_written_spoils_no_other(instance: dg.DagsterInstance) -> None:
    async def body(reporter: Reporter, work: Any) -> None:
        for key in KEYS:
            metadata = {"strange": object()} if key == KEYS[2] else {}
            await reporter.made(work, replace(version("image", key), metadata=metadata))
        await reporter.flush()

    # it counts as told all the same: else every run of the unit would be followed by another one
    assert sorted(run(instance, body).known) == [("image", key) for key in KEYS]
    assert sorted(newest(instance, "image")) == [key for key in KEYS if key != KEYS[2]]


def test_a_unit_that_was_lost_is_not_reported_any_more(instance: dg.DagsterInstance) -> None:
    class Lost(Noted):
        async def transact(self, work: Callable[[Any], Awaitable[Any]]) -> Any:
            raise LostClaim

    lost: Any = Lost()

    async def body(reporter: Reporter, work: Any) -> None:
        await reporter.made(lost, version("image", KEYS[0]))
        await reporter.made(work, version("image", KEYS[1]))
        await reporter.flush()

    assert run(instance, body).known == [("image", KEYS[1])]
    assert list(newest(instance, "image")) == [KEYS[1]]


def test_what_was_not_flushed_is_written_when_the_op_ends(instance: dg.DagsterInstance) -> None:
    async def body(reporter: Reporter, work: Any) -> None:
        await reporter.made(work, version("image", KEYS[0]))

    assert run(instance, body).known == [("image", KEYS[0])]
    assert list(newest(instance, "image")) == [KEYS[0]]


def test_a_dagster_database_that_stays_away_fails_whoever_waits_and_whoever_reports_next(
    instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(policies, "POSTGRES_OUTAGE_TOLERANCE", 0.0)
    storage = instance.event_log_storage
    stored = storage.store_event
    codes: list[str] = []

    def away(event: Any) -> None:
        if event.is_dagster_event and event.get_dagster_event().is_step_materialization:
            raise OperationalError("insert", {}, Exception("gone"))
        stored(event)

    async def body(reporter: Reporter, work: Any) -> None:
        monkeypatch.setattr(storage, "store_event", away)
        await reporter.made(work, version("image", KEYS[0]))
        for wait in (reporter.flush(), reporter.made(work, version("image", KEYS[1]))):
            with pytest.raises(Transient) as caught:
                await wait
            codes.append(caught.value.code)

    assert run(instance, body).known == []
    assert codes == ["DATABASE_UNAVAILABLE"] * 2
