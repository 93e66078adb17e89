"""Small real media for tests, made by Pillow, numpy and ffmpeg, and kept for the test run.

WebM, as every Chromium plays it; the product's own films are MP4.
"""

from __future__ import annotations

import io
import subprocess
import wave
from functools import cache

SIZE = (320, 180)
RATE = 16_000
COLOURS = ("#23395b", "#406e8e", "#8ea8c3", "#2a6f6a", "#7a4b2a", "#5b2a6f")


@cache
def picture(text: str, number: int = 1, size: tuple[int, int] = SIZE) -> bytes:
    """A PNG with a heading on it."""
    from PIL import Image, ImageDraw, ImageFont

    width, height = size
    image = Image.new("RGB", size, COLOURS[number % len(COLOURS)])
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, height - height // 4, width, height), fill="#f2efe6")
    draw.ellipse((width * 0.62, height * 0.12, width * 0.9, height * 0.62), fill="#f0c987")
    font = ImageFont.load_default(height // 10)
    draw.text((width // 16, height * 0.8), text[:40], fill="#22262a", font=font)
    draw.text((width // 16, height // 10), str(number), fill="#ffffff", font=font)
    file = io.BytesIO()
    image.save(file, "PNG")
    return file.getvalue()


@cache
def sound(seconds: float = 2.0, pitch: float = 220.0) -> bytes:
    """A WAV with a soft tone."""
    import numpy as np

    times = np.arange(int(seconds * RATE)) / RATE
    samples = (np.sin(2 * np.pi * pitch * times) * 0.2 * 32767).astype("<i2")
    file = io.BytesIO()
    with wave.open(file, "wb") as written:
        written.setnchannels(1)
        written.setsampwidth(2)
        written.setframerate(RATE)
        written.writeframes(samples.tobytes())
    return file.getvalue()


@cache
def film(seconds: float = 2.0, size: tuple[int, int] = SIZE) -> bytes:
    """A WebM with picture and sound."""
    import imageio_ffmpeg

    width, height = size
    command = [
        imageio_ffmpeg.get_ffmpeg_exe(), "-hide_banner", "-loglevel", "error",
        "-f", "lavfi", "-i", f"testsrc=size={width}x{height}:rate=10:duration={seconds}",
        "-f", "lavfi", "-i", f"sine=frequency=330:duration={seconds}",
        "-c:v", "libvpx", "-deadline", "realtime", "-cpu-used", "8", "-g", "10",
        "-c:a", "libvorbis", "-f", "webm", "-cues_to_front", "1", "pipe:1",
    ]  # fmt: skip
    return subprocess.run(command, capture_output=True, check=True, timeout=60).stdout
