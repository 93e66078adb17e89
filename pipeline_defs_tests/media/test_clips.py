"""Clips have exactly their frames, join as they are, and move without trembling."""

from __future__ import annotations

import io
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image, ImageDraw

from pipeline_defs import policies
from pipeline_defs.domain.errors import Permanent
from pipeline_defs.media.camera import View, chosen_move, filmed
from pipeline_defs.media.clip_facts import ClipFacts, clip_facts
from pipeline_defs.media.clips import fitted, look_into, moving_still, picture_at
from pipeline_defs.media.pictures import Picture, read_picture
from pipeline_defs_tests.media.specimens import (
    CONCAT,
    PLAYLIST,
    encoded,
    ffmpeg,
    frames,
    opened,
    scene,
    video,
)

LUMA = np.array([0.2126, 0.7152, 0.0722])  # ITU-R BT.709


def positions(seed: int, count: int) -> list[tuple[float, float]]:
    """Where a dot stands, to a fraction of a pixel, in each frame of a movement."""
    picture = Image.new("RGB", (320, 180))
    ImageDraw.Draw(picture).ellipse((200, 60, 230, 90), fill=(255, 255, 255))
    found: list[tuple[float, float]] = []
    for raw in filmed(picture, chosen_move(seed), count):
        luma = np.frombuffer(raw, np.uint8, 320 * 180).reshape(180, 320).astype(np.float64) - 16
        weight = luma.sum()
        across, down = (luma.sum(axis=0), luma.sum(axis=1))
        found.append((across @ np.arange(320) / weight, down @ np.arange(180) / weight))
    return found


def test_a_moving_still_is_a_segment_in_our_shape(segment_clip: bytes) -> None:
    facts = clip_facts(segment_clip)
    assert facts == ClipFacts(
        seconds=10.0,
        frames=250,
        width=policies.VIDEO_WIDTH,
        height=policies.VIDEO_HEIGHT,
        fps=policies.VIDEO_FPS,
        codec="h264",
        has_audio=False,
        conforms=True,
    )


def test_all_its_frames_can_be_shown_at_their_times(segment_clip: bytes) -> None:
    pictures, times = frames(segment_clip)
    assert times == pytest.approx([number / 25 for number in range(250)])
    assert all(picture.std() > 10 for picture in pictures[::50])


async def test_the_same_picture_and_seed_give_the_same_bytes() -> None:
    made = {await moving_still(encoded(scene()), seconds=0.4, seed=3) for _ in range(2)}
    assert len(made) == 1


def test_seeds_choose_among_movements() -> None:
    moves = {chosen_move(seed) for seed in range(40)}
    assert len({move.end.zoom > move.start.zoom for move in moves}) == 2
    assert len({move.end.across > move.start.across for move in moves}) == 2


@pytest.mark.parametrize("seed", range(6))
def test_the_camera_moves_without_trembling(seed: int) -> None:
    """A step of half a pixel too much every few frames is what one sees in whole-pixel zooms."""
    path = np.array(positions(seed, 60))
    smooth = np.stack(
        [np.polyval(np.polyfit(np.arange(60), axis, 5), np.arange(60)) for axis in path.T], axis=1
    )
    assert np.abs(path - smooth).max() < 0.08
    assert np.abs(path[-1] - path[0]).max() > 1


@pytest.mark.parametrize("seed", range(20))
def test_the_edges_of_a_picture_stay_nearly_in_view(seed: int) -> None:
    move = chosen_move(seed)
    for view in (move.start, move.at(0.5), move.end):
        hidden = 1 - 1 / view.zoom
        assert hidden * max(view.across, 1 - view.across) < 0.055
        assert hidden * max(view.down, 1 - view.down) < 0.055


def test_a_camera_that_does_not_move_shows_the_picture_itself() -> None:
    still = View(1.0, 0.5, 0.5)
    move = chosen_move(0).__class__(still, still)
    picture = scene(320, 180)
    raw = next(iter(filmed(picture, move, 1)))
    luma = np.frombuffer(raw, np.uint8, 320 * 180).reshape(180, 320)
    expected = 16 + np.asarray(picture) @ LUMA * 219 / 255
    assert np.abs(luma - expected).mean() < 0.8


async def test_colours_come_out_as_they_went_in() -> None:
    colours = [(200, 40, 40), (40, 180, 60), (50, 70, 210), (230, 220, 40)]
    picture = Image.new("RGB", (1280, 720))
    for number, colour in enumerate(colours):
        picture.paste(colour, (number * 320, 0, number * 320 + 320, 720))
    clip = await moving_still(encoded(picture), seconds=0.2, seed=0)
    shown = opened(await picture_at(clip, 0, 1280))
    found = [shown.getpixel((160 + 320 * number, 360)) for number in range(4)]
    assert np.abs(np.array(found, np.int_) - colours).max() < 10


async def test_a_conforming_clip_is_kept_as_it_was_delivered(segment_clip: bytes) -> None:
    kept = await fitted(segment_clip, seconds=policies.SEGMENT_SECONDS)
    assert kept.method == "as_delivered"
    assert kept.data is segment_clip


