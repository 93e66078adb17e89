"""Reading MP3, by way of ffmpeg."""

from __future__ import annotations

import asyncio
import struct
from typing import TYPE_CHECKING

from pipeline_defs import policies
from pipeline_defs.domain.errors import Permanent
from pipeline_defs.media.ffmpeg import run_ffmpeg, workspace
from pipeline_defs.media.rejections import bad_media
from pipeline_defs.media.wav import read_wav

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_SUMMARY_WITHIN = 200  # bytes of the first frame
_HAS_FRAMES, _HAS_BYTES = 1, 2


async def read_mp3(data: bytes) -> tuple[NDArray[np.float32], int]:
    """The samples as one channel from -1 to 1, and their rate. Raises `Permanent` BAD_MEDIA."""
    start = _first_frame(data)
    if data[start : start + 1] != b"\xff" or data[start + 1 : start + 2] < b"\xe0":
        raise bad_media("sound", "it is no MP3")
    if len(data) - start < _announced_bytes(data[start : start + _SUMMARY_WITHIN]):
        raise bad_media("sound", "its end is missing")
    return await asyncio.to_thread(read_wav, await _as_wav(data))


def _first_frame(data: bytes) -> int:
    """Where the sound begins: behind the tag that names title and artist, if there is one."""
    if data[:3] != b"ID3" or len(data) < 10:
        return 0
    size = 0
    for byte in data[6:10]:
        size = size << 7 | byte & 0x7F
    return 10 + size


def _announced_bytes(frame: bytes) -> int:
    """The length of the sound by the summary most encoders put into the first frame, else 0."""
    at = max(frame.find(b"Xing"), frame.find(b"Info"))
    if at < 0 or len(frame) < at + 16:
        return 0
    flags, *numbers = struct.unpack_from(">III", frame, at + 4)
    if not flags & _HAS_BYTES:
        return 0
    return int(numbers[1] if flags & _HAS_FRAMES else numbers[0])


async def _as_wav(data: bytes) -> bytes:
    most = str(policies.SOUND_MOST_SECONDS + 1)
    async with workspace() as folder:
        (folder / "source.mp3").write_bytes(data)
        source = ("-vn", "-sn", "-dn", "-t", most, "-f", "mp3", "-i", "source.mp3")
        try:
            await run_ffmpeg(
                [*source, "-map", "0:a:0", "-ac", "1", "-c:a", "pcm_f32le", "-f", "wav", "out.wav"],
                folder=folder,
                deadline=policies.FFMPEG_DEADLINE,
                heavy=True,
            )
        except Permanent as error:
            raise bad_media("sound", "it is no MP3, or is damaged") from error
        return await asyncio.to_thread((folder / "out.wav").read_bytes)
