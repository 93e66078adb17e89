"""What the Dagster UI shows of a result: pictures, waveforms, texts and numbers instead of ids.

Dagster shows Markdown of less than a thousand characters at once, and more of it on a click: so a
tiny picture stands beside each result, and a larger one behind it. Both stand in the event log.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from pipeline_defs import policies
from pipeline_defs.defs.lectures.making import Making
from pipeline_defs.domain.lectures.models import Lecture, Segment
from pipeline_defs.domain.lectures.scripts import LectureDraft
from pipeline_defs.media.clips import look_into
from pipeline_defs.media.pictures import contact_sheet, data_uri, miniature, thumbnail
from pipeline_defs.media.sound import waveform

if TYPE_CHECKING:
    from pipeline_defs.media.sound import Sound

THUMBNAIL_WIDTH = 320
TINY_BYTES = 690  # with its words and in base64 still below a thousand characters
WAVEFORM_SIZE = (320, 48)
CLIP_PICTURES = 3
FILM_PICTURES = 3
SHEET_COLUMNS = 3
PARTS = ("segment_narration", "segment_clip")  # of the film, per segment
SHEET_MOST = 24  # pictures


def titled(lecture: Lecture, segment: Segment | None = None) -> dict[str, Any]:
    """What a person calls it, as its partition key says little."""
    title = lecture.title or lecture.topic
    if segment is None:
        return {"title": title}
    return {"title": f"{title} · segment {segment.order}: {segment.heading}"}


def script(draft: LectureDraft, model: str) -> dict[str, Any]:
    """The script as a table: what is said and what is seen."""
    return {
        "title": draft.title,
        "segments": len(draft.segments),
        "words": sum(len(segment.text.split()) for segment in draft.segments),
        "served_by": model,
        "script": {
            "table": [
                {"segment": n, "heading": s.heading, "said": s.text, "seen": s.picture}
                for n, s in enumerate(draft.segments, start=1)
            ]
        },
    }


async def image(making: Making, segment: Segment, result: Mapping[str, Any]) -> dict[str, Any]:
    """The pictures, tiny at once and larger on a click."""
    blobs = [picture["blob"] for picture in result["images"]]
    shown = [await _small(making, segment, blob, "segment_image") for blob in blobs]
    words = [f"{segment.heading} ({picture['kind']})" for picture in result["images"]]
    larger = " ".join(_inline(s, "image/jpeg", w) for s, w in zip(shown, words, strict=True))
    first = result["images"][0]
    return {
        **titled(making.lecture, segment),
        "image": await _tiny(shown),
        "larger": {"md": larger},
        "images": len(shown),
        "fallback": result["fallback"],
        "refusal": result["refusal"],
        "served_by": first["served_by"],
        "prompt": {"md": "  \n".join(first["prompt"].translate(_WORDS).splitlines())},
    }


async def narration(
    making: Making, segment: Segment, result: Mapping[str, Any], sound: Sound
) -> dict[str, Any]:
    """The waveform and the words; the sound itself plays in Studio."""
    wave = await asyncio.to_thread(waveform, sound, *WAVEFORM_SIZE)
    begin, end = result["speech"]
    return {
        **titled(making.lecture, segment),
        "waveform": {"md": _inline(wave, "image/webp", "waveform")},
        "says": result["text"],
        "heard": result["heard"],
        "not_heard": result["not_heard"] or None,
        "wer": result["wer"],
        "seconds": round(result["seconds"], 2),
        "speech_seconds": round(end - begin, 2),
        "words": len(result["text"].split()),
        "method": result["method"],
        "speed": result["speed"],
        "served_by": result["served_by"],
    }


async def frame(
    making: Making, segment: Segment, result: Mapping[str, Any], whose: str
) -> dict[str, Any]:
    """The picture, tiny; `whose`: the asset that its file is of, the image where it is that."""
    small = await _small(making, segment, result["blob"], whose)
    return {
        **titled(making.lecture, segment),
        "frame": await _tiny([small]),
        "from_image": result["image"],
    }


async def clip(making: Making, segment: Segment, result: Mapping[str, Any]) -> dict[str, Any]:
    """Some of its pictures, and how it came about; it plays in Studio."""
    return {
        **titled(making.lecture, segment),
        "pictures": await _tiny(await _key_pictures(making, segment, result["blob"])),
        "method": result["method"],
        "megabytes": _megabytes(result["blob"]),
        "served_by": result["served_by"],
    }


def music(making: Making, result: Mapping[str, Any]) -> dict[str, Any]:
    """What was asked for; it plays in Studio."""
    return {
        **titled(making.lecture),
        "seconds": round(sum(track["seconds"] for track in result["tracks"]), 2),
        "served_by": result["served_by"],
        "tracks": {
            "table": [{"seconds": t["seconds"], "prompt": t["prompt"]} for t in result["tracks"]]
        },
    }


def of_media(lecture: Lecture) -> dict[str, Any]:
    """How much of the film there is."""
    ready = [s.asset(name).status == "ready" for s in lecture.segments for name in PARTS]
    return {"narrations_and_clips": sum(ready), "missing": len(ready) - sum(ready)}


async def film_pictures(making: Making) -> dict[str, Any]:
    """A strip and a contact sheet of what is seen of the film."""
    frames = await _frames(making)
    if not frames:
        return {}
    few = frames[:: max(1, -(-len(frames) // FILM_PICTURES))]
    sheet = await asyncio.to_thread(contact_sheet, frames, SHEET_COLUMNS)
    return {
        "pictures": await _tiny(few),
        "contact_sheet": {"md": _inline(sheet, "image/jpeg", "contact sheet")},
    }


def film(making: Making, result: Mapping[str, Any], pictures: Mapping[str, Any]) -> dict[str, Any]:
    """Its pictures and its measures; it plays in Studio."""
    return {
        **titled(making.lecture),
        **pictures,
        "seconds": result["seconds"],
        "loudness_lufs": result["loudness"],
        "true_peak_dbtp": result["true_peak"],
        "drift_seconds": result["drift"],
        "stills_instead_of_clips": len(result["still_segments"]),
        "megabytes": _megabytes(result["blob"]),
        "chapters": {"table": [{"start": start, "title": t} for start, t in result["marks"]]},
    }


def image_words(result: Mapping[str, Any]) -> str:
    """An image in the progress stream."""
    if result["fallback"] == "title_card":
        return "refused; a title card stands in for it"
    if result["fallback"] == "rewritten":
        return "refused, then drawn from a rewritten description"
    count = len(result["images"])
    return "drawn" if count == 1 else f"{count} drawn"


def narration_words(result: Mapping[str, Any]) -> str:
    """A narration in the progress stream."""
    begin, end = result["speech"]
    return f"{end - begin:.1f} s of speech ({result['method'].replace('_', ' ')})"


def clip_words(result: Mapping[str, Any]) -> str:
    """A clip in the progress stream."""
    return f"filmed ({result['method'].replace('_', ' ')})"


async def _small(making: Making, segment: Segment, blob: Mapping[str, Any], whose: str) -> bytes:
    """A stored picture as a thumbnail; read again where a worker drew it that died since."""
    small = making.thumbnails.get(blob["sha256"])
    if small is None:
        data = await making.read(whose, segment.key, dict(blob))
        small = await asyncio.to_thread(thumbnail, data, THUMBNAIL_WIDTH)
    return small


async def _key_pictures(making: Making, segment: Segment, blob: dict[str, Any]) -> list[bytes]:
    """Some pictures of a clip; it is read again where it was not looked at just now."""
    shown = making.key_pictures.pop(segment.key, None)
    if shown is None:
        data = await making.read("segment_clip", segment.key, blob)
        shown = (await asyncio.to_thread(look_into, data, CLIP_PICTURES, THUMBNAIL_WIDTH)).pictures
    return shown


async def _frames(making: Making) -> list[bytes]:
    """Start frames in order, evenly spread over the lecture."""
    segments = making.lecture.segments
    pictures: list[bytes] = []
    for segment in segments[:: max(1, -(-len(segments) // SHEET_MOST))]:
        shown = making.result("segment_start_frame", segment.key)
        if shown is not None:
            pictures.append(await making.read("segment_start_frame", segment.key, shown["blob"]))
    return pictures


async def _tiny(pictures: Sequence[bytes]) -> dict[str, str]:
    small = await asyncio.to_thread(_miniature, tuple(pictures))
    return {"md": _inline(small, "image/webp", "picture")}


@lru_cache(maxsize=policies.SEGMENTS_AT_ONCE)  # a start frame is mostly its image
def _miniature(pictures: tuple[bytes, ...]) -> bytes:
    return miniature(pictures, TINY_BYTES)


def _inline(picture: bytes, media_type: str, words: str) -> str:
    return f"![{words.translate(_PLAIN)}]({data_uri(picture, media_type)})"


def _megabytes(blob: Mapping[str, Any]) -> float:
    return round(blob["size"] / 1e6, 3)


_WORDS = {ord(mark): " " for mark in "<>`*_#[]"}  # what Markdown would take for its own
_PLAIN = {ord(mark): " " for mark in "[]()<>`\n"}
