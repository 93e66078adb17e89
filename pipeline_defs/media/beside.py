"""Work beside other work, which never outlives it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Coroutine
from contextlib import asynccontextmanager
from typing import Any, TypeVar

T = TypeVar("T")


@asynccontextmanager
async def beside(work: Coroutine[Any, Any, T]) -> AsyncGenerator[asyncio.Task[T]]:
    """`work` goes on during the block, which awaits it for its result.

    A block that ends without having done so ends it; if it fails, the block is ended at once and
    the failure raised.
    """
    block = asyncio.current_task()
    task = asyncio.create_task(work)
    is_inside, is_ended = True, False

    def end_block(ended: asyncio.Task[T]) -> None:
        nonlocal is_ended
        if is_inside and block and not ended.cancelled() and ended.exception() is not None:
            is_ended = block.cancel()

    task.add_done_callback(end_block)
    try:
        yield task
    except asyncio.CancelledError:
        if is_ended and block and block.uncancel() == 0:
            task.result()  # raises
        raise
    finally:
        is_inside = False
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
