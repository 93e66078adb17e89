"""What users may ask of a lecture; what they may not is refused with the field and the fix."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from pipeline_defs import policies
from pipeline_defs.domain.lectures.models import (
    MAX_SEGMENTS,
    LectureRebuild,
    LectureRequest,
    SegmentEdit,
)

SCRIPT = (
    "Water drove the first mill. It ground grain by day and by night. When the river froze, nobody "
    "had bread. Then a larger one was built on the other bank, and it had two wheels. It still "
    "stands there today."
)
BAD: list[tuple[dict[str, Any], str, str]] = [
    ({}, "", "give either `topic` or `script`"),
    ({"topic": "T", "script": "S.", "minutes": 0.1667}, "", "give either `topic` or `script`"),
    ({"topic": "T"}, "minutes", "is missing"),
    ({"topic": "T", "minutes": None}, "minutes", "is missing"),
    ({"script": ["A."], "minutes": 1}, "minutes", "of 1 segment: set it to 0.1667 or leave"),
    ({"topic": " ", "minutes": 1}, "topic", ""),
    ({"topic": "T", "minutes": 0}, "minutes", ""),
    ({"topic": "T", "minutes": 31}, "minutes", ""),
    ({"topic": "T", "minutes": 0.1}, "minutes", "multiple of 10 seconds"),
    ({"topic": "T", "minutes": 1.1}, "minutes", "multiple of 10 seconds"),
    ({"topic": "T", "minutes": "1"}, "minutes", ""),
    ({"topic": "T", "minutes": float("nan")}, "minutes", ""),
    ({"topic": "T", "minutes": True}, "minutes", ""),
    (
        {"script": SCRIPT, "minutes": 0.1667},
        "minutes",
        "too short for this script: set it to 0.3333",
    ),
    ({"script": SCRIPT, "minutes": 2}, "minutes", "at most: set it to 1.167 or leave it out"),
    ({"script": ["A.", "B."], "minutes": 1}, "minutes", "2 segments: set it to 0.3333 or leave"),
    ({"script": "\u200b"}, "script", "no words"),
    ({"script": "x" * 300}, "script", "word that is too long"),
    ({"script": "A sentence of a long script. " * 1500}, "script", "longer than 30 minutes"),
    ({"script": []}, "script", ""),
    ({"script": ["A."] * (MAX_SEGMENTS + 1)}, "script", ""),
    ({"script": ["A.", " "]}, "script", ""),
    ({"script": ["x" * (policies.GIVEN_SEGMENT_MAX_CHARS + 1)]}, "script", ""),
    ({"script": SCRIPT, "language": "xx"}, "language", ""),
    ({"script": SCRIPT, "voice": "loud"}, "voice", ""),
    ({"topic": "T", "minutes": 1, "music_tracks": 4}, "music_tracks", ""),
    ({"topic": "T", "minutes": 1, "images_per_segment": 0}, "images_per_segment", ""),
    ({"topic": "T", "minutes": 1, "length": 60}, "length", ""),
]


@pytest.mark.parametrize(("body", "field", "words"), BAD, ids=[str(n) for n in range(len(BAD))])
def test_bad_input_is_refused_with_its_field_and_the_fix(
    body: dict[str, Any], field: str, words: str
) -> None:
    with pytest.raises(ValidationError) as caught:
        LectureRequest.model_validate(body)
    errors = caught.value.errors()
    assert {str(error["loc"][0]) if error["loc"] else "" for error in errors} == {field}
    assert words in " ".join(error["msg"] for error in errors)


@pytest.mark.parametrize(
    ("minutes", "seconds"), [(0.1667, 10), (0.5, 30), (1, 60), (1.67, 100), (2.5, 150), (30, 1800)]
)
def test_minutes_are_whole_segments(minutes: float, seconds: int) -> None:
    wish = LectureRequest(topic="Mills", minutes=minutes)
    assert wish.seconds == seconds
    assert wish.given_script is None
    assert wish.assets_wanted == 3 + 4 * seconds // policies.SEGMENT_SECONDS


def test_a_lecture_without_music_has_one_asset_less() -> None:
    assert LectureRequest(topic="Mills", minutes=0.5, music_tracks=0).assets_wanted == 2 + 4 * 3
    assert LectureRequest(topic="Mills", minutes=0.5, music_tracks=3).assets_wanted == 3 + 4 * 3


def test_a_script_says_itself_how_long_it_is() -> None:
    wish = LectureRequest(script=SCRIPT)
    assert wish.given_script is not None
    assert " ".join(wish.given_script) == SCRIPT
    assert wish.seconds == len(wish.given_script) * policies.SEGMENT_SECONDS == 20


def test_a_script_is_shared_out_over_the_minutes_asked_for() -> None:
    wish = LectureRequest(script=SCRIPT, minutes=0.5)
    assert wish.given_script is not None
    assert len(wish.given_script) == 3
    assert wish.seconds == 30


def test_the_texts_of_segments_are_kept_as_they_are() -> None:
    texts = ["Water drove it.", " It stood. Long. "]
    for wish in (LectureRequest(script=texts), LectureRequest(script=texts, minutes=0.3333)):
        assert wish.given_script == ("Water drove it.", "It stood. Long.")
        assert wish.seconds == 20


def test_a_day_of_the_month_ends_no_sentence_of_a_german_script() -> None:
    script = "Es begann am 3. Mai, und alle kamen. Es endete am 5. Juni, und alle gingen."
    wish = LectureRequest.model_validate({"script": script, "language": "de", "minutes": 0.3333})
    assert wish.given_script == (script[:36], script[37:])


def test_edits_and_rebuilds_name_their_faults() -> None:
    with pytest.raises(ValidationError, match="text"):
        SegmentEdit(text="x" * (policies.GIVEN_SEGMENT_MAX_CHARS + 1))
    with pytest.raises(ValidationError, match="parts"):
        LectureRebuild(parts=[0])
    with pytest.raises(ValidationError, match="assets"):
        LectureRebuild.model_validate({"assets": ["segment_song"]})


def test_a_title_belongs_to_a_script_of_ones_own() -> None:
    with pytest.raises(ValidationError, match="belongs to a `script`"):
        LectureRequest(topic="Tides", minutes=1, title="The sea")
    assert LectureRequest(script=["The sea rises."], title="The sea").title == "The sea"
