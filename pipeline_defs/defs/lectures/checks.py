"""Asset checks of the lectures line: predicates on segments and on the finished video."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import dagster as dg

from pipeline_defs import policies
from pipeline_defs.defs.about import about_check
from pipeline_defs.defs.lectures.making import Making
from pipeline_defs.defs.lectures.partitions import lectures, segments
from pipeline_defs.domain.lectures.models import Segment
from pipeline_defs.media.pictures import hash_distance

if TYPE_CHECKING:
    from pipeline_defs.media.film import FilmReport

LEAST_SIDE = 512  # pixels: a smaller image looks soft in the film
SEGMENT_CHECKS = {
    "segment_image": {
        "image_has_the_asked_size": about_check(
            f"Both sides have at least {LEAST_SIDE} pixels.",
            "the picture looks soft in the film. Draw it again with another model of the chain "
            "`image`.",
        ),
        "image_is_no_duplicate": about_check(
            "No other segment of the lecture shows nearly the same picture.",
            "edit what one of the two segments shows, then rebuild it.",
        ),
    },
    "segment_narration": {
        "narration_has_the_asked_length": about_check(
            f"{policies.SEGMENT_SECONDS} s within {policies.NARRATION_TOLERANCE:.0%}, measured on "
            f"the sound, of which at least {policies.NARRATION_SPOKEN_LEAST:g} s are spoken.",
            "edit the segment to say more or less, then rebuild it.",
        ),
        "narration_says_its_script": about_check(
            f"Transcribed back, at most {policies.NARRATION_WER_MAX:.0%} of its words differ, or "
            "a single one of a short text.",
            "listen to it in Studio. Write names and numbers as they are spoken, then rebuild the "
            "segment.",
        ),
    },
}
RENDER_AGAIN = "rebuild `lecture_video`; narrations and clips stay as they are."
VIDEO_CHECKS = {
    "video_has_the_asked_length": about_check(
        "As long as its segments together, in the asked size and rate.", RENDER_AGAIN
    ),
    "video_is_in_sync": about_check(
        "The picture of each segment begins within a frame of its time, sound and picture end "
        f"within {policies.SYNC_DRIFT_END * 1000:.0f} ms.",
        "rebuild the clip of the segment that is named, then the video.",
    ),
    "video_has_the_asked_loudness": about_check(
        f"{policies.LOUDNESS_LUFS:g} LUFS within {policies.LOUDNESS_TOLERANCE:g}, true peak at "
        f"most {policies.TRUE_PEAK_DBTP:g} dBTP.",
        RENDER_AGAIN,
    ),
    "video_is_never_black_or_frozen": about_check(
        f"Not black for {policies.BLACK_SECONDS_MOST:g} s, not standing for "
        f"{policies.FROZEN_SECONDS_MOST:g} s.",
        "look at the time that is named in Studio, and rebuild the clip of that segment.",
    ),
}


def segment_check_specs() -> list[dg.AssetCheckSpec]:
    """Checks of the segments' assets, per segment."""
    return [
        dg.AssetCheckSpec(name, asset=asset, description=text, partitions_def=segments)
        for asset, named in SEGMENT_CHECKS.items()
        for name, text in named.items()
    ]


def video_check_specs() -> list[dg.AssetCheckSpec]:
    """Checks of `lecture_video`, per lecture."""
    return [
        dg.AssetCheckSpec(name, asset="lecture_video", description=text, partitions_def=lectures)
        for name, text in VIDEO_CHECKS.items()
    ]


async def report_image(making: Making, segment: Segment, result: Mapping[str, Any]) -> None:
    """Evaluate and record the checks of a segment's image."""
    small = [
        f"image {p['n']} has {p['width']}x{p['height']} pixels: make it again with another model"
        for p in result["images"]
        if min(p["width"], p["height"]) < LEAST_SIDE
    ]
    sides = [min(picture["width"], picture["height"]) for picture in result["images"]]
    size = "image_has_the_asked_size"
    await _record(making, "segment_image", segment, size, small, least_side=min(sides))
    is_card = result["fallback"] == "title_card"  # those are alike on purpose
    own = int(result["images"][0]["hash"], 16)
    twins = [] if is_card else _twins(making, segment, own)
    alike = [f"it looks like segment {n}: change what one of them shows" for n in twins]
    await _record(making, "segment_image", segment, "image_is_no_duplicate", alike)


