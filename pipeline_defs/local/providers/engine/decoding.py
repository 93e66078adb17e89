"""Sound files from outside to samples. They are untrusted: known formats only, and bounded."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from pipeline_defs.local.providers.server.shapes import ApiError

if TYPE_CHECKING:
    from pipeline_defs.local.providers.engine.encoding import Samples

HEARING_RATE = 16_000  # samples per second, mono: what the recogniser takes
MOST_SECONDS = 1800
MOST_CHANNELS = 8


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
    import numpy as np
    from av.error import FFmpegError

    demuxer = demuxer_of(data)
    if demuxer is None:
        raise _unreadable("it is none of wav, mp3, flac, mp4, m4a, ogg")
    try:
        pieces = _pieces(data, demuxer)
    except (FFmpegError, ValueError, IndexError) as error:
        raise _unreadable("it is damaged or holds no sound") from error
    if not pieces:
        raise _unreadable("it holds no sound")
    return np.concatenate(pieces)


def _pieces(data: bytes, demuxer: str) -> list[Samples]:
    import av
    import numpy as np

    pieces: list[Samples] = []
    total = 0
    nothing_else = {"protocol_whitelist": ""}  # a file cannot name another one to be read
    with av.open(io.BytesIO(data), "r", format=demuxer, options=nothing_else) as container:
        stream = container.streams.audio[0]
        if stream.channels > MOST_CHANNELS:
            raise _unreadable(f"it has more than {MOST_CHANNELS} channels")
        stream.codec_context.thread_count = 1
        resampler = av.AudioResampler(format="flt", layout="mono", rate=HEARING_RATE)
        for frame in container.decode(stream):
            for made in resampler.resample(frame):
                pieces.append(made.to_ndarray().reshape(-1).astype(np.float32))
                total += made.samples
            if total > MOST_SECONDS * HEARING_RATE:
                raise _unreadable(f"it is longer than {MOST_SECONDS} seconds")
        rest = resampler.resample(None)
    return [*pieces, *(made.to_ndarray().reshape(-1).astype(np.float32) for made in rest)]


def _unreadable(reason: str) -> ApiError:
    return ApiError(400, "invalid_audio", f"The audio file could not be decoded: {reason}.")
