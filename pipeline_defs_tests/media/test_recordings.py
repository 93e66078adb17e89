"""Recordings of any origin: decoded, or refused with the reason and what to do."""

from __future__ import annotations

import io
import struct
import wave
from pathlib import Path

import numpy as np
import pytest

from pipeline_defs import policies
from pipeline_defs.domain.errors import Permanent
from pipeline_defs.media.recordings import RECORDING_PROBLEMS, read_recording
from pipeline_defs.settings import PROJECT_ROOT

AUDIO = PROJECT_ROOT.parent / "shared" / "data" / "audio"
RATE = 8000


def tone(seconds: float, level: float = 0.3, pitch: float = 300.0) -> np.ndarray:
    at = np.arange(round(seconds * RATE)) / RATE
    return (level * 32_767 * np.sin(2 * np.pi * pitch * at)).astype("<i2")


def wav(*channels: np.ndarray, rate: int = RATE) -> bytes:
    target = io.BytesIO()
    with wave.open(target, "wb") as file:
        file.setnchannels(len(channels))
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(np.stack(channels, axis=1).tobytes())
    return target.getvalue()


def ten_hours() -> bytes:
    """A header that promises ten hours of mu-law at a very low rate, and brings them."""
    frames = 36_000 * 100
    body = b"\xff" * frames
    head = struct.pack("<4sI4s4sIHHIIHH", b"RIFF", 36 + frames, b"WAVE", b"fmt ", 16, 7, 1, 100,
                       100, 1, 8)  # fmt: skip
    return head + struct.pack("<4sI", b"data", frames) + body


SOUND = wav(tone(2.0))
BAD: dict[str, tuple[bytes, str, str]] = {
    "zero bytes": (b"", "a.wav", "RECORDING_EMPTY"),
    "too large": (b"RIFF" + b"\0" * policies.RECORDING_MOST_BYTES, "a.wav", "RECORDING_TOO_LARGE"),
    "missing header": (SOUND[44:], "a.wav", "RECORDING_NO_HEADER"),
    "truncated": (SOUND[: len(SOUND) // 2], "a.wav", "RECORDING_TRUNCATED"),
    "silence": (wav(np.zeros(RATE, "<i2")), "a.wav", "RECORDING_SILENT"),
    "playlist": (b"#EXTM3U\n#EXTINF:10,\nfile:///etc/passwd\n", "a.m3u8", "RECORDING_NOT_AUDIO"),
    "concat list": (b"ffconcat version 1.0\nfile /etc/passwd\n", "a.wav", "RECORDING_NOT_AUDIO"),
    "a page": (b"<html><body>Not found</body></html>", "a.wav", "RECORDING_NOT_AUDIO"),
    "wrong ending": (SOUND, "a.mp3", "RECORDING_WRONG_TYPE"),
    "64 channels": (wav(*[tone(0.1)] * 64), "a.wav", "RECORDING_TOO_MANY_CHANNELS"),
    "ten hours": (ten_hours(), "a.wav", "RECORDING_TOO_LONG"),
    "damaged": (b"fLaC" + bytes(range(256)) * 8, "a.flac", "RECORDING_UNREADABLE"),
}


@pytest.mark.parametrize("name", BAD)
def test_each_bad_recording_has_its_own_code_and_advice(name: str) -> None:
    data, file, code = BAD[name]
    with pytest.raises(Permanent) as refused:
        read_recording(data, file)
    assert refused.value.code == code, refused.value
    assert refused.value.advice == RECORDING_PROBLEMS[code][1]


def test_a_playlist_within_a_container_names_nothing() -> None:
    data = b"RIFF\x40\x00\x00\x00WAVE" + b"#EXTM3U\nfile:///etc/passwd\n" * 3
    with pytest.raises(Permanent):
        read_recording(data, "a.wav")


def test_two_channels_stay_apart_and_a_silent_one_is_said() -> None:
    read = read_recording(wav(tone(1.0), tone(1.0, pitch=520.0)))
    assert (len(read.channels), read.dual_mono, read.silent) == (2, False, ())
    half = read_recording(wav(tone(1.0), np.zeros(RATE, "<i2")))
    assert (len(half.channels), half.silent) == (2, (1,))
    assert half.warnings == ("nobody is heard on channel 2",)


def test_two_channels_of_the_same_are_one() -> None:
    read = read_recording(wav(tone(1.0), tone(1.0, level=0.2)))
    assert (len(read.channels), read.dual_mono) == (1, True)


def test_the_table_in_the_docs_is_that_of_the_code() -> None:
    text = (PROJECT_ROOT / "docs" / "recordings.md").read_text("utf-8")
    for code, (what, advice) in RECORDING_PROBLEMS.items():
        assert f"| `{code}` | {what} | {advice} |" in text


real = pytest.mark.skipif(not AUDIO.is_dir(), reason="the shared recordings are not here")


@real
@pytest.mark.parametrize(
    ("name", "channels", "codec"),
    [
        ("azure_weather_mulaw.wav", 1, "pcm_mulaw"),
        ("gcp_two_channel_16k.wav", 2, "pcm_s16le"),
        ("pyannote_sample.wav", 1, "pcm_s16le"),
        ("pyannote_sample_dual_derived.wav", 2, "pcm_s16le"),
        ("jfk.flac", 1, "flac"),
    ],
)
def test_recordings_of_others_are_read(name: str, channels: int, codec: str) -> None:
    read = read_recording(Path(AUDIO / name).read_bytes(), name)
    assert (len(read.channels), read.codec) == (channels, codec)


@real
def test_a_file_without_its_header_and_a_video_are_refused() -> None:
    for name, code in (
        ("azure_missing_wav_header.wav", "RECORDING_NO_HEADER"),
        ("big_buck_bunny_small.mp4", "RECORDING_IS_VIDEO"),
    ):
        with pytest.raises(Permanent) as refused:
            read_recording(Path(AUDIO / name).read_bytes(), name)
        assert refused.value.code == code


@real
def test_one_voice_on_two_channels_is_not_two_speakers() -> None:
    read = read_recording((AUDIO / "jfk.flac").read_bytes(), "jfk.flac")
    assert read.dual_mono
    assert "both channels hold the same" in read.warnings[0]
