"""Samples to sound files: the formats that providers of speech and music offer."""

from __future__ import annotations

import io
import re
import struct
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Samples = NDArray[np.float32]  # from -1 to 1; one dimension, or frames by channels

_ELEVENLABS = re.compile(r"(mp3|pcm|opus)_(\d{4,5})(?:_(\d{2,3}))?")
_RATES = {
    "mp3": (22_050, 24_000, 44_100, 48_000),
    "pcm": (8_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000),
    "opus": (48_000,),
}
_MOST_KBITS = 320
_MP3_EFFORT = "7"  # of 0 (most) to 9: half the time of the usual 5, the same error


@dataclass(frozen=True, slots=True)
class AudioFormat:
    """A kind of sound file. `kind` is wav, pcm (bare 16-bit samples), mp3, flac, opus or aac."""

    kind: str
    rate: int = 24_000  # samples per second
    kbits: int = 128  # of the compressed ones, per second

    @property
    def media_type(self) -> str:
        """Its media type."""
        return _MEDIA_TYPES[self.kind]


_MEDIA_TYPES = {
    "wav": "audio/wav",
    "pcm": "audio/pcm",
    "mp3": "audio/mpeg",
    "flac": "audio/flac",
    "opus": "audio/ogg",
    "aac": "audio/aac",
}
_CODECS = {  # container, codec, sample format
    "mp3": ("mp3", "libmp3lame", "fltp"),
    "flac": ("flac", "flac", "s16"),
    "opus": ("ogg", "libopus", "flt"),
    "aac": ("adts", "aac", "fltp"),
}


def openai_format(name: str) -> AudioFormat | None:
    """The format of OpenAI's `response_format`; None where there is no such format."""
    if name not in _MEDIA_TYPES:
        return None
    return AudioFormat(name, 48_000) if name == "opus" else AudioFormat(name)


def elevenlabs_format(name: str) -> AudioFormat | None:
    """The format of ElevenLabs' `output_format`, such as mp3_44100_128 or pcm_24000."""
    found = _ELEVENLABS.fullmatch(name)
    if found is None:
        return None
    kind, rate, kbits = found[1], int(found[2]), int(found[3] or 128)
    if rate not in _RATES[kind] or kbits > _MOST_KBITS or (kind == "pcm" and found[3]):
        return None
    return AudioFormat(kind, rate, kbits)


def encoded(blocks: Iterable[Samples], rate: int, form: AudioFormat, channels: int = 1) -> bytes:
    """The blocks, one after the other, as a file of `form`; `rate` is the samples' own."""
    if rate != form.rate:
        blocks = _resampled(blocks, rate, form.rate, channels)
    if form.kind in {"pcm", "wav"}:
        data = b"".join(_pcm(block).tobytes() for block in blocks)
        return data if form.kind == "pcm" else _wav_header(len(data), form.rate, channels) + data
    return _compressed(blocks, form, channels)


def _pcm(block: Samples) -> Any:
    import numpy as np

    return np.round(np.clip(block, -1.0, 1.0) * 32767.0).astype("<i2")


def _wav_header(size: int, rate: int, channels: int) -> bytes:
    frame = 2 * channels
    form = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, channels, rate, rate * frame, frame, 16)
    return (
        b"RIFF" + struct.pack("<I", 36 + size) + b"WAVE" + form + struct.pack("<4sI", b"data", size)
    )


def _resampled(
    blocks: Iterable[Samples], rate: int, wanted: int, channels: int
) -> Iterable[Samples]:
    import soxr

    stream = soxr.ResampleStream(rate, wanted, channels, dtype="float32", quality="HQ")
    last: Samples | None = None
    for block in blocks:
        if last is not None:
            yield stream.resample_chunk(last)
        last = block
    if last is not None:
        yield stream.resample_chunk(last, last=True)


def _compressed(blocks: Iterable[Samples], form: AudioFormat, channels: int) -> bytes:
    import av

    container_name, codec, sample_format = _CODECS[form.kind]
    file = io.BytesIO()
    layout = "mono" if channels == 1 else "stereo"
    # bitexact: the same samples give the same bytes
    with av.open(
        file, "w", format=container_name, container_options={"fflags": "+bitexact"}
    ) as container:
        stream: Any = container.add_stream(codec, rate=form.rate)
        stream.layout = layout
        stream.format = sample_format
        if form.kind == "mp3":
            stream.codec_context.options = {"compression_level": _MP3_EFFORT}
        if form.kind != "flac":
            stream.bit_rate = form.kbits * 1000
        written = 0
        for block in blocks:
            frame = av.AudioFrame.from_ndarray(
                _pcm(block).reshape(1, -1), format="s16", layout=layout
            )
            frame.sample_rate = form.rate
            frame.pts = written
            written += frame.samples
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return file.getvalue()
