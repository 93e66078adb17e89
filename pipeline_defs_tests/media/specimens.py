"""Pictures, sounds and clips made for the tests, and what is read out of finished ones."""

from __future__ import annotations

import io
import subprocess
from pathlib import Path
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from pipeline_defs.media.ffmpeg import executable
from pipeline_defs.media.sound import Sound

PLAYLIST = b"#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\n%s\n#EXT-X-ENDLIST\n"
CONCAT = b"ffconcat version 1.0\nfile '%s'\n"


def encoded(image: Image.Image, kind: str = "PNG", **options: Any) -> bytes:
    """An image in a format of Pillow's."""
    target = io.BytesIO()
    image.save(target, kind, **options)
    return target.getvalue()


def opened(data: bytes) -> Image.Image:
    """An encoded picture, decoded."""
    image = Image.open(io.BytesIO(data))
    image.load()
    return image


def scene(width: int = 1280, height: int = 720, shift: int = 0) -> Image.Image:
    """A picture with edges, colours and a gradient."""
    across = np.linspace(40, 200, width)[None, :].repeat(height, 0)
    image = Image.fromarray(np.stack([across, across[:, ::-1], across * 0.5 + 60], 2).astype("u1"))
    draw = ImageDraw.Draw(image)
    for number in range(6):
        left, top = 90 + number * width // 7 + shift, 90 + (number * 97 + shift) % (height // 2)
        draw.rectangle((left, top, left + width // 12, top + height // 5), fill=(250, 240, 90))
        draw.ellipse((left, top + 40, left + 60, top + 100), fill=(30, 60, 120 + number * 20))
    return image


def tone(pitch: float, seconds: float, rate: int = 24_000, volume: float = 0.4) -> Sound:
    """A steady tone."""
    time = np.arange(round(seconds * rate)) / rate
    return Sound((volume * np.sin(2 * np.pi * pitch * time)).astype(np.float32), rate)


def speechlike(seconds: float, rate: int = 24_000, seed: int = 1) -> Sound:
    """Bursts of harmonics with short pauses and changing strength, peaky as a voice."""
    chance = np.random.default_rng(seed)
    time = np.arange(round(seconds * rate)) / rate
    voice = sum(np.sin(2 * np.pi * 130 * k * time + k * k) / k for k in range(1, 20))
    syllables = np.clip(np.sin(2 * np.pi * 3.1 * time) * 1.4 + 0.4, 0, 1)
    strength = np.interp(time, np.arange(12), chance.uniform(0.3, 1, 12))
    loud = np.asarray(voice) * syllables * strength
    return Sound((0.45 * loud / np.abs(loud).max()).astype(np.float32), rate)


def surrounded(sound: Sound, before: float, after: float) -> Sound:
    """The sound with silence around it, in seconds."""
    pads = (round(before * sound.rate), round(after * sound.rate))
    return Sound(np.pad(sound.samples, pads), sound.rate)


def pitch_of(sound: Sound) -> float:
    """The pitch of a steady sound, by its autocorrelation."""
    middle = len(sound.samples) // 2
    part = sound.samples[middle - 4096 : middle + 4096].astype(np.float64)
    power = np.fft.irfft(np.abs(np.fft.rfft(part, 16_384)) ** 2)
    shortest, longest = sound.rate // 800, sound.rate // 60
    lag = shortest + int(np.argmax(power[shortest:longest]))
    left, top, right = power[lag - 1 : lag + 2]
    return float(sound.rate / (lag + 0.5 * (left - right) / (left - 2 * top + right)))


def ffmpeg(*arguments: str) -> str:
    """Run ffmpeg as a user would, to make inputs or to measure results."""
    command = [executable(), "-hide_banner", "-nostdin", "-y", *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stderr


def video(
    path: Path, *, seconds: float, size: str = "1280x720", fps: float = 25, sound: bool = False
) -> bytes:
    """A foreign clip: a moving test picture in an encoding that is not ours."""
    inputs = ["-f", "lavfi", "-i", f"testsrc2=s={size}:r={fps}:d={seconds}"]
    inputs += ["-f", "lavfi", "-i", f"sine=440:d={seconds}"] if sound else []
    ffmpeg(*inputs, "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", str(path))
    return path.read_bytes()


def frames(data: bytes) -> tuple[list[NDArray[np.uint8]], list[float]]:
    """Every fourth luma sample (16 to 235) each way of all frames of a video, and their times."""
    pictures: list[NDArray[np.uint8]] = []
    times: list[float] = []
    with av.open(io.BytesIO(data), "r", format="mp4") as container:
        for frame in container.decode(video=0):
            plane = frame.planes[0]
            rows = np.frombuffer(plane, np.uint8).reshape(frame.height, plane.line_size)
            pictures.append(rows[::4, : frame.width : 4].copy())
            times.append(frame.time)
    return pictures, times
