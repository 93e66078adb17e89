"""Recordings of the local exchange: who is heard where, and how each kind of person ends a call."""

from __future__ import annotations

import asyncio
import io
import wave
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soxr
from numpy.typing import NDArray

from pipeline_defs.local.providers.engine.decoding import HEARING_RATE
from pipeline_defs.local.providers.engines import Engines
from pipeline_defs_tests.local.providers.telephone import (
    ADA,
    BRIEF,
    CONSENT,
    FLOUR,
    LEAVES,
    MONO,
    SILENT,
    TALKER,
    VOICEMAIL,
    Telephone,
    exchange,
    slowly,
    twiml,
)

RATE = 8_000
GRETA, HANNA = "+12025550117", "+12025550118"  # hangs up half way; refuses
APP, SUNDAY = "How would you feel about ordering your bread in an app?", "And on Sundays?"
THANKS = "Thank you very much."
Channels = NDArray[np.float32]


@pytest.fixture
async def telephone(tmp_path: Path, engines: Engines) -> AsyncIterator[Telephone]:
    async with exchange(tmp_path / "state", engines) as opened:
        yield opened


def read(data: bytes) -> Channels:
    """The channels, as rows, of what has to be a recording of the telephone network."""
    with wave.open(io.BytesIO(data)) as file:
        assert (file.getframerate(), file.getsampwidth()) == (RATE, 2)
        frames = np.frombuffer(file.readframes(file.getnframes()), np.int16)
        samples: Channels = (frames / 32_768).astype(np.float32)
        return samples.reshape(-1, file.getnchannels()).T


async def recorded(telephone: Telephone, to: str, said: str, **wishes: Any) -> Channels:
    """A call's recording."""
    placed = await telephone.place(to, said, **wishes)
    await telephone.over(placed.sid)
    (recording,) = await telephone.recordings(placed.sid)
    media = await telephone.media(recording.sid, recording.channels)
    sound = read(media.content)
    assert len(sound) == recording.channels
    assert abs(sound.shape[1] / RATE - float(recording.duration)) <= 0.5
    return sound


async def heard(engines: Engines, channel: NDArray[np.float32]) -> str:
    """What is said on a channel."""
    sound = soxr.resample(channel, RATE, HEARING_RATE)
    found = await asyncio.to_thread(engines.media.listener.transcribe, sound)
    return found.text.lower()


def loudness(channel: NDArray[np.float32]) -> float:
    return float(np.abs(channel).max())


def spoken(channel: NDArray[np.float32]) -> NDArray[np.float64]:
    """When, in seconds, a channel is louder than its line."""
    return np.flatnonzero(np.abs(channel) > 0.02) / RATE


async def test_the_respondent_is_on_the_first_channel_and_we_on_the_second(
    telephone: Telephone, engines: Engines
) -> None:
    theirs, ours = await recorded(telephone, ADA, twiml(CONSENT, FLOUR, pause=5))
    answers, questions = await heard(engines, theirs), await heard(engines, ours)
    assert {"cents", "counter", "business"} <= set(answers.replace(".", " ").split())
    assert {"questions", "local", "flour"} <= set(questions.replace("?", " ").split())
    assert "questions" not in answers
    assert "cents" not in questions


