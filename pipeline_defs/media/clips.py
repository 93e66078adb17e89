"""Clips: silent MP4 of a segment's length, all in one shape, so that they join as they are."""

from __future__ import annotations

import asyncio
import io
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Literal

from pipeline_defs import policies
from pipeline_defs.domain.errors import Permanent
from pipeline_defs.media import stream
from pipeline_defs.media.camera import chosen_move, filmed
from pipeline_defs.media.clip_facts import ClipFacts, clip_facts, facts_of, opened, packets_of
from pipeline_defs.media.feeding import Feed
from pipeline_defs.media.ffmpeg import run_ffmpeg, workspace
from pipeline_defs.media.pictures import encoded_jpeg, framed, rgb_picture
from pipeline_defs.media.rejections import bad_media

if TYPE_CHECKING:
    from av.video.frame import VideoFrame
    from PIL.Image import Image

Method = Literal["as_delivered", "re-encoded", "trimmed", "extended"]

_WIDTH, _HEIGHT, _FPS = policies.VIDEO_WIDTH, policies.VIDEO_HEIGHT, policies.VIDEO_FPS
_CROPPED_MOST = 0.14  # share of a side that may be cut off to fill the frame


@dataclass(frozen=True, slots=True)
class Fitted:
    """A clip in our shape, and what it took to bring it there."""

    data: bytes
    method: Method


@dataclass(frozen=True, slots=True)
class ClipLook:
    """What is learned of a clip by opening it once; the pictures are JPEG."""

    facts: ClipFacts
    pictures: list[bytes]


async def moving_still(frame: bytes, *, seconds: float, seed: int) -> bytes:
    """A clip of a slow camera movement over a picture; which movement is chosen by the seed.

    Raises BAD_MEDIA for what is no picture, and as `run_ffmpeg`.
    """
    picture = await asyncio.to_thread(_full_frame, frame)
    frames = round(seconds * _FPS)

    def feed(pipe: BinaryIO) -> None:
        for raw in filmed(picture, chosen_move(seed), frames):
            pipe.write(raw)

    raw_video = ("-f", "rawvideo", "-pix_fmt", "yuv420p", "-s", stream.SIZE, "-r", str(_FPS))
    async with workspace() as folder:
        arguments = [*raw_video, "-i", "pipe:0", "-vf", stream.COLOURS]
        return await _encoded(arguments, frames, folder, pipe_feed=feed)


async def fitted(clip: bytes, *, seconds: float) -> Fitted:
    """The clip as exactly `seconds` of silent video in our shape, as it is where it conforms.

    A longer one is trimmed; a shorter one is slowed a little and then held on its last picture.
    Raises BAD_MEDIA for what is no clip, and as `run_ffmpeg`.
    """
    facts = await asyncio.to_thread(clip_facts, clip, seconds)
    if facts.conforms:
        return Fitted(clip, "as_delivered")
    frames = round(seconds * _FPS)
    async with workspace() as folder:
        (folder / "source.mp4").write_bytes(clip)
        filters = f"[0:v:0]{_timing(facts, seconds)},{_framing(facts)},{stream.COLOURS}[out]"
        source = ("-an", "-sn", "-dn", "-f", "mp4", "-i", "source.mp4")
        arguments = [*source, "-filter_complex", filters, "-map", "[out]"]
        try:
            data = await _encoded(arguments, frames, folder)
        except Permanent as error:
            raise bad_media("clip", error.message) from error
    if not (await asyncio.to_thread(clip_facts, data, seconds)).conforms:
        raise bad_media("clip", "fewer of its pictures can be shown than it says")
    return Fitted(data, _method(facts, seconds))


async def picture_at(clip: bytes, second: float, width: int = 640) -> bytes:
    """The picture shown at that second of a clip (its last one beyond the end), as a JPEG.

    Raises BAD_MEDIA for what is no clip.
    """
    return await asyncio.to_thread(_picture_at, clip, second, width)


