"""A lecture, its segments and what users may ask for. No I/O here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, Field, ValidationInfo, field_validator, model_validator

from pipeline_defs import policies
from pipeline_defs.domain.keys import part_key
from pipeline_defs.domain.languages import Language
from pipeline_defs.domain.lectures.splitting import MAX_SEGMENTS, minutes_of, shared_out
from pipeline_defs.domain.requests import Strict, Text
from pipeline_defs.domain.versions import AssetVersion
from pipeline_defs.domain.voice import Voice

SEGMENT_WIDTH = 3
SEGMENT_ASSETS = (
    "segment_image",
    "segment_narration",
    "segment_start_frame",
    "segment_clip",
)
LECTURE_ASSETS = ("lecture_script", "lecture_music", "lecture_video")
NarratorVoice = Literal["warm", "deep", "bright"]
SegmentAsset = Literal["segment_image", "segment_narration", "segment_start_frame", "segment_clip"]
AssetName = Literal["lecture_script", "lecture_music", "lecture_video"] | SegmentAsset


def _whole_segments(minutes: float) -> float:
    seconds = minutes * 60
    nearest = round(seconds / policies.SEGMENT_SECONDS) * policies.SEGMENT_SECONDS
    if nearest < policies.SEGMENT_SECONDS or abs(seconds - nearest) > 1:
        raise ValueError(
            f"must be a multiple of {policies.SEGMENT_SECONDS} seconds, such as 0.5, 1 or 1.5"
        )
    return nearest / 60


def _segments(minutes: float) -> int:
    return round(minutes * 60) // policies.SEGMENT_SECONDS


Minutes = Annotated[
    float,
    Field(gt=0, le=policies.LECTURE_MAX_SECONDS / 60, strict=True, allow_inf_nan=False),
    AfterValidator(_whole_segments),
]
SegmentText = Annotated[Text, Field(max_length=policies.GIVEN_SEGMENT_MAX_CHARS)]
Script = (
    Annotated[Text, Field(max_length=MAX_SEGMENTS * policies.GIVEN_SEGMENT_MAX_CHARS)]
    | Annotated[list[SegmentText], Field(min_length=1, max_length=MAX_SEGMENTS)]
    | None
)


class LectureRequest(Strict):
    """What creates a lecture: a topic, or a script of one's own.

    A script is the text of each segment, or one text that is shared out over them. `minutes` may be
    left out where the script says how long it is.
    """

    topic: Annotated[Text, Field(max_length=300)] | None = None
    language: Language = "en"
    script: Script = None
    minutes: Annotated[Minutes | None, Field(validate_default=True)] = None
    title: Annotated[Text, Field(max_length=120)] | None = None
    voice: NarratorVoice = "warm"
    music_tracks: Annotated[int, Field(strict=True, ge=0, le=policies.MUSIC_TRACKS_MAX)] = 1
    images_per_segment: Annotated[
        int, Field(strict=True, ge=1, le=policies.IMAGES_PER_SEGMENT_MAX)
    ] = 1

    @field_validator("script")
    @classmethod
    def _can_be_said(cls, script: Script, info: ValidationInfo) -> Script:
        if isinstance(script, str) and "language" in info.data:
            shared_out(script, None, language=info.data["language"])
        return script

    @field_validator("minutes")
    @classmethod
    def _suit_the_script(cls, minutes: float | None, info: ValidationInfo) -> float | None:
        script: Script = info.data.get("script")
        if minutes is None:
            if info.data.get("topic") is not None and script is None:
                raise ValueError("is missing: say how long the lecture shall be, such as 3")
            return None
        segments = _segments(minutes)
        if isinstance(script, str) and "language" in info.data:
            shared_out(script, segments, language=info.data["language"])
        elif isinstance(script, list) and len(script) != segments:
            raise ValueError(
                f"does not suit a script of {len(script)} segment{'s' * (len(script) > 1)}: "
                f"set it to {minutes_of(len(script))} or leave it out"
            )
        return minutes

    @field_validator("title")
    @classmethod
    def _is_of_a_script(cls, title: str | None, info: ValidationInfo) -> str | None:
        if title is not None and info.data.get("topic") and not info.data.get("script"):
            raise ValueError("belongs to a `script` of your own: from a topic it is found")
        return title

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        if (self.topic is None) == (self.script is None):
            raise ValueError("give either `topic` or `script`")
        return self

    @property
    def given_script(self) -> tuple[str, ...] | None:
        """The texts of the user's own segments, or None when a script is to be written."""
        if isinstance(self.script, str):
            segments = None if self.minutes is None else _segments(self.minutes)
            return shared_out(self.script, segments, language=self.language)
        return None if self.script is None else tuple(self.script)

    @property
    def seconds(self) -> int:
        """How long the lecture will be, in seconds."""
        if self.minutes is not None:
            return _segments(self.minutes) * policies.SEGMENT_SECONDS
        return len(self.given_script or ()) * policies.SEGMENT_SECONDS

    @property
    def assets_wanted(self) -> int:
        """How many assets it has, over all partitions: its steps of progress."""
        segments = self.seconds // policies.SEGMENT_SECONDS
        whole = len(LECTURE_ASSETS) - (self.music_tracks == 0)
        return whole + segments * len(SEGMENT_ASSETS)


