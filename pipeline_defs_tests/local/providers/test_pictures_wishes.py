"""What a person asks to see is seen; what the local writer describes by itself changes nothing."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import pytest

from pipeline_defs import policies
from pipeline_defs.local.providers.engines import Engines
from pipeline_defs.local.providers.pictures.analysis import contents
from pipeline_defs.local.providers.pictures.analysis.choose import choose
from pipeline_defs.local.providers.pictures.analysis.wishes import Wish, wish_of
from pipeline_defs.local.providers.pictures.brief import Brief
from pipeline_defs.local.providers.pictures.draw import composed, draw
from pipeline_defs.local.providers.pictures.look import look_of
from pipeline_defs.media.pictures import hash_distance, perceptual_hash
from pipeline_defs_tests.local.providers.picture_briefs import briefs, prompt, topics
from pipeline_defs_tests.local.providers.test_lecture_scripts import task_of, written
from pipeline_defs_tests.local.providers.test_pictures_layout import problems

SUN = "The Sun will never become a black hole: its mass is far too small."
STAR = "A star fuses hydrogen. Gravity squeezes the core. The core collapses into a black hole."
LONG = "The event horizon as a one-way door, seen from a craft that falls and sends its signals"
SHOWS = (
    "A timeline of the most important steps",
    "A telescope that watches two stars orbit each other",
    "A rocket flying past the Sun",
    "A quote",
    LONG,
)


def brief(said: str, show: str = "", *, segment: int = 2, variant: str = "") -> Brief:
    return Brief(
        said, "Black Holes", "The Fate of the Sun", show, segment, segments=6, variant=variant
    )


def seen(said: str, show: str, *, segment: int = 2) -> str:
    return " ".join(text.text for text in composed(brief(said, show, segment=segment)).texts)


@pytest.mark.parametrize(
    ("said", "show", "form"),
    [
        (STAR, "A timeline of the most important steps", contents.Process),
        ("Tea came in 1657. Coffee was sold in Oxford in 1650.", "Steps", contents.Process),
        ("Tea came to London in 1657. Coffee was sold in 1650.", "Timeline", contents.Timeline),
        ("A pump is a machine that lifts water.", "Please show it as a quote", contents.Quote),
        ("A pump is a machine that lifts water.", "The definition of a pump", contents.Concept),
        ("Lakes hold 2 percent, whereas rivers carry far more salt.", "2 percent as a big number",
         contents.Figure),
        ("Slow lakes keep a memory, whereas rivers respond in 3 days.", "Lakes versus rivers",
         contents.Comparison),
        ("Caravans carried 90 percent of all horses, textiles and glass.", "A list of goods",
         contents.Listing),
    ],
)  # fmt: skip
def test_a_form_that_is_named_is_taken_where_the_text_fits_it(
    said: str, show: str, form: type[contents.Content]
) -> None:
    assert isinstance(choose(brief(said, show)), form)


@pytest.mark.parametrize("segment", [1, 6])
def test_a_form_that_is_named_also_replaces_opening_and_closing(segment: int) -> None:
    assert isinstance(choose(brief(STAR, "The steps", segment=segment)), contents.Process)
    assert isinstance(
        choose(brief(STAR, "A formula", segment=segment)), (contents.Title, contents.Closing)
    )


def test_steps_that_were_asked_for_as_a_cycle_return_to_the_first() -> None:
    content = choose(brief(STAR, "A cycle of birth and death"))
    assert isinstance(content, contents.Process)
    assert content.cycle


def test_a_form_the_text_does_not_fit_leaves_the_choice_as_it_was() -> None:
    assert choose(brief(SUN, "A chart of masses")) == choose(brief(SUN))


@pytest.mark.parametrize(
    ("show", "subject"),
    [
        ("A timeline of the most important steps", "The most important steps"),
        ("Please show me a simple picture of the Sun as a timeline.", "The Sun"),
        ("A comparison between the Sun and a giant", "The Sun and a giant"),
        ("two stars that orbit each other", "Two stars that orbit each other"),
        ("A number of bees", "A number of bees"),
        ("Lakes versus rivers", "Lakes versus rivers"),
        ("The water cycle of Mars", "The water cycle of Mars"),
        ("A quote", ""),
        ("A list of steps", ""),
        ("!?", ""),
    ],
)
def test_the_subject_of_a_wish_is_named_without_its_form(show: str, subject: str) -> None:
    assert wish_of(brief(SUN, show)).subject == subject


@pytest.mark.parametrize("segment", [1, 2, 6])
def test_the_subject_of_a_wish_stands_in_the_picture(segment: int) -> None:
    assert "A rocket flying past the Sun" in seen(SUN, SHOWS[2], segment=segment)


def test_a_long_wish_is_set_in_two_lines_and_can_be_read() -> None:
    lines = [text for text in composed(brief(SUN, LONG)).texts if text.text in LONG]
    assert len(lines) == 2
    assert min(line.size for line in lines) >= 26


def test_a_motif_that_goes_with_the_wish_is_drawn() -> None:
    assert wish_of(brief(SUN, SHOWS[1])).motif == "telescope"
    assert wish_of(brief(SUN, "Nothing in particular")).motif == ""


def test_other_wishes_are_other_pictures() -> None:
    pictures = [perceptual_hash(draw(prompt(brief(SUN, show)), 320, 180)) for show in ("", *SHOWS)]
    nearest = min(hash_distance(one, other) for one, other in combinations(pictures, 2))
    assert nearest > policies.NEAR_DUPLICATE_BITS


@pytest.mark.parametrize("topic", ["black holes", "prime numbers", "the silk road"])
def test_what_the_local_writer_describes_is_no_wish(topic: str, engines: Engines) -> None:
    draft = written(engines, task_of(topic, 12))
    for order, part in enumerate(draft.segments, 1):
        described = Brief(part.text, draft.title, part.heading, part.picture, order, 12)
        assert wish_of(described) == Wish(), part
        assert not look_of(described).varied


@pytest.mark.parametrize("show", SHOWS)
@pytest.mark.parametrize("topic", topics()[::5])
def test_nothing_is_covered_by_a_wish_or_in_another_arrangement(topic: str, show: str) -> None:
    for number, one in enumerate(briefs(topic, 12)):
        assert problems(replace(one, show=show, variant=f"key {number}")) == [], one


def test_a_variant_is_drawn_the_same_byte_for_byte_and_another_one_otherwise() -> None:
    asked = prompt(brief(SUN))
    drawn = [draw(asked, 320, 180, variant) for variant in ("", "a", "b", "c", "d")]
    assert draw(asked, 320, 180, "a") == drawn[1]
    assert len(set(drawn)) == len(drawn)


@pytest.mark.parametrize("said", [SUN, STAR, "About 97 percent of all water is salty ocean."])
def test_variants_keep_the_content_and_look_different(said: str) -> None:
    looks = [look_of(brief(said, variant=variant)) for variant in "abcdefgh"]
    assert {look.flipped for look in looks} == {True, False}
    assert len({look.accent for look in looks}) > 2
    assert len({look.palette.background for look in looks}) == 2
    words = {frozenset(" ".join(t.text for t in composed(brief(said, variant=v)).texts).split())
             for v in "abcdefgh"}  # fmt: skip
    assert len(words) == 1


def test_segments_under_keys_of_their_own_do_not_look_alike() -> None:
    drawn = [
        perceptual_hash(draw(prompt(one), 320, 180, f"key{number}"))
        for number, one in enumerate(briefs("silk-road", 18))
    ]
    nearest = min(hash_distance(one, other) for one, other in combinations(drawn, 2))
    assert nearest > policies.NEAR_DUPLICATE_BITS
