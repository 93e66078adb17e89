"""Recordings of calls: bytes of any origin in, channels of sound out, or the reason why not.

Nothing is believed but the bytes: the container is told from how it begins and opened as that and
nothing else, from memory alone, so a playlist inside can name no file and no address. Size, length
and channels have caps that are checked while decoding.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pipeline_defs import policies
from pipeline_defs.domain.errors import Permanent

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

RATE = 16_000  # samples per second, as speech recognition hears
CHANNELS_MOST = 2
SILENT = 0.001  # of full scale, of the loudest 10 ms: below nothing was said
DUAL_MONO = 0.95  # correlation of two channels that hold the same
# What is wrong with a recording, and what to do. Shown in docs/recordings.md.
RECORDING_PROBLEMS: Mapping[str, tuple[str, str]] = {
    "RECORDING_EMPTY": ("it has no bytes", "Record the call again."),
    "RECORDING_TOO_LARGE": (
        f"it is larger than {policies.RECORDING_MOST_BYTES // 1_000_000} MB",
        "Send it as MP3, or in parts.",
    ),
    "RECORDING_NOT_AUDIO": (
        "it is text or another file, and no recording",
        "Send the sound itself, not a page, a playlist or a document.",
    ),
    "RECORDING_NO_HEADER": (
        "it is in no format that is known; the beginning of the file may be missing",
        "Send WAV, FLAC, MP3, Ogg or M4A with its header.",
    ),
    "RECORDING_IS_VIDEO": ("it is a video", "Send its sound alone."),
    "RECORDING_WRONG_TYPE": (
        "its bytes are of another format than its name says",
        "Name the file after what it is, or convert it.",
    ),
    "RECORDING_TRUNCATED": ("its end is missing", "Send the complete file."),
    "RECORDING_UNREADABLE": ("it is damaged", "Send it again, or convert it to WAV."),
    "RECORDING_TOO_LONG": (
        f"it is longer than {policies.RECORDING_MOST_SECONDS // 60} minutes",
        "Cut it into parts.",
    ),
    "RECORDING_TOO_MANY_CHANNELS": (
        f"it has more than {CHANNELS_MOST} channels",
        "Send one channel for each speaker, or a single one.",
    ),
    "RECORDING_SILENT": ("nothing is said in it", "Call this contact again."),
}
# How files begin, and as what they are opened.
MAGIC: tuple[tuple[bytes, int, str], ...] = (
    (b"WAVE", 8, "wav"),
    (b"fLaC", 0, "flac"),
    (b"OggS", 0, "ogg"),
    (b"ID3", 0, "mp3"),
    (b"ftyp", 4, "mp4"),
)
SUFFIXES = {
    "wav": {"wav", "wave"},
    "flac": {"flac"},
    "ogg": {"ogg", "oga", "opus"},
    "mp3": {"mp3"},
    "mp4": {"m4a", "mp4"},
}


@dataclass(frozen=True, slots=True, eq=False)
class Recording:
    """Decoded sound: one array per channel, 16-bit samples at `RATE`. `warnings` for people.

    `dual_mono`: both channels held the same and are one now; `silent` are channels where nobody is
    heard, by their number in the file.
    """

    channels: tuple[NDArray[np.int16], ...]
    seconds: float
    container: str
    codec: str
    source_channels: int
    dual_mono: bool = False
    silent: tuple[int, ...] = ()
    warnings: tuple[str, ...] = ()


def read_recording(data: bytes, name: str = "") -> Recording:
    """A recording decoded. `name`: of the file, whose suffix must fit where it has one.

    Raises Permanent with a code of `RECORDING_PROBLEMS`.
    """
    if not data:
        raise problem("RECORDING_EMPTY")
    if len(data) > policies.RECORDING_MOST_BYTES:
        raise problem("RECORDING_TOO_LARGE")
    container = _container(data)
    suffix = name.rpartition(".")[2].lower() if "." in name else ""
    if suffix and suffix not in SUFFIXES[container]:
        raise problem("RECORDING_WRONG_TYPE")
    if container == "wav":
        _must_be_complete(data)
    channels, codec = _decoded(data, container)
    return _looked_at(channels, container, codec)


def problem(code: str) -> Permanent:
    """The refusal of a recording, with what to do."""
    what, advice = RECORDING_PROBLEMS[code]
    return Permanent(code, f"the recording cannot be used: {what}", advice=advice)


def _container(data: bytes) -> str:
    for magic, at, container in MAGIC:
        if data[at : at + len(magic)] == magic:
            return container
    if data[0] == 0xFF and data[1:2] and data[1] & 0xE0 == 0xE0:
        return "mp3"
    head = data[:512]
    printable = sum(32 <= byte < 127 or byte in (9, 10, 13) for byte in head)
    raise problem("RECORDING_NOT_AUDIO" if printable == len(head) else "RECORDING_NO_HEADER")


def _must_be_complete(data: bytes) -> None:
    """A WAV says how long its samples are; some senders do not know and write a placeholder."""
    at = 12
    while at + 8 <= len(data):
        name, size = struct.unpack_from("<4sI", data, at)
        if name == b"data":
            if size in (0, 0xFFFFFFFF, 0x7FFFFFFF):
                return
            if size > len(data) - at - 8:
                raise problem("RECORDING_TRUNCATED")
            return
        at += 8 + size + size % 2
    raise problem("RECORDING_TRUNCATED")


def _decoded(data: bytes, container: str) -> tuple[NDArray[np.int16], str]:
    """Samples by channel, and what they were encoded with."""
    import av
    import av.error

    try:
        with av.open(io.BytesIO(data), format=container, mode="r") as opened:
            stream = _sound_of(opened)
            return _samples(opened, stream), str(stream.codec_context.name)
    except av.error.EOFError as error:
        raise problem("RECORDING_TRUNCATED") from error
    except (av.error.FFmpegError, ValueError) as error:
        raise problem("RECORDING_UNREADABLE") from error


def _sound_of(opened: Any) -> Any:
    if any(not _is_cover(stream) for stream in opened.streams.video):
        raise problem("RECORDING_IS_VIDEO")
    if not opened.streams.audio:
        raise problem("RECORDING_NOT_AUDIO")
    stream = opened.streams.audio[0]
    if stream.codec_context.channels > CHANNELS_MOST:
        raise problem("RECORDING_TOO_MANY_CHANNELS")
    if opened.duration and opened.duration / 1_000_000 > policies.RECORDING_MOST_SECONDS:
        raise problem("RECORDING_TOO_LONG")
    return stream


def _is_cover(stream: Any) -> bool:
    """A picture that goes with a piece of music is no video."""
    import av.stream

    return bool(stream.disposition & av.stream.Disposition.attached_pic)


def _samples(opened: Any, stream: Any) -> NDArray[np.int16]:
    import av
    import numpy as np

    layout = "stereo" if stream.codec_context.channels == CHANNELS_MOST else "mono"
    resampler = av.AudioResampler(format="s16p", layout=layout, rate=RATE)
    parts: list[NDArray[np.int16]] = []
    count = 0
    for frame in opened.decode(stream):
        for part in resampler.resample(frame):
            parts.append(part.to_ndarray().astype(np.int16))
            count += parts[-1].shape[1]
        if count > policies.RECORDING_MOST_SECONDS * RATE:
            raise problem("RECORDING_TOO_LONG")
    parts += [part.to_ndarray().astype(np.int16) for part in resampler.resample(None)]
    if not parts:
        raise problem("RECORDING_SILENT")
    return np.concatenate(parts, axis=1)


def _looked_at(samples: NDArray[np.int16], container: str, codec: str) -> Recording:
    """What the channels hold: nothing, the same, or a speaker each."""
    found = len(samples)
    seconds = samples.shape[1] / RATE
    silent = tuple(number for number, channel in enumerate(samples) if is_silent(channel))
    if len(silent) == found:
        raise problem("RECORDING_SILENT")
    dual_mono = found == CHANNELS_MOST and not silent and _correlation(*samples) > DUAL_MONO
    warnings: list[str] = []
    if dual_mono:
        warnings.append("both channels hold the same: it is read as one channel")
    warnings += [f"nobody is heard on channel {number + 1}" for number in silent]
    channels = (samples[0],) if dual_mono else tuple(samples)
    return Recording(channels, seconds, container, codec, found, dual_mono, silent, tuple(warnings))


def is_silent(channel: NDArray[np.int16]) -> bool:
    """Whether nobody is heard: the loudest 10 ms stay below the noise of a room."""
    import numpy as np

    size = RATE // 100
    whole = channel[: len(channel) - len(channel) % size]
    if not len(whole):
        return True
    level = np.sqrt(np.mean(np.square(whole.reshape(-1, size), dtype=np.float64), axis=1))
    return bool(np.max(level) < SILENT * 32_768)


def _correlation(left: NDArray[np.int16], right: NDArray[np.int16]) -> float:
    """Pearson's, of the samples."""
    import numpy as np

    a, b = left.astype(np.float64), right.astype(np.float64)
    a -= a.mean()
    b -= b.mean()
    return float(np.dot(a, b) / max(np.linalg.norm(a) * np.linalg.norm(b), 1e-9))
