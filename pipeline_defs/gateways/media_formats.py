"""What kind of picture, sound or clip some bytes are, and whether they are all there.

A look at the outer structure only: it tells a wrong or cut answer, which is worth another call,
from a whole one. Whether it can be decoded is seen where it is decoded.
"""

from __future__ import annotations

import io
import wave
from collections.abc import Callable

from pipeline_defs.gateways.endpoints import Endpoint
from pipeline_defs.gateways.failures import InvalidAnswer
from pipeline_defs.gateways.usage import Usage

TAIL = 1024  # bytes in which the end mark of a picture is looked for
STREAMED = 0x7FFF_0000  # a WAV written while it is spoken claims at least this length
PCM_RATE = 24_000  # samples a second of what the providers call `pcm`: mono, 16 bits


def picture_type(data: bytes) -> str | None:
    """image/png, image/jpeg or image/webp, when it is whole."""
    tail = data[-TAIL:]
    if data.startswith(b"\x89PNG\r\n\x1a\n") and b"IEND\xaeB`\x82" in tail:
        return "image/png"
    if data.startswith(b"\xff\xd8\xff") and b"\xff\xd9" in tail:
        return "image/jpeg"
    if _is_riff(data, b"WEBP") and int.from_bytes(data[4:8], "little") + 8 <= len(data):
        return "image/webp"
    return None


def sound_type(data: bytes) -> str | None:
    """audio/wav, when its samples are all there, or audio/mpeg."""
    if _is_riff(data, b"WAVE"):
        return "audio/wav" if wav_seconds(data) is not None else None
    starts_a_frame = data[:1] == b"\xff" and data[1:2] >= b"\xe0" and len(data) > TAIL
    return "audio/mpeg" if data.startswith(b"ID3") or starts_a_frame else None


def clip_type(data: bytes) -> str | None:
    """video/mp4, when all its boxes are there."""
    boxes: set[bytes] = set()
    at = 0
    while at + 8 <= len(data):
        size = int.from_bytes(data[at : at + 4], "big")
        boxes.add(data[at + 4 : at + 8])
        if size == 1:  # a length of 64 bits follows
            size = int.from_bytes(data[at + 8 : at + 16], "big")
        elif size == 0:  # up to the end of the file
            size = len(data) - at
        if size < 8:
            return None
        at += size
    return "video/mp4" if at <= len(data) and {b"ftyp", b"moov", b"mdat"} <= boxes else None


def wav_seconds(data: bytes) -> float | None:
    """How long a WAV is; None where it is none, is empty or ends early."""
    if not _is_riff(data, b"WAVE"):
        return None
    rate, at = 0, 12
    while at + 8 <= len(data):
        name, size = data[at : at + 4], int.from_bytes(data[at + 4 : at + 8], "little")
        begins, there = at + 8, len(data) - at - 8
        if name == b"fmt " and there >= 16:
            rate = int.from_bytes(data[begins + 8 : begins + 12], "little")  # bytes a second
        if name == b"data":
            length = min(size, there)
            whole = size <= there or size >= STREAMED
            return length / rate if whole and length and rate else None
        at = begins + size + size % 2
    return None


def wav_of(pcm: bytes, rate: int = PCM_RATE) -> bytes:
    """Raw mono samples of 16 bits, as a WAV."""
    file = io.BytesIO()
    with wave.open(file, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(rate)
        sound.writeframes(pcm)
    return file.getvalue()


def expect_media(
    data: bytes,
    recognise: Callable[[bytes], str | None],
    endpoint: Endpoint,
    usage: tuple[Usage, ...] = (),
) -> str:
    """The media type of an answer; `InvalidAnswer`, with its bill, where it is no whole medium."""
    found = recognise(data)
    if found is None:
        wanted = recognise.__name__.removesuffix("_type")
        raise InvalidAnswer(f"{endpoint.label} sent no whole {wanted} ({len(data)} bytes)", usage)
    return found


def _is_riff(data: bytes, kind: bytes) -> bool:
    return data[:4] == b"RIFF" and data[8:12] == kind
