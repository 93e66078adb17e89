"""No more encoders at once than the machine has cores, over all processes."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline_defs.media import folders, slots
from pipeline_defs.media.slots import encoder_slot

HOLDER = """
import asyncio, sys, tempfile
tempfile.tempdir = sys.argv[1]
from pipeline_defs.media.slots import encoder_slot
async def main():
    async with encoder_slot():
        print("held", flush=True)
        await asyncio.sleep(60)
asyncio.run(main())
"""


@pytest.fixture(autouse=True)
def own_slots(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two slots in a temporary folder of the test's own: the machine's may be in use."""
    monkeypatch.setattr(folders.tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(slots, "slot_count", lambda: 2)
    return tmp_path


async def test_no_more_jobs_run_at_once_than_there_are_slots() -> None:
    running, most = 0, 0

    async def job() -> None:
        nonlocal running, most
        async with encoder_slot():
            running += 1
            most = max(most, running)
            await asyncio.sleep(0.01)
            running -= 1

    await asyncio.gather(*(job() for _ in range(9)))
    assert (most, running) == (2, 0)


async def test_jobs_of_a_process_have_their_turn_in_order() -> None:
    order: list[int] = []

    async def job(number: int) -> None:
        async with encoder_slot():
            order.append(number)
            await asyncio.sleep(0.01)

    await asyncio.gather(*map(job, range(8)))
    assert order == sorted(order)


async def test_a_waiting_job_that_is_cancelled_lets_the_next_one_in() -> None:
    async with encoder_slot(), encoder_slot():
        waiting = asyncio.create_task(encoder_slot().__aenter__())
        await asyncio.sleep(0.02)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
    async with asyncio.timeout(5), encoder_slot():
        pass


async def test_a_killed_process_gives_its_slot_back(own_slots: Path) -> None:
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(own_slots)], stdout=subprocess.PIPE, text=True
    )
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"
    async with encoder_slot():
        assert slots._take() is None
        holder.kill()
        holder.communicate()
        async with asyncio.timeout(5), encoder_slot():
            pass
