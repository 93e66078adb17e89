"""Several pieces of work at once, none of which is dropped half done."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterable
from typing import Any, TypeVar

T = TypeVar("T")


async def all_ended(work: Iterable[Coroutine[Any, Any, T]]) -> list[T]:
    """Every answer; when one fails the others end first, so nothing is paid and not recorded."""
    ended = await asyncio.gather(*work, return_exceptions=True)
    for outcome in ended:
        if isinstance(outcome, BaseException):
            raise outcome
    return [outcome for outcome in ended if not isinstance(outcome, BaseException)]
