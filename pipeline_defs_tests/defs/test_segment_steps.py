"""Steps of a segment that begin while what they need is being stored."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest

from pipeline_defs import policies
from pipeline_defs.defs.lectures.making import Making
from pipeline_defs.domain.errors import Permanent, Transient
from pipeline_defs.runtime.work import Made

NODE = ("segment_image", "lecture/001")
MADE = Made(*NODE, "v1", "code", "inputs")
RESULT = {"blob": {"sha256": "ab", "size": 2, "media_type": "image/jpeg"}}


class Work:
    """Stores when it is let, or fails."""

    def __init__(self, error: Exception | None = None) -> None:
        self.error = error
        self.let = asyncio.Event()

    async def store(self, made: Made, put: Any) -> Made:
        await self.let.wait()
        if self.error is not None:
            raise self.error
        return made


async def _made(*_: Any) -> None:
    """Dagster is told."""


def making(work: Work) -> Making:
    reporter = SimpleNamespace(made=_made)
    blobs = SimpleNamespace(get=_gone)
    resources = SimpleNamespace(gateways=SimpleNamespace(blobs=blobs))
    job: Any = SimpleNamespace(work=work, reporter=reporter, resources=resources)
    of_nothing = {"state": _no_state, "version": lambda *_: None}
    lecture: Any = SimpleNamespace(id="lecture", segments=(), music_tracks=0, **of_nothing)
    return Making(job, lecture)


def _no_state(*_: Any) -> Any:
    return SimpleNamespace(result=None)


def _ref(name: str) -> dict[str, Any]:
    return {"sha256": name * 64, "size": 2, "media_type": "image/jpeg"}


async def _gone(*_: Any) -> bytes:
    raise Transient("BLOB_STORE", "away")


async def test_a_result_is_known_before_it_is_stored() -> None:
    work = Work()
    lecture = making(work)
    keeping = asyncio.create_task(lecture.keep(MADE, RESULT, "drawn"))
    ensured: Any = asyncio.create_task(asyncio.Event().wait())
    assert await lecture.known(*NODE, ensured) == "ready"
    assert lecture.version(*NODE) == "v1"
    assert not keeping.done()
    work.let.set()
    await keeping
    lecture.must_be_wanted(*NODE)
    ensured.cancel()


async def test_nothing_is_ordered_for_what_could_not_be_stored() -> None:
    work = Work(Transient("DATABASE_SLOW", "a statement took too long"))
    work.let.set()
    lecture = making(work)
    with pytest.raises(Transient, match="DATABASE_SLOW"):
        await lecture.keep(MADE, RESULT, "drawn")
    with pytest.raises(Permanent, match="could not be stored"):
        lecture.must_be_wanted(*NODE)


async def test_a_picture_is_at_hand_once_and_only_so_many_bytes_are(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(policies, "AT_HAND_MOST_BYTES", 5)
    lecture = making(Work())
    for name in ("a", "b", "c"):
        lecture.have_at_hand(_ref(name), name.encode() * 2)
    assert await lecture.read(*NODE, _ref("c")) == b"cc"
    for name in ("a", "c"):
        with pytest.raises(Transient, match="BLOB_STORE"):
            await lecture.read(*NODE, _ref(name))
