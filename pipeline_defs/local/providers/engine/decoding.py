"""Sound files from outside to samples. They are untrusted: known formats only, and bounded."""

from __future__ import annotations

import io
import wave
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pipeline_defs.local.providers.server.shapes import ApiError

if TYPE_CHECKING:
    from pipeline_defs.local.providers.engine.encoding import Samples

HEARING_RATE = 16_000  # samples per second, mono: what the recogniser takes
MOST_SECONDS = 1800
MOST_CHANNELS = 8
RATES = (4_000, 192_000)  # samples per second of what is taken


def demuxer_of(data: bytes) -> str | None:
    """Which reader a file needs, by its first bytes; None for what is not taken."""
    if data[:4] == b"RIFF" and data[8:12] == b"WAVE":
        return "wav"
    if data[:4] == b"fLaC":
        return "flac"
    if data[:3] == b"ID3" or (len(data) > 1 and data[0] == 0xFF and data[1] & 0xE0 == 0xE0):
        return "mp3"
    if data[4:8] == b"ftyp":
        return "mp4"
    return "ogg" if data[:4] == b"OggS" else None


def decoded_sound(data: bytes) -> Samples:
    """The first sound track as mono at `HEARING_RATE`; `ApiError` 400 says what is wrong."""
    plain = _plain_wav(data)
    if plain is not None:
        return _resampled(plain.samples.mean(axis=1), plain.rate)
    return _decoded(data, "mono")[0]


def decoded_channels(data: bytes) -> list[Samples]:
    """The same, each of its channels by itself."""
    plain = _plain_wav(data)
    if plain is not None:
        return [_resampled(channel, plain.rate) for channel in plain.samples.T]
    return list(_decoded(data, None))


@dataclass(frozen=True, slots=True)
class _Plain:
    """Samples from -1 to 1, a column for each channel."""

    samples: Samples
    rate: int


def _plain_wav(data: bytes) -> _Plain | None:
    """The common case, read ten times as fast: 16-bit samples. None where it is another one."""
    import numpy as np

    if demuxer_of(data) != "wav":
        return None
    try:
        with wave.open(io.BytesIO(data)) as file:
            rate, channels, width = file.getframerate(), file.getnchannels(), file.getsampwidth()
            raw = file.readframes(file.getnframes()) if width == 2 else b""
    except (wave.Error, EOFError, RuntimeError):  # the last: a part longer than its file
        return None
    whole = len(raw) // (2 * channels) * 2 * channels
    if not whole:
        return None
    _expect(rate, channels)
    _expect(rate, channels, whole / (2 * channels * rate))
    samples = np.frombuffer(raw[:whole], "<i2").astype(np.float32).reshape(-1, channels)
    return _Plain(samples / np.float32(32768), rate)


def _resampled(samples: Samples, rate: int) -> Samples:
    import soxr

    return soxr.resample(samples, rate, HEARING_RATE)


def _decoded(data: bytes, layout: str | None) -> Samples:
    """Any file of a known format: a row for each channel of `layout`, None for its own."""
    import numpy as np
    from av.error import FFmpegError

    demuxer = demuxer_of(data)
    if demuxer is None:
        raise _unreadable("it is none of wav, mp3, flac, mp4, m4a, ogg")
    try:
        pieces = _pieces(data, demuxer, layout)
    except (FFmpegError, ValueError, IndexError) as error:
        raise _unreadable("it is damaged or holds no sound") from error
    if not pieces:
        raise _unreadable("it holds no sound")
    return np.concatenate(pieces, axis=1)


def _expect(rate: int, channels: int, seconds: float = 0.0) -> None:
    if channels > MOST_CHANNELS:
        raise _unreadable(f"it has more than {MOST_CHANNELS} channels")
    if not RATES[0] <= rate <= RATES[1]:
        raise _unreadable(f"its rate is not from {RATES[0]} to {RATES[1]} samples per second")
    if seconds > MOST_SECONDS:
        raise _unreadable(f"it is longer than {MOST_SECONDS} seconds")


def _pieces(data: bytes, demuxer: str, layout: str | None) -> list[Samples]:
    import av

    pieces: list[Samples] = []
    total = 0
    nothing_else = {"protocol_whitelist": ""}  # a file cannot name another one to be read
    with av.open(io.BytesIO(data), "r", format=demuxer, options=nothing_else) as container:
        stream = container.streams.audio[0]
        if not stream.codec_context:
            raise _unreadable("its codec is not known")
        _expect(stream.rate, stream.channels)
        stream.codec_context.thread_count = 1
        # whole numbers: floats would be added up, not averaged, where channels become one
        resampler = av.AudioResampler(format="s16p", layout=layout, rate=HEARING_RATE)
        for frame in container.decode(stream):
            for made in resampler.resample(frame):
                pieces.append(_floats(made))
                total += made.samples
            _expect(stream.rate, stream.channels, total / HEARING_RATE)
        return [*pieces, *(_floats(made) for made in resampler.resample(None))]


def _floats(frame: Any) -> Samples:
    import numpy as np

    return frame.to_ndarray().astype(np.float32) / np.float32(32768)


def _unreadable(reason: str) -> ApiError:
    return ApiError(400, "invalid_audio", f"The audio file could not be decoded: {reason}.")
