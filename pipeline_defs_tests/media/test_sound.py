"""Sound is read whole or refused, stretched without changing its pitch, placed to the sample."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import pytest

from pipeline_defs import policies
from pipeline_defs.domain.errors import Permanent
from pipeline_defs.media.pictures import Picture, read_picture
from pipeline_defs.media.sound import (
    Sound,
    decode_sound,
    encode_wav,
    placed,
    speech_span,
    stretched,
    waveform,
)
from pipeline_defs_tests.media import specimens
from pipeline_defs_tests.media.specimens import (
    CONCAT,
    PLAYLIST,
    pitch_of,
    speechlike,
    surrounded,
    tone,
)

WAV = "audio/wav"
MP3 = "audio/mpeg"


def wav(
    kind: int = 1, channels: int = 1, rate: int = 24_000, bits: int = 16, body: bytes = bytes(4800)
) -> bytes:
    """A WAV whose header says just this."""
    frame = channels * bits // 8
    form = struct.pack(
        "<HHIIHH", kind, channels, rate, rate * frame & 0xFFFFFFFF, frame & 0xFFFF, bits
    )
    content = (
        b"WAVEfmt " + struct.pack("<I", 16) + form + b"data" + struct.pack("<I", len(body)) + body
    )
    return b"RIFF" + struct.pack("<I", len(content)) + content


def mp3(sound: Sound, folder: Path) -> bytes:
    (folder / "in.wav").write_bytes(encode_wav(sound))
    specimens.ffmpeg("-i", str(folder / "in.wav"), "-b:a", "96k", str(folder / "out.mp3"))
    return (folder / "out.mp3").read_bytes()


async def test_what_is_written_is_read_back() -> None:
    sound = speechlike(0.5)
    back = await decode_sound(encode_wav(sound), WAV)
    assert back.rate == sound.rate
    assert back.seconds == sound.seconds
    assert np.abs(back.samples - sound.samples).max() < 1 / 32_000


def test_too_loud_samples_are_clipped_not_wrapped() -> None:
    data = encode_wav(Sound(np.array([2.0, -2.0], np.float32), 8000))
    assert np.frombuffer(data[-4:], "<i2").tolist() == [32_767, -32_767]


@pytest.mark.parametrize(
    ("kind", "bits", "body"),
    [
        (1, 8, bytes([192]) * 100),
        (1, 16, struct.pack("<h", 1 << 14) * 100),
        (1, 24, (1 << 22).to_bytes(3, "little") * 100),
        (1, 32, struct.pack("<i", 1 << 30) * 100),
        (3, 32, struct.pack("<f", 0.5) * 100),
    ],
)
async def test_all_common_kinds_of_samples_are_read(kind: int, bits: int, body: bytes) -> None:
    sound = await decode_sound(wav(kind, 1, 16_000, bits, body), "audio/x-wav; codecs=1")
    assert sound.samples == pytest.approx([0.5] * 100)
    assert sound.rate == 16_000


async def test_channels_are_averaged() -> None:
    body = struct.pack("<hh", 1 << 14, 0) * 50
    assert (await decode_sound(wav(channels=2, body=body), WAV)).samples == pytest.approx(
        [0.25] * 50
    )


async def test_a_size_that_was_not_known_in_advance_is_no_fault() -> None:
    """Providers that stream write the largest number there is."""
    data = wav()
    at = data.index(b"data") + 4
    sound = await decode_sound(data[:at] + b"\xff\xff\xff\xff" + data[at + 4 :], WAV)
    assert sound.seconds == pytest.approx(0.1)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"RIFF",
        b"hello, this is no sound at all",
        PLAYLIST % b"file:///etc/passwd",
        CONCAT % b"/etc/passwd",
        wav(channels=64),
        wav(channels=0),
        wav(rate=0),
        wav(rate=2_000_000_000),
        wav(bits=12),
        wav(kind=0x55),
        wav(body=b""),
        wav(body=b"\x00"),
        wav()[:1000],
        wav()[:30],
        wav(3, bits=32, body=struct.pack("<f", float("nan")) * 100),
        wav().replace(b"fmt ", b"junk"),
        wav().replace(b"data", b"junk"),
    ],
    ids=["empty", "four bytes", "text", "playlist", "concat", "64 channels", "no channels", "0 Hz",
         "2 GHz", "12 bits", "compressed", "no samples", "half a sample", "cut", "cut header",
         "no numbers", "no format", "no data"],
)  # fmt: skip
async def test_what_is_no_whole_wav_is_refused(data: bytes) -> None:
    with pytest.raises(Permanent) as refused:
        await decode_sound(data, WAV)
    assert refused.value.code == "BAD_MEDIA"
    assert refused.value.advice


async def test_an_mp3_is_read(tmp_path: Path) -> None:
    sound = await decode_sound(mp3(tone(300, 1.0), tmp_path), MP3)
    assert sound.rate == 24_000
    assert sound.seconds == pytest.approx(1.0, abs=0.06)
    assert pitch_of(sound) == pytest.approx(300, rel=0.005)


@pytest.mark.parametrize("kind", ["empty", "text", "playlist", "id3", "noise", "cut", "video"])
async def test_what_is_no_whole_mp3_is_refused(
    kind: str, tmp_path: Path, segment_clip: bytes
) -> None:
    whole = mp3(tone(300, 1.0), tmp_path)
    data = {
        "empty": b"",
        "text": b"hello, this is no sound at all" * 99,
        "playlist": PLAYLIST % b"file:///etc/passwd",
        "id3": b"ID3" + b"q" * 4000,
        "noise": b"\xff\xfb" + b"a" * 5000,
        "cut": whole[: len(whole) // 2],
        "video": segment_clip,
    }[kind]
    with pytest.raises(Permanent, match="BAD_MEDIA"):
        await decode_sound(data, MP3)


async def test_other_kinds_of_sound_are_refused_by_name() -> None:
    with pytest.raises(Permanent, match="audio/ogg is not supported"):
        await decode_sound(b"OggS" + bytes(100), "audio/ogg")


@pytest.mark.parametrize(
    ("limit", "value"), [("MEDIA_MOST_BYTES", 1000), ("SOUND_MOST_SECONDS", 0.05)]
)
async def test_sound_beyond_a_limit_is_refused(
    limit: str, value: float, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    as_mp3 = mp3(tone(300, 3), tmp_path)
    monkeypatch.setattr(policies, limit, value)
    for data, media_type in ((encode_wav(tone(300, 3)), WAV), (as_mp3, MP3)):
        with pytest.raises(Permanent, match="than is allowed"):
            await decode_sound(data, media_type)


def test_speech_is_found_between_silences() -> None:
    sound = surrounded(tone(200, 2.0), 0.5, 1.0)
    noisy = sound.samples + np.random.default_rng(1).normal(0, 0.0005, len(sound.samples))
    span = speech_span(Sound(noisy.astype(np.float32), sound.rate))
    assert span == pytest.approx((0.5, 2.5), abs=0.011)


def test_quiet_speech_is_found_as_well() -> None:
    assert speech_span(surrounded(tone(200, 1.0, volume=0.01), 0.3, 0.3)) == pytest.approx(
        (0.3, 1.3), abs=0.011
    )


def test_a_click_is_no_speech() -> None:
    sound = surrounded(tone(200, 1.0), 1.0, 1.0)
    sound.samples[4800] = 0.9
    assert speech_span(sound) == pytest.approx((1.0, 2.0), abs=0.011)


@pytest.mark.parametrize("count", [0, 1, 24_000])
def test_silence_has_no_speech(count: int) -> None:
    assert speech_span(Sound(np.zeros(count, np.float32), 24_000)) is None


@pytest.mark.parametrize("tempo", [0.9, 0.97, 1.04, 1.1])
async def test_stretching_changes_the_length_and_not_the_pitch(tempo: float) -> None:
    sound = tone(220, 2.0)
    made = await stretched(sound, tempo)
    assert len(made.samples) == round(len(sound.samples) / tempo)
    assert pitch_of(made) == pytest.approx(220, rel=0.005)
    assert speech_span(made) == pytest.approx((0, 2 / tempo), abs=0.03)
    assert np.abs(made.samples).max() == pytest.approx(0.4, abs=0.05)


def test_speech_is_placed_to_the_sample() -> None:
    made = placed(surrounded(speechlike(9.3), 0.7, 0.4), seconds=10, lead=0.12)
    assert len(made.samples) == 240_000
    span = speech_span(made)
    assert span is not None
    assert span[0] == pytest.approx(0.12, abs=0.011)
    assert (made.samples[: round(0.09 * 24_000)] == 0).all()
    assert made.samples[-1] == 0


def test_placing_changes_nothing_of_the_speech_itself() -> None:
    sound = surrounded(tone(200, 5.0), 0.5, 0.5)
    made = placed(sound, seconds=10, lead=0.2)
    inside = slice(round(0.25 * 24_000), round(5.1 * 24_000))
    moved = round(0.3 * 24_000)
    assert (made.samples[inside] == sound.samples[inside.start + moved : inside.stop + moved]).all()


@pytest.mark.parametrize("lead", [0.0, 0.12, 0.5])
def test_edges_are_free_of_clicks(lead: float) -> None:
    made = placed(tone(200, 4.0), seconds=5, lead=lead)
    assert np.abs(np.diff(made.samples)).max() < 0.05
    assert made.samples[0] == 0


def test_speech_that_just_fits_is_placed() -> None:
    made = placed(surrounded(tone(200, 9.88), 1, 1), seconds=10, lead=0.12)
    assert made.seconds == 10


def test_speech_that_does_not_fit_is_a_mistake_of_the_caller() -> None:
    with pytest.raises(ValueError, match="do not fit"):
        placed(tone(200, 9.95), seconds=10, lead=0.12)


def test_silence_is_placed_as_silence() -> None:
    made = placed(Sound(np.zeros(100, np.float32), 24_000), seconds=10, lead=0.12)
    assert len(made.samples) == 240_000
    assert not made.samples.any()


@pytest.mark.parametrize("seconds", [0.0, 0.001, 10.0])
def test_a_waveform_is_drawn_in_its_size(seconds: float) -> None:
    sound = speechlike(seconds) if seconds else Sound(np.zeros(0, np.float32), 24_000)
    assert read_picture(waveform(sound, 320, 48)) == Picture(320, 48, "image/webp")
