"""Small real pictures, sounds and clips, each made once."""

from __future__ import annotations

import io
import wave
from fractions import Fraction
from functools import cache
from typing import Any

RATE = 24_000


@cache
def picture(kind: str = "PNG") -> bytes:
    """64 x 48 pixels; PNG, JPEG, WEBP or GIF."""
    from PIL import Image

    file = io.BytesIO()
    Image.new("RGB", (64, 48), (200, 80, 40)).save(file, kind)
    return file.getvalue()


@cache
def samples(seconds: float = 0.5) -> bytes:
    """A quiet saw tooth: mono, 16 bits."""
    return b"".join((n % 200 * 40).to_bytes(2, "little") for n in range(int(RATE * seconds)))


@cache
def wav(seconds: float = 0.5) -> bytes:
    """The same as a WAV."""
    file = io.BytesIO()
    with wave.open(file, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(RATE)
        sound.writeframes(samples(seconds))
    return file.getvalue()


@cache
def mp3(seconds: float = 1.0) -> bytes:
    """Silence as an MP3 without tags."""
    import av
    import numpy

    file = io.BytesIO()
    with av.open(file, "w", format="mp3", options={"id3v2_version": "0"}) as output:
        stream: Any = output.add_stream("mp3", rate=RATE, layout="mono")
        silence = numpy.zeros((1, int(RATE * seconds)), dtype=numpy.int16)
        frame = av.AudioFrame.from_ndarray(silence, format="s16", layout="mono")
        frame.sample_rate = RATE
        for packet in (*stream.encode(frame), *stream.encode(None)):
            output.mux(packet)
    return file.getvalue()


@cache
def clip() -> bytes:
    """Five black frames as an MP4."""
    import av

    file = io.BytesIO()
    with av.open(file, "w", format="mp4") as output:
        stream: Any = output.add_stream("libx264", rate=25)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        for number in range(5):
            frame = av.VideoFrame(64, 48, "yuv420p")
            for plane in frame.planes:
                plane.update(bytes(plane.buffer_size))
            frame.pts, frame.time_base = number, Fraction(1, 25)
            for packet in stream.encode(frame):
                output.mux(packet)
        for packet in stream.encode(None):
            output.mux(packet)
    return file.getvalue()