@pytest.mark.parametrize(
    ("delivered", "options", "method"),
    [
        (1.0, {}, "re-encoded"),
        (1.0, {"fps": 30}, "re-encoded"),
        (1.4, {"size": "640x360", "fps": 24, "sound": True}, "trimmed"),
        (0.9, {"size": "848x480"}, "extended"),
        (0.3, {"size": "480x480", "fps": 15}, "extended"),
        (1.0, {"size": "406x720"}, "re-encoded"),
    ],
    ids=["other encoding", "30 fps", "long", "short", "square", "upright"],
)
async def test_a_foreign_clip_is_brought_into_our_shape(
    delivered: float, options: dict[str, str | float], method: str, tmp_path: Path
) -> None:
    source = video(tmp_path / "foreign.mp4", seconds=delivered, **options)  # pyright: ignore[reportArgumentType]
    assert not clip_facts(source, 1.0).conforms
    made = await fitted(source, seconds=1.0)
    assert made.method == method
    assert clip_facts(made.data, 1.0).conforms
    assert len(frames(made.data)[0]) == 25


async def test_a_short_clip_is_slowed_before_it_is_held(tmp_path: Path) -> None:
    made = await fitted(video(tmp_path / "short.mp4", seconds=0.8), seconds=1.0)
    pictures, _ = frames(made.data)
    standing = [np.abs(a.astype(int) - b).mean() < 0.05 for a, b in pairwise(pictures)]
    assert standing[-3:] == [False, True, True]
    assert sum(standing) <= 5  # three of twenty frames are shown twice


async def test_clips_of_every_making_share_one_header(segment_clip: bytes, tmp_path: Path) -> None:
    """What joining without encoding depends on; the first header serves all pictures."""
    dark = await moving_still(encoded(Image.new("RGB", (64, 36))), seconds=0.2, seed=9)
    foreign = (await fitted(video(tmp_path / "a.mp4", seconds=0.4), seconds=0.4)).data
    headers = set()
    for clip in (segment_clip, dark, foreign):
        with av.open(io.BytesIO(clip), "r", format="mp4") as container:
            headers.add(container.streams.video[0].codec_context.extradata)
    assert len(headers) == 1


def sound_only(path: Path) -> bytes:
    ffmpeg("-f", "lavfi", "-i", "sine=d=1", "-c:a", "aac", str(path))
    return path.read_bytes()


@pytest.mark.parametrize("kind", ["empty", "text", "playlist", "concat", "picture", "cut", "sound"])
async def test_what_is_no_clip_is_refused(kind: str, segment_clip: bytes, tmp_path: Path) -> None:
    data = {
        "empty": b"",
        "text": b"hello",
        "playlist": PLAYLIST % b"file:///etc/passwd",
        "concat": CONCAT % b"/etc/passwd",
        "picture": encoded(scene()),
        "cut": segment_clip[: len(segment_clip) // 2],
        "sound": sound_only(tmp_path / "sound.mp4"),
    }[kind]
    with pytest.raises(Permanent, match="BAD_MEDIA"):
        await fitted(data, seconds=10)
    with pytest.raises(Permanent, match="BAD_MEDIA"):
        clip_facts(data)


@pytest.mark.parametrize(
    ("limit", "value"),
    [("MEDIA_MOST_BYTES", 10_000), ("MEDIA_MOST_PIXELS", 1000), ("CLIP_MOST_SECONDS", 5)],
)
def test_clips_beyond_a_limit_are_refused(
    limit: str, value: int, segment_clip: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(policies, limit, value)
    with pytest.raises(Permanent, match=r"than (is|are) allowed"):
        clip_facts(segment_clip)


async def test_a_damaged_picture_makes_no_clip() -> None:
    with pytest.raises(Permanent, match="BAD_MEDIA"):
        await moving_still(encoded(scene())[:2000], seconds=0.2, seed=0)


async def test_one_look_learns_the_facts_and_where_a_player_can_enter(segment_clip: bytes) -> None:
    look = look_into(segment_clip, 3, 320)
    assert look.facts == clip_facts(segment_clip)
    shown = look.pictures
    assert [read_picture(picture) for picture in shown] == [Picture(320, 180, "image/jpeg")] * 2
    entered = opened(await picture_at(segment_clip, 5.0, 320))
    difference = np.asarray(opened(shown[1]), np.int_) - np.asarray(entered, np.int_)
    assert np.abs(difference).mean() < 3
    assert len(look_into(segment_clip, 1, 320).pictures) == 1


async def test_a_picture_is_taken_from_any_second(segment_clip: bytes) -> None:
    pictures, _ = frames(segment_clip)
    for second, number in ((0.0, 0), (5.02, 125), (9.98, 249), (99.0, 249)):
        taken = await picture_at(segment_clip, second, 1280)
        assert read_picture(taken) == Picture(1280, 720, "image/jpeg")
        luma = (np.asarray(opened(taken)) @ LUMA)[::4, ::4]
        expected = (pictures[number].astype(np.float64) - 16) * 255 / 219
        assert np.abs(luma - expected).mean() < 3