def look_into(clip: bytes, most: int, width: int) -> ClipLook:
    """Measure a clip, and show at most so many of the pictures at which a player can enter it.

    The others are not decoded. Raises BAD_MEDIA for what is no clip.
    """
    with opened(clip) as container:
        packets = packets_of(container)
        facts = facts_of(container, packets)
        decoder = container.streams.video[0].codec_context
        decoder.thread_count = 1  # more cost more than they save with a handful of pictures
        decoder.options = {"skip_loop_filter": "all"}  # nobody sees it in pictures so small
        entries = [packet for packet in packets if packet.is_keyframe][:most]
        shown = [frame for packet in (*entries, None) for frame in decoder.decode(packet)]
        return ClipLook(facts, [encoded_jpeg(_shrunk(frame, width), quality=85) for frame in shown])


def _shrunk(frame: VideoFrame, width: int) -> Image:
    return frame.to_image(width=width, height=round(frame.height * width / frame.width / 2) * 2)


def _full_frame(data: bytes) -> Image:
    return framed(rgb_picture(data, (_WIDTH, _HEIGHT)), _WIDTH, _HEIGHT)


async def _encoded(
    arguments: list[str], frames: int, folder: Path, pipe_feed: Feed | None = None
) -> bytes:
    target = ("-frames:v", str(frames), *stream.ENCODING, *stream.CONTAINER)
    await run_ffmpeg(
        [*arguments, *target, "-movflags", "+faststart", "clip.mp4"],
        folder=folder,
        deadline=policies.FFMPEG_DEADLINE,
        feed=pipe_feed,
        heavy=True,
    )
    return await asyncio.to_thread((folder / "clip.mp4").read_bytes)


def _timing(facts: ClipFacts, seconds: float) -> str:
    slower = min(max(seconds / facts.seconds, 1.0), 1 + policies.CLIP_SLOWED_MOST)
    held = f"tpad=stop_mode=clone:stop_duration={seconds}"
    return f"setpts=(PTS-STARTPTS)*{slower:.6f},fps={_FPS},{held}"


def _framing(facts: ClipFacts) -> str:
    """Filling the frame, at the cost of a little of the edges; else whole before a blurred copy."""
    square = "scale=iw*sar:ih,setsar=1"
    colours = "out_color_matrix=bt709:out_range=tv,format=yuv420p"
    fill = f"scale={_WIDTH}:{_HEIGHT}:force_original_aspect_ratio=increase:flags=lanczos"
    crop = f"crop={_WIDTH}:{_HEIGHT}"
    shape = (facts.width * _HEIGHT) / (facts.height * _WIDTH)
    if 1 - min(shape, 1 / shape) <= _CROPPED_MOST:
        return f"{square},{fill}:{colours},{crop}"
    small = f"scale={_WIDTH // 16}:{_HEIGHT // 16}:force_original_aspect_ratio=increase"
    backdrop = f"{small},crop={_WIDTH // 16}:{_HEIGHT // 16},gblur=4,eq=brightness=-0.2"
    whole = f"scale={_WIDTH}:{_HEIGHT}:force_original_aspect_ratio=decrease:flags=lanczos"
    return (
        f"{square},split[copy][whole];"
        f"[copy]{backdrop},scale={_WIDTH}:{_HEIGHT}:{colours}[backdrop];"
        f"[whole]{whole}:{colours}[front];"
        "[backdrop][front]overlay=(W-w)/2:(H-h)/2"
    )


def _method(facts: ClipFacts, seconds: float) -> Method:
    half_a_frame = 0.5 / _FPS
    if facts.seconds > seconds + half_a_frame:
        return "trimmed"
    return "extended" if facts.seconds < seconds - half_a_frame else "re-encoded"


def _picture_at(clip: bytes, second: float, width: int) -> bytes:
    import av
    from av.error import FFmpegError

    try:
        with av.open(io.BytesIO(clip), "r", format="mp4") as container:
            video = container.streams.video[0]
            container.seek(round(second * av.time_base))
            shown: VideoFrame | None = None
            for frame in container.decode(video):
                if shown is not None and frame.time > second:
                    break
                shown = frame
            if shown is None:
                raise bad_media("clip", "it holds no pictures")
            return encoded_jpeg(_shrunk(shown, width), quality=85)
    except (FFmpegError, IndexError, ValueError) as error:
        raise bad_media("clip", "it is no MP4 video, or is damaged or incomplete") from error