class SegmentEdit(Strict):
    """Changes to a segment; what depends on them turns stale.

    `picture` describes what is to be seen. A new text without a new picture is illustrated by what
    it says.
    """

    heading: Annotated[Text, Field(max_length=80)] | None = None
    text: SegmentText | None = None
    picture: Annotated[str, Field(max_length=600)] | None = None


class LectureRebuild(Strict):
    """What to make again: nothing named means whatever is stale, missing, failed or broken.

    `parts` are segment numbers; `fresh` makes even what is up to date anew, and pays for it. What
    depends on what is made again always follows.
    """

    parts: (
        Annotated[list[Annotated[int, Field(strict=True, ge=1)]], Field(max_length=MAX_SEGMENTS)]
        | None
    ) = None
    assets: Annotated[list[AssetName], Field(min_length=1)] | None = None
    fresh: Annotated[bool, Field(strict=True)] = False


@dataclass(frozen=True, slots=True)
class AssetState:
    """How it stands with one asset of a partition, and what came out.

    `status` is pending, working, ready, failed or skipped; `result` stays while a newer is made.
    """

    status: str = "pending"
    result: dict[str, Any] | None = None
    error: dict[str, Any] | None = None


PENDING = AssetState()


@dataclass(frozen=True, slots=True)
class Segment:
    """A segment as it is stored: chapter heading, narration text, description of the picture.

    `own_text`: the words are a user's and are never rewritten to fit their time.
    """

    lecture_id: str
    order: int
    heading: str
    text: str
    picture: str = ""
    own_text: bool = False
    assets: dict[str, AssetState] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """Its partition key."""
        return part_key(self.lecture_id, self.order, SEGMENT_WIDTH)

    def asset(self, name: str) -> AssetState:
        """The state of one of its assets."""
        return self.assets.get(name, PENDING)


@dataclass(frozen=True, slots=True)
class Lecture:
    """A lecture with everything known about it, as read in one transaction."""

    id: str
    status: str
    topic: str
    seconds: int
    language: Language
    voice: NarratorVoice
    style: Voice
    music_tracks: int
    images_per_segment: int
    script_given: tuple[str, ...] | None = None
    title: str | None = None
    description: str | None = None
    segments: tuple[Segment, ...] = ()
    assets: dict[str, AssetState] = field(default_factory=dict)  # of the lecture as a whole
    versions: dict[tuple[str, str], AssetVersion] = field(default_factory=dict)
    generations: dict[tuple[str, str], int] = field(default_factory=dict)
    models: Mapping[str, str] = field(default_factory=dict)  # in use: purpose to version
    has_unreported: bool = False  # results stored that Dagster was not told of
    edits: int = 0  # how often people have changed parts of it

    @property
    def segments_wanted(self) -> int:
        """How many segments it has: its seconds by those of a segment."""
        return self.seconds // policies.SEGMENT_SECONDS

    def asset(self, name: str) -> AssetState:
        """The state of an asset of the lecture as a whole."""
        return self.assets.get(name, PENDING)

    def state(self, asset: str, partition: str) -> AssetState:
        """The state of any asset of any of its partitions."""
        if partition == self.id:
            return self.asset(asset)
        return self.segment(partition).asset(asset)

    def segment(self, key: str) -> Segment:
        """The segment of a partition key; KeyError when there is none."""
        order = key.removeprefix(f"{self.id}/")
        place = int(order) - 1 if order.isascii() and order.isdigit() else -1
        if 0 <= place < len(self.segments) and self.segments[place].key == key:
            return self.segments[place]
        raise KeyError(key)

    def version(self, asset: str, partition: str) -> AssetVersion | None:
        """The current result of an asset, if there is one."""
        return self.versions.get((asset, partition))

    def generation(self, asset: str, partition: str) -> int:
        """How often it was asked for anew."""
        return self.generations.get((asset, partition), 0)
