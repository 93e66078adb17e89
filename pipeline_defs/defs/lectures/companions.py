"""What goes with a lecture's video: captions, chapters, a poster, and its manifest."""

from __future__ import annotations

import asyncio
from typing import Any

from pipeline_defs import policies
from pipeline_defs.defs.lectures.making import Making
from pipeline_defs.domain.lectures import captions
from pipeline_defs.domain.lectures.captions import CaptionSource, Chapter
from pipeline_defs.domain.lectures.manifest import FilmManifest, FilmSegment
from pipeline_defs.media.cards import poster

MOST_MISHEARD = policies.NARRATION_WER_MAX


async def make_companions(making: Making, manifest: FilmManifest) -> dict[str, dict[str, Any]]:
    """Write and store them; references by the name the result gives them."""
    chapters = [Chapter(c.start, c.end, c.title) for c in manifest.chapters]
    language = making.lecture.language
    cues = captions.cues(
        (_spoken(making, segment) for segment in manifest.segments), language=language
    )
    texts = {
        "captions": (captions.webvtt(cues, language), "text/vtt"),
        "chapters": (captions.chapters_vtt(chapters), "text/vtt"),
        "manifest": (manifest.as_json(), "application/json"),
    }
    files = {
        name: await making.put(text.encode(), media_type)
        for name, (text, media_type) in texts.items()
    }
    files["poster"] = await making.put(await _poster(making, manifest), "image/jpeg")
    return files


def _spoken(making: Making, segment: FilmSegment) -> CaptionSource:
    """A segment's words; heard times are trusted only where nearly all of them were understood."""
    key = making.lecture.segments[segment.n - 1].key
    narration = making.result("segment_narration", key) or {}
    wer = narration.get("wer")
    trusted = segment.narration is not None and wer is not None and wer <= MOST_MISHEARD
    return CaptionSource(
        start=segment.start,
        seconds=segment.end - segment.start,
        text=segment.text,
        speech=segment.speech,
        words=[(text, start, end) for text, start, end in narration["words"]] if trusted else None,
    )


async def _poster(making: Making, manifest: FilmManifest) -> bytes:
    """The title over the first picture there is."""
    picture: bytes | None = None
    for segment in making.lecture.segments:
        frame = making.result("segment_start_frame", segment.key)
        if frame is not None:
            picture = await making.read("segment_start_frame", segment.key, frame["blob"])
            break
    return await asyncio.to_thread(
        poster,
        title=manifest.title,
        subtitle=making.lecture.description or f"{manifest.seconds:g} seconds",
        picture=picture,
        width=policies.VIDEO_WIDTH,
        height=policies.VIDEO_HEIGHT,
    )
