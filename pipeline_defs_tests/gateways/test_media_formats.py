"""Whole media are told from cut ones and from other things."""

from __future__ import annotations

import io
import struct
import wave

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline_defs.gateways.media_formats import (
    clip_type,
    picture_type,
    sound_type,
    wav_of,
    wav_seconds,
)
from pipeline_defs_tests.gateways.media_samples import clip, mp3, picture, samples, wav


@pytest.mark.parametrize(
    ("kind", "media_type"),
    [("PNG", "image/png"), ("JPEG", "image/jpeg"), ("WEBP", "image/webp"), ("GIF", None)],
)
def test_pictures_are_known_by_their_bytes(kind: str, media_type: str | None) -> None:
    assert picture_type(picture(kind)) == media_type


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_a_picture_that_ends_early_is_none(kind: str) -> None:
    assert picture_type(picture(kind)[:-20]) is None


def test_sounds_are_known_by_their_bytes() -> None:
    assert sound_type(wav()) == "audio/wav"
    assert sound_type(mp3()) == "audio/mpeg"
    assert sound_type(b"ID3\x04\x00" + mp3()) == "audio/mpeg"
    assert sound_type(b"OggS" + bytes(4000)) is None
    assert sound_type(wav()[:-100]) is None


def test_the_length_of_a_wav_is_read_from_its_samples() -> None:
    assert wav_seconds(wav(0.5)) == pytest.approx(0.5)
    assert wav_seconds(mp3()) is None
    assert wav_seconds(wav(0)) is None


@pytest.mark.parametrize("length", [0xFFFF_FFFF, 0x7FFF_FFFF])
def test_a_wav_written_while_it_is_spoken_claims_to_be_endless_and_is_whole(length: int) -> None:
    streamed = bytearray(wav(0.5))
    streamed[40:44] = struct.pack("<I", length)
    assert wav_seconds(bytes(streamed)) == pytest.approx(0.5)


def test_a_chunk_before_the_samples_is_stepped_over() -> None:
    whole = wav(0.5)
    odd = b"LIST" + struct.pack("<I", 3) + b"abc\x00"  # padded to an even length
    assert wav_seconds(whole[:36] + odd + whole[36:]) == pytest.approx(0.5)


def test_raw_samples_become_a_wav_of_the_same_samples() -> None:
    with wave.open(io.BytesIO(wav_of(samples(), 16_000))) as sound:
        assert (sound.getnchannels(), sound.getsampwidth(), sound.getframerate()) == (1, 2, 16_000)
        assert sound.readframes(sound.getnframes()) == samples()


def test_a_clip_is_whole_with_all_its_boxes() -> None:
    assert clip_type(clip()) == "video/mp4"
    assert clip_type(clip()[:-1]) is None
    assert clip_type(clip() + b"\x00\x00") == "video/mp4"  # padding is no harm
    assert clip_type(clip().replace(b"moov", b"skip")) is None
    assert clip_type(b"") is None
    assert clip_type(wav()) is None


@given(st.binary(max_size=300), st.sampled_from([b"", b"RIFF", b"\x89PNG\r\n\x1a\n", b"ID3"]))
def test_no_bytes_make_the_readers_fail(data: bytes, head: bytes) -> None:
    for read in (picture_type, sound_type, clip_type, wav_seconds):
        read(head + data)
    wav_seconds(b"RIFF\x00\x00\x00\x00WAVE" + data)
