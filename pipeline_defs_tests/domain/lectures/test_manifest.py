"""A film's manifest reads back as itself, has no gaps, and tells where two films part."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from pipeline_defs.domain.lectures.manifest import (
    FilmChapter,
    FilmClip,
    FilmManifest,
    FilmNarration,
    FilmSegment,
    FilmTrack,
    first_changed,
    sounds_alike,
)


def sha(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def segment(n: int, picture: str = "a", voice: str | None = "a", **changes: Any) -> FilmSegment:
    narration = FilmNarration(
        sha256=sha(f"{n} {voice}"), size=960_044, media_type="audio/wav", method="as_spoken"
    )
    fields: dict[str, Any] = {
        "n": n,
        "start": (n - 1) * 10,
        "end": n * 10,
        "heading": "Origins",
        "text": f"Text {n}.",
        "picture": "drawn",
        "clip": FilmClip(sha256=sha(f"{n} {picture}"), size=9, media_type="video/mp4", kind="clip"),
        "narration": narration if voice else None,
        "speech": (0.12, 9.6) if voice else None,
    }
    return FilmSegment(**(fields | changes))


def film(*segments: FilmSegment, **changes: Any) -> FilmManifest:
    fields: dict[str, Any] = {
        "lecture": "lecture-20261123-k7m2qx9c",
        "title": "Mills",
        "seconds": 10 * len(segments),
        "fps": 25,
        "width": 1280,
        "height": 720,
        "settings": "0123456789abcdef",
        "segments": segments,
        "music": (FilmTrack(sha256=sha("m"), size=7, media_type="audio/mpeg", seconds=30),),
        "chapters": (FilmChapter(start=0, end=10 * len(segments), title="Origins"),),
    }
    return FilmManifest(**(fields | changes))


THREE = film(segment(1), segment(2), segment(3))


def test_a_manifest_reads_back_as_itself() -> None:
    for made in (THREE, film(segment(1, voice=None)), film(segment(1), music=(), chapters=())):
        text = made.as_json()
        again = FilmManifest.model_validate_json(text)
        assert again == made
        assert again.version == made.version
        assert again.as_json() == text


def test_its_file_says_what_each_segment_is_made_of() -> None:
    first = json.loads(THREE.as_json())["segments"][0]
    assert first["clip"] == {
        "sha256": sha("1 a"), "size": 9, "media_type": "video/mp4", "kind": "clip",
    }  # fmt: skip
    assert (first["start"], first["end"], first["speech"]) == (0, 10, [0.12, 9.6])
    assert first["narration"]["method"] == "as_spoken"


@pytest.mark.parametrize(
    "changed",
    [
        film(segment(1), segment(2), segment(3), title="Wheels"),
        film(segment(1), segment(2), segment(3, heading="Ends")),
        film(segment(1), segment(2), segment(3), settings="fedcba9876543210"),
        film(segment(1), segment(2), segment(3), music=()),
        film(segment(1), segment(2), segment(3, voice="b")),
        film(segment(1), segment(2)),
    ],
)
def test_whatever_changes_the_film_changes_its_version(changed: FilmManifest) -> None:
    assert changed.version != THREE.version


@pytest.mark.parametrize("n", [1, 2, 3])
def test_films_part_at_the_first_segment_that_shows_something_else(n: int) -> None:
    changed = film(*(segment(m, picture="b" if m >= n else "a") for m in (1, 2, 3)))
    assert first_changed(THREE, changed) == n
    assert sounds_alike(THREE, changed)


def test_where_only_the_sound_or_the_words_differ_the_pictures_stay() -> None:
    for changed in (
        film(segment(1), segment(2, voice="b"), segment(3)),
        film(segment(1), segment(2, voice=None), segment(3)),
        film(segment(1), segment(2), segment(3), music=()),
    ):
        assert first_changed(THREE, changed) is None
        assert not sounds_alike(THREE, changed)
    renamed = film(segment(1, heading="A", text="B."), segment(2), segment(3), title="C")
    assert first_changed(THREE, renamed) is None
    assert sounds_alike(THREE, renamed)


def test_a_longer_and_a_shorter_film_part_where_one_has_no_more_segments() -> None:
    two = film(segment(1), segment(2))
    assert first_changed(THREE, two) == first_changed(two, THREE) == 3
    assert not sounds_alike(two, THREE)


@pytest.mark.parametrize("change", [{"settings": "x"}, {"fps": 30}, {"width": 640}])
def test_other_settings_change_the_film_from_its_first_segment(change: dict[str, Any]) -> None:
    other = film(segment(1), segment(2), segment(3), **change)
    assert first_changed(THREE, other) == 1
    assert not sounds_alike(THREE, other)


@pytest.mark.parametrize(
    ("segments", "changes"),
    [
        ((segment(2),), {}),
        ((segment(1), segment(3)), {}),
        ((segment(1), segment(1)), {}),
        ((segment(1), segment(2)), {"seconds": 30}),
        ((segment(1, end=9), segment(2)), {}),
        ((segment(1, start=1), segment(2)), {}),
        ((), {}),
    ],
)
def test_a_film_with_a_gap_is_none(
    segments: tuple[FilmSegment, ...], changes: dict[str, Any]
) -> None:
    with pytest.raises(ValidationError):
        film(*segments, **changes)


@pytest.mark.parametrize(
    "text", ["", "{}", "[]", "null", THREE.as_json().replace("1280", '"wide"')]
)
def test_what_is_no_manifest_is_refused(text: str) -> None:
    with pytest.raises(ValidationError):
        FilmManifest.model_validate_json(text)
    with pytest.raises(ValidationError):
        FilmManifest.model_validate(THREE.model_dump() | {"director": "me"})


LOOKS = st.lists(st.sampled_from("ab"), min_size=1, max_size=6)


@given(LOOKS, LOOKS)
def test_films_are_alike_exactly_up_to_the_first_change(one: list[str], other: list[str]) -> None:
    old, new = (film(*(segment(n, p) for n, p in enumerate(look, 1))) for look in (one, other))
    first = first_changed(old, new)
    assert first == first_changed(new, old)
    assert (first is None) == (one == other)
    if first is not None:
        assert one[: first - 1] == other[: first - 1]
        assert one[first - 1 : first] != other[first - 1 : first]