async def test_the_line_is_never_quite_silent(telephone: Telephone) -> None:
    for channel in await recorded(telephone, TALKER, BRIEF):
        assert 0 < loudness(channel[: RATE // 10]) < 0.01
        assert loudness(channel) > 0.2


async def test_an_answer_comes_after_its_question(telephone: Telephone) -> None:
    theirs, ours = await recorded(telephone, TALKER, twiml(CONSENT, pause=9))
    assert 0.2 < spoken(theirs)[0] - spoken(ours)[-1] < 2.5


async def test_somebody_says_hm_into_the_third_thing_that_is_said(telephone: Telephone) -> None:
    theirs, ours = await recorded(telephone, TALKER, twiml(CONSENT, APP, FLOUR, pause=6))
    said = spoken(ours)
    third = said[np.flatnonzero(np.diff(said) > 4)[1] + 1]
    assert ((spoken(theirs) > third) & (spoken(theirs) < said[-1])).any()


async def test_whoever_refuses_is_asked_nothing_more(
    telephone: Telephone, engines: Engines
) -> None:
    theirs, ours = await recorded(telephone, HANNA, twiml(CONSENT, FLOUR, THANKS, pause=4))
    assert "not interested" in await heard(engines, theirs)
    assert "flour" not in await heard(engines, ours)


async def test_whoever_hangs_up_is_gone_half_way(telephone: Telephone, engines: Engines) -> None:
    interview = twiml(CONSENT, FLOUR, APP, SUNDAY, THANKS, pause=4)
    _, ours = await recorded(telephone, GRETA, interview)
    questions = await heard(engines, ours)
    assert "app" in questions
    assert "sunday" not in questions


async def test_a_silent_respondent_leaves_only_our_questions(telephone: Telephone) -> None:
    theirs, ours = await recorded(telephone, SILENT, twiml(CONSENT, FLOUR))
    assert loudness(theirs) < 0.01
    assert loudness(ours) > 0.2


async def test_a_machine_that_answers_is_told_as_one(telephone: Telephone) -> None:
    placed = await telephone.place(VOICEMAIL, machine_detection="Enable")
    assert (await telephone.over(placed.sid)).answered_by == "machine_start"
    unasked = await telephone.place(VOICEMAIL)
    assert (await telephone.over(unasked.sid)).answered_by is None


async def test_a_call_that_ends_at_once_has_no_recording(telephone: Telephone) -> None:
    placed = await telephone.place(LEAVES)
    await telephone.over(placed.sid)
    (recording,) = await telephone.recordings(placed.sid)
    assert (recording.status, recording.error_code, recording.duration) == ("absent", 16101, None)
    assert (await telephone.media(recording.sid)).status_code == 404


async def test_a_call_that_nobody_wants_recorded_is_not(telephone: Telephone) -> None:
    placed = await telephone.place(record=False)
    assert (await telephone.over(placed.sid)).status == "completed"
    assert await telephone.recordings(placed.sid) == []


async def test_two_channels_that_do_not_exist_are_refused(telephone: Telephone) -> None:
    placed = await telephone.place(MONO)
    await telephone.over(placed.sid)
    (recording,) = await telephone.recordings(placed.sid)
    refused = await telephone.media(recording.sid, 2)
    assert (refused.status_code, recording.channels) == (400, 1)
    assert len(read((await telephone.media(recording.sid, 1)).content)) == 1


async def test_one_channel_of_two_holds_everybody(telephone: Telephone) -> None:
    placed = await telephone.place()
    await telephone.over(placed.sid)
    (recording,) = await telephone.recordings(placed.sid)
    both = read((await telephone.media(recording.sid, 2)).content)
    (one,) = read((await telephone.media(recording.sid, 1)).content)
    assert np.abs(one - both.sum(axis=0)).max() < 0.001


async def test_a_recording_begins_when_somebody_answers_unless_it_is_trimmed(
    telephone: Telephone,
) -> None:
    whole = await recorded(telephone, TALKER, BRIEF)
    trimmed = await recorded(telephone, TALKER, BRIEF, trim="trim-silence")
    assert spoken(whole.sum(axis=0))[0] > 0.5
    assert spoken(trimmed.sum(axis=0))[0] < 0.4


async def test_a_call_lasts_no_longer_than_its_limit(telephone: Telephone) -> None:
    sound = await recorded(telephone, TALKER, twiml(CONSENT, FLOUR, pause=9), time_limit=3)
    assert sound.shape[1] == 3 * RATE


async def test_a_call_that_is_hung_up_keeps_what_was_said(
    telephone: Telephone, monkeypatch: pytest.MonkeyPatch
) -> None:
    slowly(monkeypatch)
    placed = await telephone.place(said=twiml(CONSENT, FLOUR, pause=9))
    await telephone.until(placed.sid, "in-progress")
    await telephone.hang_up(placed.sid)
    ended = await telephone.over(placed.sid)
    (recording,) = await telephone.recordings(placed.sid)
    whole = await telephone.place(said=twiml(CONSENT, FLOUR, pause=9))
    assert int(ended.duration) < int((await telephone.over(whole.sid)).duration) - 5
    assert recording.status == "absent" or recording.duration == ended.duration
