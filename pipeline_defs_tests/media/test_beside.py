"""Work beside other work never outlives it."""

from __future__ import annotations

import asyncio

import pytest

from pipeline_defs.media.beside import beside


async def slowly(log: list[str], seconds: float = 30.0) -> str:
    try:
        await asyncio.sleep(seconds)
    finally:
        log.append("ended")
    return "result"


async def failing() -> str:
    await asyncio.sleep(0.01)
    raise ValueError("no clip")


async def test_its_result_is_awaited_in_the_block() -> None:
    async with beside(slowly([], 0.01)) as work:
        assert await work == "result"


async def test_it_ends_with_a_block_that_fails() -> None:
    log: list[str] = []

    async def block() -> None:
        async with beside(slowly(log)):
            await asyncio.sleep(0)
            raise KeyError

    with pytest.raises(KeyError):
        await block()
    assert log == ["ended"]


@pytest.mark.parametrize("awaits_it", [False, True])
async def test_its_failure_ends_the_block_at_once(awaits_it: bool) -> None:
    log: list[str] = []

    async def block() -> None:
        async with beside(failing()) as work:
            await (work if awaits_it else slowly(log))

    with pytest.raises(ValueError, match="no clip"):
        await block()
    assert log == ([] if awaits_it else ["ended"])
    await asyncio.sleep(0)  # nothing of the cancellation is left


async def test_a_cancellation_from_outside_stays_one() -> None:
    log: list[str] = []

    async def block() -> None:
        async with beside(slowly(log)):
            await asyncio.sleep(30)

    task = asyncio.create_task(block())
    await asyncio.sleep(0.01)
    task.cancel()
    await asyncio.wait([task], timeout=5)
    assert task.cancelled()
    assert log == ["ended"]
