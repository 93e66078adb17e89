"""Both channels in one request: what is kept of them, and where its words belong."""

from __future__ import annotations

import io
import wave

import numpy as np
import pytest

from pipeline_defs import policies
from pipeline_defs.defs.calls.channels_at_once import (
    may_be_heard_at_once,
    together,
    words_at_once,
)
from pipeline_defs.domain.calls.transcripts import SpokenWord
from pipeline_defs.media.recordings import RATE, Recording
from pipeline_defs.media.speech_regions import Region, counted_back

GAP = policies.SPEECH_GAP


def recording(channels: int = 2, silent: tuple[int, ...] = ()) -> Recording:
    sound = tuple(np.zeros(RATE, np.int16) for _ in range(channels))
    return Recording(sound, 1.0, "wav", "pcm_s16le", channels, silent=silent)


def test_stretches_of_all_channels_are_one_row_and_overlaps_are_one() -> None:
    first = [Region(1.0, 2.0, 0.0), Region(6.0, 7.0, 1.0 + GAP)]
    second = [Region(1.5, 3.0, 0.0), Region(6.2, 6.5, 1.5 + GAP)]
    joint = together([*first, *second])
    assert [(r.start, r.end) for r in joint] == [(1.0, 3.0), (6.0, 7.0)]
    assert [r.at for r in joint] == [0.0, pytest.approx(2.0 + GAP)]
    said = 2.0 + GAP + 0.2  # two tenths into the second stretch
    assert counted_back(said, said + 0.3, joint) == pytest.approx((6.2, 6.5))


@pytest.mark.parametrize(
    ("sound", "most", "may"),
    [
        (recording(), 5, True),
        (recording(), 1, False),  # the transcriber takes one
        (recording(1), 5, False),  # there is nothing to tell apart
        (recording(silent=(1,)), 5, False),  # a silent channel would be paid for
    ],
)
def test_one_request_is_sent_only_where_it_is_of_use(
    sound: Recording, most: int, may: bool
) -> None:
    assert may_be_heard_at_once(sound, most) is may


async def test_where_nobody_speaks_nothing_is_sent() -> None:
    async def listen(_wav: bytes) -> list[tuple[int, SpokenWord]]:
        raise AssertionError("silence was sent")

    assert await words_at_once(recording(), listen) == [[], []]


async def test_words_come_back_to_their_channel_and_their_second(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    at = "pipeline_defs.defs.calls.channels_at_once.speech_regions"
    stretches = iter([[Region(2.0, 3.0, 0.0)], [Region(5.0, 6.0, 0.0)]])
    monkeypatch.setattr(at, lambda _channel: next(stretches))
    eight = tuple(np.full(8 * RATE, level, np.int16) for level in (100, 200))
    sent: list[bytes] = []

    async def listen(wav: bytes) -> list[tuple[int, SpokenWord]]:
        sent.append(wav)
        later = 1.0 + GAP
        return [
            (1, SpokenWord("you", 0.0, 1.0)),  # invented while the other one speaks
            (1, SpokenWord("yes", later + 0.1, later + 0.4)),
            (0, SpokenWord("well", 0.2, 0.5)),
        ]

    found = await words_at_once(Recording(eight, 8.0, "wav", "pcm", 2), listen)
    assert [[(w.text, round(w.start, 2)) for w in own] for own in found] == [
        [("well", 2.2)],
        [("yes", 5.1)],
    ]
    with wave.open(io.BytesIO(sent[0])) as file:
        assert file.getnchannels() == 2
        assert file.getnframes() / RATE == pytest.approx(2.0 + 2 * GAP)
