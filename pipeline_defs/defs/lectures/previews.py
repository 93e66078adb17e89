"""What the Dagster UI shows of a result: pictures, waveforms, texts and links instead of ids."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from pipeline_defs.defs.lectures.making import Making
from pipeline_defs.domain.lectures.models import Segment
from pipeline_defs.domain.lectures.scripts import LectureDraft
from pipeline_defs.media.pictures import contact_sheet, data_uri, thumbnail
from pipeline_defs.media.sound import waveform

if TYPE_CHECKING:
    from pipeline_defs.media.sound import Sound

THUMBNAIL_WIDTH = 320
WAVEFORM_SIZE = (480, 80)
SHEET_COLUMNS = 3
SHEET_MOST = 24  # pictures: a preview stands in the event log


def script(draft: LectureDraft, model: str) -> dict[str, Any]:
    """The script as a table: what is said and what is seen."""
    return {
        "title": draft.title,
        "script": {
            "table": [
                {"segment": n, "heading": s.heading, "said": s.text, "seen": s.picture}
                for n, s in enumerate(draft.segments, start=1)
            ]
        },
        "segments": len(draft.segments),
        "served_by": model,
    }


async def image(making: Making, segment: Segment, result: Mapping[str, Any]) -> dict[str, Any]:
    """The pictures, small."""
    shown: list[str] = []
    for picture in result["images"]:
        small = making.thumbnails.pop(picture["blob"]["sha256"], None)
        if small is None:  # drawn by a worker that died since
            data = await making.read("segment_image", segment.key, picture["blob"])
            small = await asyncio.to_thread(thumbnail, data, THUMBNAIL_WIDTH)
        shown.append(_inline(small, f"{segment.heading} ({picture['kind']})"))
    return {
        "image": {"md": " ".join(shown)},
        "prompt": {"md": f"```\n{result['images'][0]['prompt'].replace('`', '')}\n```"},
        "fallback": result["fallback"] or "none",
        "refusal": result["refusal"] or "none",
        "served_by": result["images"][0]["served_by"],
        **_studio(making, segment),
    }


async def narration(
    making: Making, segment: Segment, result: Mapping[str, Any], sound: Sound
) -> dict[str, Any]:
    """The waveform and the words; the sound itself plays in Studio."""
    wave = await asyncio.to_thread(waveform, sound, *WAVEFORM_SIZE)
    begin, end = result["speech"]
    return {
        "waveform": {"md": f"![waveform]({data_uri(wave, 'image/png')})"},
        "says": result["text"],
        "heard": result["heard"] or result["not_heard"],
        "word_error_rate": result["wer"] if result["wer"] is not None else "not measured",
        "speech_seconds": round(end - begin, 2),
        "method": result["method"],
        "speed": result["speed"],
        "served_by": result["served_by"],
        **_studio(making, segment),
    }


async def frame(making: Making, segment: Segment, fitted: bytes | None) -> dict[str, Any]:
    """The picture, small; nothing was `fitted` where the image is the frame as it is."""
    if fitted is None:
        return {"frame": "the image as it is", **_studio(making, segment)}
    small = await asyncio.to_thread(thumbnail, fitted, THUMBNAIL_WIDTH)
    return {"frame": {"md": _inline(small, segment.heading)}, **_studio(making, segment)}


def clip(making: Making, segment: Segment, result: Mapping[str, Any]) -> dict[str, Any]:
    """How the clip came about; it plays in Studio."""
    return {
        "method": result["method"],
        "bytes": result["blob"]["size"],
        "served_by": result["served_by"],
        **_studio(making, segment),
    }


def music(making: Making, result: Mapping[str, Any]) -> dict[str, Any]:
    """What was asked for; it plays in Studio."""
    return {
        "tracks": {
            "table": [{"seconds": t["seconds"], "prompt": t["prompt"]} for t in result["tracks"]]
        },
        "served_by": result["served_by"],
        **_studio(making),
    }


async def film(making: Making, result: Mapping[str, Any]) -> dict[str, Any]:
    """A contact sheet and the measures; it plays in Studio."""
    return {
        "contact_sheet": {"md": await _sheet(making)},
        "chapters": {"table": [{"start": start, "title": t} for start, t in result["marks"]]},
        "seconds": result["seconds"],
        "loudness_lufs": result["loudness"],
        "true_peak_dbtp": result["true_peak"],
        "stills_instead_of_clips": len(result["still_segments"]),
        "bytes": result["blob"]["size"],
        **_studio(making),
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


async def _sheet(making: Making) -> str:
    """Start frames in order, evenly spread over the lecture."""
    segments = making.lecture.segments
    pictures: list[bytes] = []
    for segment in segments[:: max(1, -(-len(segments) // SHEET_MOST))]:
        frame = making.result("segment_start_frame", segment.key)
        if frame is not None:
            pictures.append(await making.read("segment_start_frame", segment.key, frame["blob"]))
    if not pictures:
        return "no pictures"
    sheet = await asyncio.to_thread(contact_sheet, pictures, SHEET_COLUMNS)
    return f"![contact sheet]({data_uri(sheet, 'image/jpeg')})"


def _inline(small: bytes, words: str) -> str:
    return f"![{words.translate(_PLAIN)}]({data_uri(small, 'image/jpeg')})"


_PLAIN = {ord(mark): " " for mark in "[]()<>`\n"}


def _studio(making: Making, segment: Segment | None = None) -> dict[str, Any]:
    """Where to look and listen."""
    base = making.job.resources.settings.studio_url
    anchor = f"#segment-{segment.order}" if segment else ""
    return {"studio": {"url": f"{base}/studio/lectures/{making.lecture.id}{anchor}"}}
