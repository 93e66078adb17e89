"""Reading and writing WAV (RIFF) in this process."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipeline_defs import policies
from pipeline_defs.media.rejections import bad_media

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_PCM, _FLOAT, _EXTENSIBLE = 1, 3, 0xFFFE
_SIZE_UNKNOWN = (0xFFFFFFFF, 0x7FFFFFFF, 0)  # written by whoever sends before the end is known
_CHANNELS_MOST = 8
_RATES = (4_000, 384_000)  # samples per second


@dataclass(frozen=True, slots=True)
class _Format:
    kind: int
    channels: int
    rate: int
    bits: int

    @property
    def frame_bytes(self) -> int:
        return self.channels * self.bits // 8


def read_wav(data: bytes) -> tuple[NDArray[np.float32], int]:
    """The samples as one channel from -1 to 1 (several are averaged), and their rate.

    Raises `Permanent` BAD_MEDIA for anything but complete PCM or floating-point sound.
    """
    if data[:4] != b"RIFF" or data[8:12] != b"WAVE":
        raise bad_media("sound", "it is no WAV")
    found: _Format | None = None
    for name, size, start in _chunks(data):
        if name == b"fmt ":
            found = _format(data[start : start + size])
        elif name == b"data":
            if found is None:
                raise bad_media("sound", "its format is not described")
            return _samples(_body(data, start, size, found), found), found.rate
    raise bad_media("sound", "it holds no samples")


def write_wav(samples: NDArray[np.float32], rate: int) -> bytes:
    """One channel from -1 to 1 as 16-bit WAV; what is beyond is clipped."""
    import numpy as np

    body = (np.clip(samples, -1, 1) * 32_767).round().astype("<i2").tobytes()
    header = struct.pack("<4sI4s4sIHHIIHH", *(b"RIFF", 36 + len(body), b"WAVE", b"fmt ", 16),
                         *(_PCM, 1, rate, rate * 2, 2, 16))  # fmt: skip
    return header + struct.pack("<4sI", b"data", len(body)) + body


def _chunks(data: bytes) -> Iterator[tuple[bytes, int, int]]:
    """Name, size and start of the content of each chunk."""
    at = 12
    while at + 8 <= len(data):
        name, size = struct.unpack_from("<4sI", data, at)
        yield name, size, at + 8
        at += 8 + size + size % 2


def _format(chunk: bytes) -> _Format:
    if len(chunk) < 16:
        raise bad_media("sound", "its format is not described")
    kind, channels, rate, _, _, bits = struct.unpack_from("<HHIIHH", chunk)
    if kind == _EXTENSIBLE and len(chunk) >= 26:
        kind = struct.unpack_from("<H", chunk, 24)[0]
    if not 1 <= channels <= _CHANNELS_MOST:
        raise bad_media("sound", f"it has {channels} channels")
    if not _RATES[0] <= rate <= _RATES[1]:
        raise bad_media("sound", f"it has {rate} samples per second")
    if (kind, bits) not in ((_PCM, 8), (_PCM, 16), (_PCM, 24), (_PCM, 32), (_FLOAT, 32)):
        raise bad_media("sound", f"its kind of samples ({kind}, {bits} bits) is not supported")
    return _Format(kind, channels, rate, bits)


def _body(data: bytes, start: int, size: int, form: _Format) -> bytes:
    there = len(data) - start
    if size in _SIZE_UNKNOWN:
        size = there
    if size > there:
        raise bad_media("sound", "its end is missing")
    body = data[start : start + size - size % form.frame_bytes]
    if not body:
        raise bad_media("sound", "it holds no samples")
    if len(body) / form.frame_bytes > form.rate * policies.SOUND_MOST_SECONDS:
        raise bad_media("sound", "it is longer than is allowed")
    return body


def _samples(body: bytes, form: _Format) -> NDArray[np.float32]:
    import numpy as np

    if form.kind == _FLOAT:
        values = np.frombuffer(body, "<f4").astype(np.float32)
        if not np.isfinite(values).all():
            raise bad_media("sound", "some of its samples are no numbers")
    elif form.bits == 8:
        values = (np.frombuffer(body, np.uint8).astype(np.float32) - 128) / 128
    elif form.bits == 24:
        upper = np.zeros((len(body) // 3, 4), np.uint8)
        upper[:, 1:] = np.frombuffer(body, np.uint8).reshape(-1, 3)
        values = upper.view("<i4")[:, 0].astype(np.float32) / 2**31
    else:
        whole = np.frombuffer(body, f"<i{form.bits // 8}")
        values = whole.astype(np.float32) / 2 ** (form.bits - 1)
    return values.reshape(-1, form.channels).mean(axis=1, dtype=np.float32)
