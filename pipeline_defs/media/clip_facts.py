"""What is known of a clip without decoding it."""

from __future__ import annotations

import io
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipeline_defs import policies
from pipeline_defs.media import stream
from pipeline_defs.media.rejections import bad_media

if TYPE_CHECKING:
    from av.container import InputContainer
    from av.packet import Packet
    from av.video.stream import VideoStream

    Packets = list[Packet[VideoStream]]

_CODECS = ("h264", "hevc", "av1", "libdav1d", "vp9", "mpeg4")


@dataclass(frozen=True, slots=True)
class ClipFacts:
    """A clip's measures; `conforms` when it can be joined with ours as it is."""

    seconds: float
    frames: int
    width: int
    height: int
    fps: float
    codec: str
    has_audio: bool
    conforms: bool


def clip_facts(data: bytes, seconds: float = policies.SEGMENT_SECONDS) -> ClipFacts:
    """Read a clip (MP4); one that `conforms` has our stream's shape and lasts exactly `seconds`.

    Raises `Permanent` BAD_MEDIA when it is no clip, or larger, longer or finer than is allowed.
    """
    with opened(data) as container:
        return facts_of(container, packets_of(container), seconds)


@contextmanager
def opened(data: bytes) -> Generator[InputContainer]:
    """A clip's container. Raises `Permanent` BAD_MEDIA when there is or comes out to be none."""
    import av
    from av.error import FFmpegError

    if len(data) > policies.MEDIA_MOST_BYTES:
        raise bad_media("clip", "it is larger than is allowed")
    try:
        # nothing is decoded to open it: all that is asked of it stands in its headers
        unseen = {"skip_frame": "all"}
        with av.open(io.BytesIO(data), "r", format="mp4", options=unseen) as container:
            yield container
    except (FFmpegError, ValueError, OverflowError) as error:
        raise bad_media("clip", "it is no MP4 video, or is damaged or incomplete") from error


def packets_of(container: InputContainer) -> Packets:
    """The video as it is stored; BAD_MEDIA where it is none that is supported, or not whole."""
    if not container.streams.video:
        raise bad_media("clip", "it holds no video")
    video = container.streams.video[0]
    codec = video.codec_context.name
    if codec not in _CODECS:
        raise bad_media("clip", f"its codec {codec} is not supported")
    if not 0 < video.width * video.height <= policies.MEDIA_MOST_PIXELS:
        raise bad_media("clip", "it has more pixels than are allowed, or none")
    packets = [packet for packet in container.demux(video) if packet.size]
    if len(packets) < video.frames:
        raise bad_media("clip", "its end is missing")
    return packets


def facts_of(
    container: InputContainer, packets: Packets, seconds: float = policies.SEGMENT_SECONDS
) -> ClipFacts:
    """What these packets of a clip say of it; see `clip_facts`."""
    video = container.streams.video[0]
    lasting = _lasting(packets, video)
    if not packets or lasting <= 0:
        raise bad_media("clip", "it holds no pictures")
    if lasting > policies.CLIP_MOST_SECONDS:
        raise bad_media("clip", "it is longer than is allowed")
    return ClipFacts(
        seconds=lasting,
        frames=len(packets),
        width=video.width,
        height=video.height,
        fps=len(packets) / lasting,
        codec=video.codec_context.name,
        has_audio=bool(container.streams.audio),
        conforms=len(container.streams) == 1
        and len(packets) == round(seconds * policies.VIDEO_FPS)
        and _is_regular(packets, video)
        and video.codec_context.extradata == stream.header(),
    )


def _lasting(packets: Packets, video: VideoStream) -> float:
    times = [packet.pts for packet in packets if packet.pts is not None]
    if not times or video.time_base is None:
        return 0.0
    last = max((packet.pts or 0) + (packet.duration or 0) for packet in packets)
    return float((last - min(times)) * video.time_base)


def _is_regular(packets: Packets, video: VideoStream) -> bool:
    """Whether frame n stands at exactly n frames, in the order of decoding, from a key frame on."""
    if video.time_base is None or video.time_base.denominator != stream.TIMESCALE:
        return False
    step = stream.TICKS_PER_FRAME
    return packets[0].is_keyframe and all(
        packet.pts == packet.dts == number * step and packet.duration == step
        for number, packet in enumerate(packets)
    )
