"""What the container of a film says of its streams and chapters."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline_defs.media.rejections import bad_media

if TYPE_CHECKING:
    from av.audio.stream import AudioStream
    from av.container import InputContainer
    from av.container.core import Chapter
    from av.video.stream import VideoStream


@dataclass(frozen=True, slots=True)
class FilmContainer:
    """Lengths in seconds, size in pixels, the seconds at which a picture stands for itself, and the
    chapters with the second each begins at.
    """

    video_seconds: float
    audio_seconds: float
    width: int
    height: int
    fps: float
    key_pictures: tuple[float, ...]
    chapters: tuple[tuple[float, str], ...]


def read_container(path: Path) -> FilmContainer:
    """Read it without decoding. Raises `Permanent` BAD_MEDIA when it is no film."""
    import av
    from av.error import FFmpegError

    try:
        with av.open(path, "r", format="mp4") as container:
            if not container.streams.video or not container.streams.audio:
                raise bad_media("film", "it lacks pictures or sound")
            video, audio = container.streams.video[0], container.streams.audio[0]
            return FilmContainer(
                video_seconds=_lasting(video),
                audio_seconds=_lasting(audio),
                width=video.width,
                height=video.height,
                fps=float(video.average_rate or 0),
                key_pictures=_key_pictures(container, video),
                chapters=tuple(map(_chapter, container.chapters())),
            )
    except (FFmpegError, ValueError) as error:
        raise bad_media("film", "it is no MP4 video, or is damaged or incomplete") from error


def _key_pictures(container: InputContainer, video: VideoStream) -> tuple[float, ...]:
    base = video.time_base or 0
    return tuple(
        float(packet.pts * base)
        for packet in container.demux(video)
        if packet.is_keyframe and packet.pts is not None
    )


def _lasting(stream: VideoStream | AudioStream) -> float:
    if stream.duration is None or stream.time_base is None:
        return 0.0
    return float(stream.duration * stream.time_base)


def _chapter(chapter: Chapter) -> tuple[float, str]:
    begins = chapter["start"] * (chapter["time_base"] or 0)
    return float(begins), chapter["metadata"].get("title", "")
