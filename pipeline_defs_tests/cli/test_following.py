"""Following a unit over broken streams, and without any."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator

import pytest

from pipeline_defs.cli import following
from pipeline_defs.cli.client import Api, Refused, ServerEvent, Unreachable, parse_events
from pipeline_defs.cli.unit_argument import UnitRef
from pipeline_defs_tests.cli import worker
from pipeline_defs_tests.cli.conftest import GatewayThread


class FaultyApi(Api):
    """A real API whose streams meet `faults`, one each, before they are opened."""

    faults: Iterator[Exception | None] = iter(())
    opened: int = 0

    def events(self, path: str, after: str | None) -> Iterator[ServerEvent]:
        """The stream, unless a fault is next."""
        self.opened += 1
        fault = next(self.faults, None)
        if fault is not None:
            raise fault
        yield from super().events(path, after)


@pytest.fixture
def api(served: GatewayThread) -> Iterator[FaultyApi]:
    """The API with the default organization's key."""
    api = FaultyApi(served.world.url, served.world.keys["default"])
    yield api
    api.close()


@pytest.fixture
def unit(served: GatewayThread) -> UnitRef:
    """A queued article."""
    return UnitRef("articles", served.do(served.world.article()))


def messages(updates: Iterator[following.Update]) -> list[str]:
    """What the user is told."""
    return [update.message for update in updates if update.message]


def test_a_broken_stream_is_resumed_without_repetition_or_gap(
    served: GatewayThread, api: FaultyApi, unit: UnitRef, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(following, "PAUSE", 0.05)
    world = served.world

    async def work() -> None:
        for number in range(6):
            await world.progress(unit.id, f"message {number}")
            await asyncio.sleep(0.1)
            if number % 2:
                world.gateway.hub.close()  # as a gateway that is restarted does
        await worker.write(world, unit.id)

    working = served.begin(work())
    told = messages(following.follow(api, unit))
    working.result()
    assert [m for m in told if m.startswith("message")] == [f"message {n}" for n in range(6)]
    assert told[-1] == "Completed"
    assert api.opened > 2


@pytest.mark.parametrize(
    "fault",
    [
        lambda: Refused(503, "TOO_MANY_STREAMS", "Too many progress streams are open."),
        lambda: Unreachable("http://127.0.0.1:1"),
    ],
)
def test_without_any_stream_the_unit_is_asked_for(
    served: GatewayThread,
    api: FaultyApi,
    unit: UnitRef,
    fault: Callable[[], Exception],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(following, "PAUSE", 0.05)
    api.faults = iter(fault, None)
    working = served.begin(worker.write(served.world, unit.id, pace=0.2))
    updates = list(following.follow(api, unit))
    working.result()
    assert updates[-1].status == "completed"
    assert updates[-1].percentage == 100


def test_a_gateway_that_stays_away_is_given_up(
    api: FaultyApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(following, "PATIENCE", 0.1)
    monkeypatch.setattr(following, "PAUSE", 0.05)
    away = Api("http://127.0.0.1:1", "pk_any")
    with pytest.raises(Unreachable) as caught:
        list(following.follow(away, UnitRef("articles", "article-x")))
    away.close()
    assert caught.value.exit_code == 3


def test_a_unit_that_is_not_there_is_not_waited_for(api: FaultyApi) -> None:
    with pytest.raises(Refused) as caught:
        list(following.follow(api, UnitRef("articles", "article-x")))
    assert caught.value.status == 404


def test_comments_and_unknown_fields_of_a_stream_are_passed_over() -> None:
    lines = [
        "retry: 1500",
        "",
        ": still here",
        "",
        "id: 7",
        "event: progress",
        'data: {"a": 1}',
        "",
    ]
    assert list(parse_events(lines)) == [ServerEvent("progress", "7", {"a": 1})]