async def report_narration(making: Making, segment: Segment, result: Mapping[str, Any]) -> None:
    """Evaluate and record the checks of a segment's narration."""
    begin, end = result["speech"]
    spoken, wanted = end - begin, policies.SEGMENT_SECONDS
    faults: list[str] = []
    if abs(result["seconds"] - wanted) > wanted * policies.NARRATION_TOLERANCE:
        faults.append(f"it lasts {result['seconds']:.2f} s: make it again")
    if spoken < policies.NARRATION_SPOKEN_LEAST:
        faults.append(f"only {spoken:.1f} s are spoken: say more in this segment")
    await _record(
        making,
        "segment_narration",
        segment,
        "narration_has_the_asked_length",
        faults,
        seconds=round(result["seconds"], 2),
        speech_seconds=round(spoken, 2),
    )
    wer = result["wer"]
    if wer is None:
        deaf = [f"nobody could listen to it: {result['not_heard']}"]
        await _record(making, "segment_narration", segment, "narration_says_its_script", deaf)
        return
    most = max(policies.NARRATION_WER_MAX, 1 / max(1, len(result["text"].split())))
    differs = (
        [f"{wer:.0%} of its words were heard differently: use words that are easier to say"]
        if wer > most
        else []
    )
    await _record(
        making, "segment_narration", segment, "narration_says_its_script", differs, wer=wer
    )


async def report_video(making: Making, faults: Mapping[str, list[str]], report: FilmReport) -> None:
    """Record the checks of the finished video."""
    for check in VIDEO_CHECKS:
        await making.job.reporter.checked(
            "lecture_video",
            making.lecture.id,
            check,
            faults[check],
            **_measured(check, report),
        )


def _measured(check: str, report: FilmReport) -> dict[str, Any]:
    """The figures a check goes by."""
    match check:
        case "video_has_the_asked_length":
            return {"seconds": report.video_seconds}
        case "video_is_in_sync":
            apart = abs(report.video_seconds - report.audio_seconds)
            return {"drift_most": max(report.drifts, default=0.0), "drift_at_the_end": apart}
        case "video_has_the_asked_loudness":
            return {"loudness_lufs": report.loudness, "true_peak_dbtp": report.true_peak}
        case _:
            return {"black": len(report.black), "frozen": len(report.frozen)}


def video_faults(report: FilmReport, seconds: float) -> dict[str, list[str]]:
    """What is wrong with a video that should last so many `seconds`."""
    size = (report.width, report.height)
    length: list[str] = []
    if abs(report.video_seconds - seconds) > 1 / policies.VIDEO_FPS:
        length.append(f"the picture lasts {report.video_seconds:.2f} s instead of {seconds} s")
    if size != (policies.VIDEO_WIDTH, policies.VIDEO_HEIGHT):
        length.append(f"it has {report.width}x{report.height} pixels")
    most = policies.SYNC_DRIFT_FRAMES / policies.VIDEO_FPS
    sync = [
        f"the picture of segment {n} begins {drift * 1000:.0f} ms off: make its clip again"
        for n, drift in enumerate(report.drifts, start=1)
        if drift > most
    ]
    apart = abs(report.video_seconds - report.audio_seconds)
    if apart > policies.SYNC_DRIFT_END:
        sync.append(f"the sound ends {apart * 1000:.0f} ms apart from the picture")
    black = [f"black from {start:.1f} to {end:.1f} s" for start, end in report.black]
    frozen = [f"standing still from {start:.1f} to {end:.1f} s" for start, end in report.frozen]
    return {
        "video_has_the_asked_length": length,
        "video_is_in_sync": sync,
        "video_has_the_asked_loudness": _loudness_faults(report),
        "video_is_never_black_or_frozen": black + frozen,
    }


def _loudness_faults(report: FilmReport) -> list[str]:
    if report.loudness is None:
        return ["nothing is to be heard: no segment has a narration"]
    faults: list[str] = []
    if abs(report.loudness - policies.LOUDNESS_LUFS) > policies.LOUDNESS_TOLERANCE:
        faults.append(f"it has {report.loudness:.1f} LUFS: render it again")
    if report.true_peak is not None and report.true_peak > policies.TRUE_PEAK_DBTP:
        faults.append(f"it peaks at {report.true_peak:.1f} dBTP: render it again")
    return faults


async def _record(
    making: Making, asset: str, segment: Segment, check: str, faults: list[str], **more: Any
) -> None:
    await making.job.reporter.checked(asset, segment.key, check, faults, **more)


def _twins(making: Making, segment: Segment, own: int) -> list[int]:
    """Numbers of the other segments whose first picture is nearly the same."""
    found: list[int] = []
    for other in making.lecture.segments:
        shown = making.result("segment_image", other.key)
        if other.key == segment.key or shown is None or shown["fallback"] == "title_card":
            continue
        distance = hash_distance(own, int(shown["images"][0]["hash"], 16))
        if distance <= policies.NEAR_DUPLICATE_BITS:
            found.append(other.order)
    return found
