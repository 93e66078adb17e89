"""The voice model without its own library, and what is told of voices."""

from __future__ import annotations

import asyncio
import io
import pickle
import time

import numpy as np
import pytest

from pipeline_defs.local.providers.engine.speaking import RATE as SPEECH_RATE
from pipeline_defs.local.providers.engine.speaking import Speaker
from pipeline_defs.local.providers.engine.voices import BRIGHT, DEEP, Voice
from pipeline_defs.media import voices
from pipeline_defs.media.mel import RATE, mel_frames
from pipeline_defs.media.speech_regions import Region, speech_regions
from pipeline_defs.media.voice_prints import FRAMES, voice_prints
from pipeline_defs.media.voice_weights import _Tensors, voice_weights

LONG = "Bread is made of flour, water and salt, and of the patience of whoever bakes it at night."
OTHER = "The farmers around here have grown this wheat for as long as anybody can remember."


def spoken(text: str, voice: Voice) -> np.ndarray:
    import soxr

    sound = soxr.resample(Speaker().speak(text, voice, 1.0), SPEECH_RATE, RATE)
    return np.asarray(sound * (0.5 / np.abs(sound).max()) * 32_767, np.int16)


def print_of(samples: np.ndarray) -> np.ndarray:
    """The mean of the prints of a sound."""
    frames = mel_frames(samples.astype(np.float32) / np.float32(32_768))
    pieces = [frames[at : at + FRAMES] for at in range(0, len(frames) - FRAMES, 40)]
    mean = voice_prints(np.stack(pieces)).mean(axis=0)
    return mean / np.linalg.norm(mean)


@pytest.fixture(scope="module")
def deep() -> np.ndarray:
    return spoken(LONG, DEEP)


def test_the_weights_have_the_shapes_of_the_model() -> None:
    weights = voice_weights()
    assert weights["lstm.weight_ih_l0"].shape == (1024, 40)
    assert weights["lstm.weight_hh_l2"].shape == (1024, 256)
    assert weights["linear.weight"].shape == (256, 256)


@pytest.mark.parametrize("what", [print, pickle.loads, asyncio.run])
def test_a_file_of_weights_can_ask_for_nothing_that_does_something(what: object) -> None:
    with pytest.raises(pickle.UnpicklingError):
        _Tensors(io.BytesIO(pickle.dumps(what))).load()


def test_a_pure_tone_is_loudest_in_the_band_of_its_pitch() -> None:
    at = np.arange(RATE) / RATE
    frames = mel_frames(np.sin(2 * np.pi * 1_000 * at).astype(np.float32))
    assert frames.shape == (101, 40)
    # 15 mels at 1 kHz; 40 bands share the 45.2 mels up to 8 kHz
    assert int(frames[50].argmax()) == round(15 / (45.245 / 41)) - 1


def test_a_voice_is_like_itself_more_than_like_another_whatever_it_says(deep: np.ndarray) -> None:
    same = print_of(deep) @ print_of(spoken(OTHER, DEEP))
    other = print_of(deep) @ print_of(spoken(LONG, BRIGHT))
    assert same > other + 0.1


def test_two_voices_that_take_turns_are_told_apart(deep: np.ndarray) -> None:
    bright = spoken(OTHER, BRIGHT)
    pause = np.zeros(RATE // 2, np.int16)
    channel = np.concatenate([deep, pause, bright, pause, deep, pause, bright])
    middles, now = [], 0.0
    for part in (deep, bright, deep, bright):
        middles.append(now + len(part) / RATE / 2)
        now += (len(part) + len(pause)) / RATE
    leaning = asyncio.run(voices.leanings(channel, speech_regions(channel), middles))
    assert leaning is not None
    first, second, third, fourth = (value > 0 for value in leaning)
    assert first == third != second == fourth


def test_one_voice_is_not_split_in_two(deep: np.ndarray) -> None:
    channel = np.concatenate([deep, np.zeros(RATE // 2, np.int16), spoken(OTHER, DEEP), deep])
    assert asyncio.run(voices.leanings(channel, speech_regions(channel), [1.0])) is None


def test_too_little_speech_says_nothing() -> None:
    assert asyncio.run(voices.leanings(np.zeros(RATE, np.int16), [], [])) is None
    short = [Region(0.1, 0.5, 0.0)]
    assert asyncio.run(voices.leanings(np.zeros(RATE, np.int16), short, [0.3])) is None


def test_a_cancelled_run_stops_between_two_batches(deep: np.ndarray) -> None:
    channel = np.tile(deep, 40)
    regions = [Region(0.0, len(channel) / RATE, 0.0)]

    async def cancelled() -> float:
        task = asyncio.create_task(voices.leanings(channel, regions, [1.0]))
        await asyncio.sleep(2)
        task.cancel()
        begun = time.monotonic()
        with pytest.raises(asyncio.CancelledError):
            await task
        return time.monotonic() - begun

    whole = len(channel) / RATE / 10  # at ten times real time
    assert asyncio.run(cancelled()) < whole / 2


def test_the_pieces_of_a_long_recording_are_bounded() -> None:
    hour = [Region(0.0, 3600.0, 0.0)]
    cut = voices._cut(360_000, hour)
    assert len(cut) <= voices.PIECES_MOST + 2
    assert all(end - start == FRAMES and end <= 360_000 for start, end in cut)
