"""Several pieces of work at once, none of which is dropped half done."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Coroutine, Iterable
from typing import Any, TypeVar

from pipeline_defs import policies

T = TypeVar("T")
U = TypeVar("U")


async def both(one: Coroutine[Any, Any, T], other: Coroutine[Any, Any, U]) -> tuple[T, U]:
    """Two answers of different kinds; when one fails the other ends first."""
    first, second = asyncio.ensure_future(one), asyncio.ensure_future(other)
    await asyncio.gather(first, second, return_exceptions=True)
    return first.result(), second.result()


async def all_ended(work: Iterable[Awaitable[T]]) -> list[T]:
    """Every answer; when one fails the others end first, so nothing is paid and not recorded."""
    ended = await asyncio.gather(*work, return_exceptions=True)
    for outcome in ended:
        if isinstance(outcome, BaseException):
            raise outcome
    return [outcome for outcome in ended if not isinstance(outcome, BaseException)]


async def stop(*tasks: asyncio.Task[Any]) -> None:
    """Cancel tasks in the background and wait for their end, whatever it is.

    They are asked again where they go on: a library they are in may swallow a cancellation.
    """
    while going_on := [task for task in tasks if not task.done()]:
        for task in going_on:
            task.cancel()
        await asyncio.wait(going_on, timeout=policies.CANCELLATION_REPEATED)
    await asyncio.gather(*tasks, return_exceptions=True)
