"""Tasks in the background, and their end."""

from __future__ import annotations

import asyncio

import pytest

from pipeline_defs import policies
from pipeline_defs.runtime.concurrency import stop


async def test_a_task_that_swallows_a_cancellation_is_stopped_all_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(policies, "CANCELLATION_REPEATED", 0.05)
    swallowed = 0

    async def deaf() -> None:
        nonlocal swallowed
        while True:
            try:
                await asyncio.sleep(60)
            except asyncio.CancelledError:
                swallowed += 1
                if swallowed == 3:
                    raise

    task = asyncio.create_task(deaf())
    await asyncio.sleep(0)
    await asyncio.wait_for(stop(task), 5)
    assert (task.cancelled(), swallowed) == (True, 3)


async def test_one_that_failed_before_is_no_failure_of_the_end() -> None:
    async def broken() -> None:
        raise ValueError

    task = asyncio.create_task(broken())
    await asyncio.sleep(0)
    await stop(task)
    assert isinstance(task.exception(), ValueError)
