"""The film: each frame and sample in its place, loud as asked, the same from the same parts."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from pipeline_defs import policies
from pipeline_defs.domain.errors import Permanent
from pipeline_defs.media.clips import moving_still
from pipeline_defs.media.film import Film, FilmPart, inspect_film, render_film
from pipeline_defs.media.music_bed import lay_music
from pipeline_defs.media.sound import Sound, encode_wav, placed
from pipeline_defs_tests.media.specimens import encoded, ffmpeg, frames, speechlike, tone, video

CHAPTERS = [(0.0, "Light; a=b #1"), (10.0, "Zweites\nKapitel \\"), (20.0, "光合成")]
FAR_BELOW = -90.0


@dataclass(frozen=True)
class Material:
    """Files of parts to render."""

    clip: Path
    foreign: Path
    voices: tuple[Path, ...]
    music: Path

    def parts(self, count: int = 3) -> list[FilmPart]:
        return [FilmPart(self.clip, self.voices[number]) for number in range(count)]


@pytest.fixture(scope="session")
def material(segment_clip: bytes, tmp_path_factory: pytest.TempPathFactory) -> Material:
    folder = tmp_path_factory.mktemp("parts")
    clip = folder / "clip.mp4"
    clip.write_bytes(segment_clip)
    video(folder / "foreign.mp4", seconds=10, size="320x180", fps=10)
    voices: list[Path] = []
    for number in range(3):
        voice = placed(speechlike(9.4, seed=number), seconds=10, lead=0.12)
        voices.append(folder / f"voice-{number}.wav")
        voices[-1].write_bytes(encode_wav(voice))
    chord = "sine=196:d=8[a];sine=247:d=8[b];[a][b]amix,volume=0.5"
    ffmpeg("-f", "lavfi", "-i", chord, "-ac", "2", "-b:a", "128k", str(folder / "music.mp3"))
    return Material(clip, folder / "foreign.mp4", tuple(voices), folder / "music.mp3")


async def rendered(
    parts: Sequence[FilmPart], folder: Path, music: Sequence[Path] = (), title: str = "Light"
) -> Film:
    folder.mkdir(exist_ok=True)
    chapters = CHAPTERS[: len(parts)]
    return await render_film(parts, music=music, chapters=chapters, title=title, folder=folder)


def heard(path: Path) -> NDArray[np.float32]:
    """The sound of a film, 48,000 samples a second, left channel."""
    with av.open(path, "r", format="mp4") as container:
        decoded = [frame.to_ndarray()[0] for frame in container.decode(audio=0)]
    return np.concatenate(decoded)


def level(samples: NDArray[Any]) -> float:
    """Root mean square in dB of full scale."""
    return 20 * float(np.log10(np.sqrt(np.mean(np.square(samples, dtype=np.float64))) + 1e-9))


def measured(path: Path) -> tuple[float, float]:
    """Loudness and true peak by a meter of its own, over the finished file."""
    report = ffmpeg("-i", str(path), "-af", "ebur128=peak=true:framelog=quiet", "-f", "null", "-")
    loudness = re.findall(r"I:\s+(\S+) LUFS", report)[-1]
    return float(loudness), float(re.findall(r"Peak:\s+(\S+) dBFS", report)[-1])


@pytest.fixture(scope="session")
def film(material: Material, tmp_path_factory: pytest.TempPathFactory) -> Film:
    """Three segments with voice and music, the second with a foreign clip."""
    parts = material.parts()
    parts[1] = FilmPart(material.foreign, material.voices[1])
    folder = tmp_path_factory.mktemp("film")
    return asyncio.run(rendered(parts, folder, [material.music], "A; b=c #d"))


def test_every_frame_is_there_and_in_its_place(film: Film) -> None:
    pictures, times = frames(film.path.read_bytes())
    assert len(pictures) == 750
    assert times == pytest.approx([number / 25 for number in range(750)])


def test_no_frame_was_encoded_again(film: Film, segment_clip: bytes) -> None:
    with av.open(film.path, "r", format="mp4") as container:
        joined = [bytes(packet) for packet in container.demux(video=0) if packet.size]
    assert all(packet in segment_clip for packet in joined[:250])
    assert all(packet in segment_clip for packet in joined[500:])
    assert not any(packet in segment_clip for packet in joined[251:300])


def test_it_is_as_loud_as_asked_and_peaks_below_the_limit(film: Film) -> None:
    loudness, peak = measured(film.path)
    assert loudness == pytest.approx(policies.LOUDNESS_LUFS, abs=0.5)
    assert peak <= policies.TRUE_PEAK_DBTP
    assert film.loudness is not None
    assert film.loudness.integrated == pytest.approx(loudness, abs=0.1)
    assert film.loudness.true_peak == pytest.approx(peak, abs=0.2)


async def test_an_inspection_finds_what_was_put_in(film: Film) -> None:
    report = await inspect_film(film.path)
    assert report == await inspect_film(film.path, film)  # decoded again nothing else is found
    assert report.video_seconds == pytest.approx(30, abs=0.001)
    assert report.audio_seconds == pytest.approx(30, abs=policies.SYNC_DRIFT_END)
    assert (report.width, report.height, report.fps) == (1280, 720, 25)
    assert film.loudness is not None
    assert report.loudness == film.loudness.integrated
    assert report.black == report.frozen == ()
    assert report.chapters == ((0.0, "Light; a=b #1"), (10.0, "Zweites Kapitel"), (20.0, "光合成"))


def test_the_film_carries_its_title_and_can_be_played_while_it_loads(film: Film) -> None:
    with av.open(film.path, "r", format="mp4") as container:
        assert container.metadata["title"] == "A; b=c #d"
    data = film.path.read_bytes()
    assert data.index(b"moov") < data.index(b"mdat")


async def test_each_narration_begins_with_its_segment(material: Material, tmp_path: Path) -> None:
    """Over the whole film nothing drifts: the marks stand where they were put."""
    click = np.zeros(10 * 24_000, np.float32)
    click[24_000:26_400] = tone(700, 0.1).samples
    marked = tmp_path / "marked.wav"
    marked.write_bytes(encode_wav(Sound(click, 24_000)))
    film = await rendered([FilmPart(material.clip, marked)] * 3, tmp_path / "film")
    loud = np.abs(heard(film.path)) > 0.05
    for start in (0, 10, 20):
        first = np.flatnonzero(loud[start * 48_000 :])[0] / 48_000
        assert first == pytest.approx(1.0, abs=0.005)


async def test_music_lies_below_the_voice_and_gives_way_to_it(
    material: Material, tmp_path: Path
) -> None:
    with_music = await rendered(material.parts(2), tmp_path / "with", [material.music])
    spoken = [FilmPart(material.clip, material.voices[0]), FilmPart(material.clip, None)]
    half = await rendered(spoken, tmp_path / "half", [material.music])
    assert with_music.loudness is not None
    assert with_music.loudness.integrated == pytest.approx(policies.LOUDNESS_LUFS, abs=0.5)
    sound = heard(half.path)
    voice, alone = level(sound[48_000:432_000]), level(sound[12 * 48_000 : 16 * 48_000])
    assert 15 < voice - alone < 26
    ducked = sound[480_000 - 4_800 : 480_000]  # the last pause is short: it has not come back yet
    assert level(ducked) < alone - 1


async def test_a_film_without_any_sound_is_silent_and_complete(
    material: Material, tmp_path: Path
) -> None:
    film = await rendered([FilmPart(material.clip, None)] * 2, tmp_path / "film")
    assert film.loudness is None
    report = await inspect_film(film.path)
    assert report.loudness is None
    assert report.audio_seconds == pytest.approx(20, abs=policies.SYNC_DRIFT_END)
    assert level(heard(film.path)) < FAR_BELOW


async def test_the_same_parts_give_the_same_bytes(material: Material, tmp_path: Path) -> None:
    films = [
        await rendered(material.parts(1), tmp_path / str(number), [material.music])
        for number in range(2)
    ]
    assert len({film.path.read_bytes() for film in films}) == 1
    assert films[0].loudness is not None
    assert films[0].loudness.integrated == pytest.approx(policies.LOUDNESS_LUFS, abs=0.5)


@pytest.mark.parametrize("kind", ["peaky", "faint", "hot"])
async def test_difficult_voices_reach_the_same_loudness(
    kind: str, material: Material, tmp_path: Path
) -> None:
    voice = speechlike(9.4, seed=7).samples
    if kind == "peaky":
        voice = voice * 0.25
        voice[::6_000] = 0.95
    else:
        voice = voice * (0.02 if kind == "faint" else 2.1)
    path = tmp_path / "voice.wav"
    path.write_bytes(encode_wav(placed(Sound(voice, 24_000), seconds=10, lead=0.12)))
    film = await rendered([FilmPart(material.clip, path)], tmp_path / "film")
    loudness, peak = measured(film.path)
    assert loudness == pytest.approx(policies.LOUDNESS_LUFS, abs=policies.LOUDNESS_TOLERANCE)
    assert peak <= policies.TRUE_PEAK_DBTP


async def test_black_and_frozen_stretches_are_found(tmp_path: Path) -> None:
    pictures = "color=black:s=320x180:r=25:d=6[a];testsrc2=s=320x180:r=25:d=2[b];"
    pictures += "color=teal:s=320x180:r=25:d=7[c];[a][b][c]concat=n=3"
    made = ("-c:v", "libx264", "-preset", "ultrafast", "-c:a", "aac", "-shortest")
    film = str(tmp_path / "film.mp4")
    ffmpeg("-f", "lavfi", "-i", pictures, "-f", "lavfi", "-i", "anullsrc=r=48000", *made, film)
    report = await inspect_film(Path(film))
    assert report.black == (pytest.approx((0, 6), abs=0.1),)
    assert report.frozen == (pytest.approx((0, 6), abs=0.1), pytest.approx((8, 15), abs=0.1))


async def test_a_quiet_card_that_moves_slowly_is_not_taken_for_frozen(tmp_path: Path) -> None:
    card = Image.new("RGB", (1280, 720), (40, 60, 90))
    card.paste((250, 250, 250), (120, 330, 420, 380))
    clip, film = tmp_path / "clip.mp4", tmp_path / "film.mp4"
    clip.write_bytes(await moving_still(encoded(card), seconds=6, seed=2))
    silence = ("-f", "lavfi", "-i", "anullsrc=r=48000", "-shortest")
    ffmpeg("-i", str(clip), *silence, "-c:v", "copy", "-c:a", "aac", str(film))
    assert (await inspect_film(film)).frozen == ()


async def test_a_narration_that_does_not_fill_its_segment_is_refused(
    material: Material, tmp_path: Path
) -> None:
    (tmp_path / "long.wav").write_bytes(encode_wav(tone(200, 10.5)))
    with pytest.raises(Permanent, match=r"lasts 10\.50 seconds"):
        await rendered([FilmPart(material.clip, tmp_path / "long.wav")], tmp_path / "film")


async def test_what_is_no_film_is_refused(tmp_path: Path) -> None:
    (tmp_path / "film.mp4").write_bytes(b"no film")
    with pytest.raises(Permanent, match="BAD_MEDIA"):
        await inspect_film(tmp_path / "film.mp4")


async def laid(tracks: Sequence[Path], seconds: int, folder: Path) -> NDArray[np.float64] | None:
    """One channel of the bed that comes of the tracks at -30 LUFS."""
    bed = np.zeros((seconds * 48_000, 2), np.int16)
    found = await lay_music(tracks, bed, loudness=-30, folder=folder)
    return bed[:, 0] / 32_768 if found else None


async def test_music_repeats_in_crossfades_until_the_end(
    material: Material, tmp_path: Path
) -> None:
    sound = await laid([material.music], 30, tmp_path)
    assert sound is not None
    levels = [level(sound[at : at + 24_000]) for at in range(2 * 48_000, 26 * 48_000, 24_000)]
    assert max(levels) - min(levels) < 4.5  # no gap where the track meets itself
    assert level(sound[:4_800]) < np.median(levels) - 15
    assert level(sound[-4_800:]) < np.median(levels) - 15


async def test_tracks_follow_each_other_equally_loud(tmp_path: Path) -> None:
    tracks: list[Path] = []
    for name, volume in (("quiet", 0.02), ("loud", 0.8)):
        tracks.append(tmp_path / f"{name}.wav")
        tracks[-1].write_bytes(encode_wav(tone(300, 12, volume=volume)))
    sound = await laid(tracks, 20, tmp_path)
    assert sound is not None
    first, second = sound[4 * 48_000 : 8 * 48_000], sound[13 * 48_000 : 16 * 48_000]
    assert level(first) == pytest.approx(level(second), abs=0.3)


async def test_silent_tracks_make_no_music(tmp_path: Path) -> None:
    (tmp_path / "silent.wav").write_bytes(encode_wav(Sound(np.zeros(48_000, np.float32), 24_000)))
    assert await laid([tmp_path / "silent.wav"], 5, tmp_path) is None


async def test_a_track_that_is_no_music_is_refused(material: Material, tmp_path: Path) -> None:
    (tmp_path / "track.mp3").write_bytes(b"#EXTM3U\nfile:///etc/passwd\n")
    with pytest.raises(Permanent):
        await rendered(material.parts(1), tmp_path / "film", [tmp_path / "track.mp3"])
