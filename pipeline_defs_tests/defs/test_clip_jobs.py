"""Waiting for a clip that was ordered: now, or long ago by a worker that is dead."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from redis.asyncio import Redis

from pipeline_defs import policies
from pipeline_defs.defs.lectures.clip_jobs import Awaited, Order, filmed
from pipeline_defs.domain.errors import Permanent, Transient
from pipeline_defs.gateways.video.port import VideoAnswer, VideoJob
from pipeline_defs.runtime.video_callbacks import job_key
from pipeline_defs.runtime.wakes import Wakes

CLIP = VideoAnswer(b"clip", "video/mp4", "model", "provider", ())
JOB = VideoJob("job-1", "video-model", 10)


class Looks:
    """A provider that answers each look with the next of these."""

    def __init__(self, *answers: VideoAnswer | Exception | None) -> None:
        self._answers = list(answers)
        self.count = 0

    async def collect(self, job: VideoJob, timeout: float) -> VideoAnswer | None:
        self.count += 1
        answer = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(policies, "VIDEO_POLL_FIRST", 0.01)


@pytest.fixture
def making() -> Callable[[Looks], Any]:
    """As much of a lecture at work as waiting needs; nobody wakes anybody."""

    def with_looks(looks: Looks) -> Any:
        resources = SimpleNamespace(wakes=Wakes(Redis()), gateways=SimpleNamespace(video=looks))
        return SimpleNamespace(job=SimpleNamespace(resources=resources))

    return with_looks


async def call(lecture: Any) -> None:
    """The provider says that the job is over, once somebody waits for that."""
    await asyncio.sleep(0)
    lecture.job.resources.wakes._tell({"type": "message", "data": job_key(JOB.id).encode()})


@pytest.mark.usefixtures("quick")
async def test_a_clip_is_looked_for_until_it_is_there(making: Callable[[Looks], Any]) -> None:
    looks = Looks(None, Transient("OVERLOADED", "busy"), None, CLIP)
    assert await Awaited(making(looks), Order(JOB, time.time())).ended() == CLIP
    assert looks.count == 4


async def test_a_job_of_yesterday_that_has_ended_is_collected(
    making: Callable[[Looks], Any],
) -> None:
    looks = Looks(CLIP)
    assert await Awaited(making(looks), Order(JOB, time.time() - 86_400)).ended() == CLIP
    assert looks.count == 1


async def test_a_job_of_yesterday_that_has_not_is_given_up_after_a_look(
    making: Callable[[Looks], Any],
) -> None:
    looks = Looks(None)
    with pytest.raises(Permanent) as raised:
        await Awaited(making(looks), Order(JOB, time.time() - 86_400)).ended()
    assert raised.value.code == "JOB_STUCK"
    assert looks.count == 1


async def test_a_job_that_the_provider_does_not_know_any_more_is_ordered_anew(
    making: Callable[[Looks], Any],
) -> None:
    looks = Looks(Transient("JOB_FAILED", "gone"))
    with pytest.raises(Transient, match="JOB_FAILED"):
        await Awaited(making(looks), Order(JOB, time.time() - 86_400)).ended()


async def test_a_job_that_the_provider_calls_about_is_left_to_be_fetched(
    making: Callable[[Looks], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(policies, "VIDEO_POLL_FIRST", 30.0)
    looks = Looks(CLIP)
    lecture = making(looks)
    awaited = Awaited(lecture, Order(JOB, time.time()))
    waiting = asyncio.create_task(awaited.ended())
    await call(lecture)
    assert await waiting is None
    assert looks.count == 0
    assert await awaited.fetched() == CLIP


async def test_a_clip_that_is_not_handed_out_is_worth_another_try_that_waits_as_asked(
    making: Callable[[Looks], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(policies, "VIDEO_POLL_MOST", 0.01)
    looks = Looks(Transient("OVERLOADED", "busy", retry_after=7.0))
    with pytest.raises(Transient, match=r"CLIP_NOT_THERE.*: busy") as raised:
        await Awaited(making(looks), Order(JOB, time.time())).fetched()
    assert raised.value.retry_after == 7.0
    assert looks.count == policies.CLIP_FETCHES_MOST


async def test_a_clip_is_fetched_once_however_often_it_is_judged(
    making: Callable[[Looks], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(policies, "VIDEO_POLL_FIRST", 30.0)
    looks = Looks(CLIP)
    lecture = making(looks)
    known = {"id": JOB.id, "model_key": JOB.model_key, "seconds": 10, "at": time.time()}
    lecture.work = SimpleNamespace(recall=lambda *_: known)
    segment: Any = SimpleNamespace(key="s")
    this: Any = SimpleNamespace(idempotency_key="k")
    filming = asyncio.create_task(filmed(lecture, segment, (b"", ""), this))
    await call(lecture)
    fetch = await filming
    assert [await fetch(), await fetch()] == [CLIP, CLIP]
    assert looks.count == 1
