"""The manifest of a film: all it is made of, so that it can be rendered again from any segment.

Files are named by their hashes, so equal manifests give equal films, and comparing two tells from
where on a film has to be joined anew.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from pipeline_defs.domain.frozen import Frozen
from pipeline_defs.domain.versions import version_of

Second = Annotated[float, Field(ge=0, allow_inf_nan=False)]
PictureKind = Literal["drawn", "rewritten", "title_card", "missing"]
ClipKind = Literal["clip", "still", "card"]


class FilmFile(Frozen):
    """A stored file: its hash, its size in bytes, its media type."""

    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    size: int = Field(ge=0)
    media_type: str = Field(min_length=1)


class FilmClip(FilmFile):
    """What a segment shows: its clip, its picture as a moving still, or its title card so."""

    kind: ClipKind


class FilmNarration(FilmFile):
    """What a segment says, and how it got its length."""

    method: str


class FilmTrack(FilmFile):
    """A piece of music."""

    seconds: Second


class FilmChapter(Frozen):
    """A chapter, in seconds of the film."""

    start: Second
    end: Second
    title: str


class FilmSegment(Frozen):
    """A segment: where it lies in the film, in seconds, and what it says, shows and sounds like.

    `speech` is from when to when it speaks, in seconds of its own; `picture` how it was made.
    """

    n: int = Field(ge=1)
    start: Second
    end: Second
    heading: str
    text: str
    picture: PictureKind
    clip: FilmClip
    narration: FilmNarration | None = None
    speech: tuple[Second, Second] | None = None


class FilmManifest(Frozen):
    """A finished film. `settings` is the version of everything that encodes it."""

    format: Literal[1] = 1
    lecture: str
    title: str
    seconds: Second
    fps: int = Field(ge=1)
    width: int = Field(ge=1)
    height: int = Field(ge=1)
    settings: str
    segments: tuple[FilmSegment, ...] = Field(min_length=1)
    music: tuple[FilmTrack, ...] = ()
    chapters: tuple[FilmChapter, ...] = ()

    @model_validator(mode="after")
    def _without_gaps(self) -> Self:
        if [segment.n for segment in self.segments] != list(range(1, len(self.segments) + 1)):
            raise ValueError("segments are numbered from 1 in order")
        edges = [(0.0, 0.0), *((s.start, s.end) for s in self.segments), (self.seconds,) * 2]
        if any(before[1] != after[0] for before, after in pairwise(edges)):
            raise ValueError("each segment begins where the one before ends")
        return self

    @property
    def version(self) -> str:
        """Hash of the whole manifest: equal where every file and setting is."""
        return version_of(self)

    def as_json(self) -> str:
        """The manifest as a readable file; `FilmManifest.model_validate_json` reads it back."""
        return self.model_dump_json(indent=2) + "\n"


def first_changed(old: FilmManifest, new: FilmManifest) -> int | None:
    """The first segment that shows something else; None where the pictures are the same.

    Everything before it can be taken over as it is encoded. Other settings change the first one.
    """
    if _encoding(old) != _encoding(new):
        return 1
    for before, after in zip(old.segments, new.segments, strict=False):
        if (before.clip.sha256, before.end) != (after.clip.sha256, after.end):
            return after.n
    lengths = {len(old.segments), len(new.segments)}
    return min(lengths) + 1 if len(lengths) > 1 else None


def sounds_alike(old: FilmManifest, new: FilmManifest) -> bool:
    """Whether both are heard alike: the same narrations at the same times, and the same music."""
    return _encoding(old) == _encoding(new) and _sound(old) == _sound(new)


def _encoding(film: FilmManifest) -> tuple[object, ...]:
    return (film.settings, film.fps, film.width, film.height)


def _sound(film: FilmManifest) -> tuple[object, ...]:
    spoken = [(s.start, s.end, s.narration and s.narration.sha256) for s in film.segments]
    return spoken, [track.sha256 for track in film.music]
