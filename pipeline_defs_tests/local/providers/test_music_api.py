"""Music in the shape of ElevenLabs."""

from __future__ import annotations

import numpy as np
import pytest

from pipeline_defs.local.providers.engine.composing import compose
from pipeline_defs.local.providers.engine.harmony import Piece
from pipeline_defs_tests.local.providers.client import KEY, Providers
from pipeline_defs_tests.local.providers.media import MUSIC, music_body, read_any

ELEVEN = {"xi-api-key": KEY}
MOODS = ("calm and curious", "warm and reflective", "light and moving forward", "")


def piece(prompt: str, seconds: float) -> np.ndarray:
    return np.concatenate(list(compose(prompt, seconds)))


async def test_a_piece_is_an_mp3_of_the_length_that_was_asked_for(providers: Providers) -> None:
    response = await providers.post(MUSIC, music_body(12.5), **ELEVEN)
    assert response.status_code == 200
    assert response.headers["content-type"] == "audio/mpeg"
    samples, rate = read_any(response.content, "mp3")
    assert (samples.shape[0], rate) == (2, 44_100)
    assert samples.shape[1] / rate == pytest.approx(12.5, abs=0.06)
    call = (await providers.calls())[0]
    assert (call["capability"], call["quantity"], call["unit"]) == ("music", 12.5, "seconds")
    assert call["cost_usd"] == pytest.approx(0.0625)


async def test_bare_samples_are_stereo(providers: Providers) -> None:
    response = await providers.post(MUSIC + "?output_format=pcm_44100", music_body(3), **ELEVEN)
    assert len(response.content) == 3 * 44_100 * 2 * 2


@pytest.mark.parametrize("mood", MOODS)
def test_a_piece_is_audible_never_clips_and_fades(mood: str) -> None:
    samples = piece(f"Background music for a lecture on bees: {mood}", 24)
    assert samples.shape == (24 * 44_100, 2)
    assert np.abs(samples).max() < 0.95
    level = 20 * np.log10(np.sqrt((samples[4 * 44_100 : -5 * 44_100] ** 2).mean()))
    assert -28 < level < -14
    assert np.abs(samples[:441]).max() < 0.01
    assert np.abs(samples[-441:]).max() < 0.01
    assert np.abs(np.diff(samples, axis=0)).max() < 0.12  # no clicks
    sides = np.corrcoef(samples.T)[0, 1]
    assert 0.1 < sides < 0.95  # wide, and not out of phase
    assert abs(samples.mean()) < 0.001


def test_no_second_of_a_long_piece_is_silent_or_much_louder() -> None:
    samples = piece("a long one", 70)[5 * 44_100 : -5 * 44_100]
    seconds = samples[: len(samples) // 44_100 * 44_100].reshape(-1, 44_100 * 2)
    levels = 20 * np.log10(np.sqrt((seconds**2).mean(axis=1)))
    assert levels.max() - levels.min() < 9


def test_a_prompt_always_gives_the_same_piece_and_another_one_another() -> None:
    assert np.array_equal(piece("volcanoes", 5), piece("volcanoes", 5))
    assert not np.array_equal(piece("volcanoes", 5), piece("bees", 5))
    keys = {(p.mood, p.tempo, p.bar(0)) for p in (Piece(f"topic {n}") for n in range(20))}
    assert len(keys) > 15


def test_words_of_the_prompt_choose_the_mood() -> None:
    assert [Piece(f"on bees: {mood}").mood for mood in MOODS[:3]] == ["curious", "warm", "light"]


@pytest.mark.parametrize(
    "change", [{"music_length_ms": 2999}, {"music_length_ms": 600_001}, {"prompt": ""}]
)
async def test_what_cannot_be_composed_is_a_bad_request(
    change: dict[str, object], providers: Providers
) -> None:
    response = await providers.post(MUSIC, {**music_body(), **change}, **ELEVEN)
    assert response.status_code == 400
    assert response.json()["detail"]["status"] == "invalid_request"


async def test_a_refusal_suggests_another_prompt(providers: Providers) -> None:
    await providers.faults({"match": {"capability": "music"}, "action": {"refusal": True}})
    response = await providers.post(MUSIC, music_body(), **ELEVEN)
    detail = response.json()["detail"]
    assert (response.status_code, detail["status"]) == (400, "bad_prompt")
    assert detail["data"]["prompt_suggestion"]
