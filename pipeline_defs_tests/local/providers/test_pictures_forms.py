"""Which form shows which sentence, and what of the sentence stands in it."""

from __future__ import annotations

import pytest

from pipeline_defs.local.providers.pictures.analysis import contents
from pipeline_defs.local.providers.pictures.analysis.choose import choose
from pipeline_defs.local.providers.pictures.analysis.grammar import clauses, statement
from pipeline_defs.local.providers.pictures.analysis.phrases import condensed
from pipeline_defs.local.providers.pictures.brief import Brief, read_brief
from pipeline_defs_tests.local.providers.picture_briefs import briefs, topics


def shown(said: str, *, show: str = "", variation: int = 1) -> contents.Content:
    return choose(
        Brief(said, "Things", "Facts", show=show, segment=3, segments=9, variation=variation)
    )


def test_a_prompt_is_read_by_its_labels() -> None:
    brief = read_brief(
        "Lecture: Rivers\nSegment: 4 of 18\nHeading: Floods\nSaid: Rivers rise.\n"
        "Show: A diagram of a flood.\nVariation: 2\nStyle: calm"
    )
    assert brief == Brief("Rivers rise.", "Rivers", "Floods", "A diagram of a flood.", 4, 18, 2)


def test_a_label_that_comes_twice_does_not_replace_the_first() -> None:
    assert read_brief("Said: One.\nSaid: Two.").said == "One."


def test_series_of_things_are_a_list() -> None:
    content = shown("Caravans heading east carried horses, textiles, glass and vessels.")
    assert content == contents.Listing(
        "Caravans heading east carried …", ("Horses", "Textiles", "Glass", "Vessels")
    )


def test_a_series_that_is_the_subject_has_its_lead_below() -> None:
    content = shown("Lakes, rivers, and marshes hold less than 1 percent of all fresh water.",
                    show="A list of waters.")  # fmt: skip
    assert isinstance(content, contents.Listing)
    assert content.items == ("Lakes", "Rivers", "Marshes")
    assert content.after


def test_steps_told_in_order_are_a_process() -> None:
    content = shown(
        "First, sunlight lifts vapor from the sea. Winds then carry the vapor inland, "
        "where cooling turns it into rain."
    )
    assert isinstance(content, contents.Process)
    assert content.steps[:2] == (
        "Sunlight lifts vapor from the sea",
        "Winds then carry the vapor inland",
    )


def test_deeds_of_one_actor_are_steps() -> None:
    content = shown(
        "Workers found the loose ends, drew several filaments and wound them onto a reel."
    )
    assert content == contents.Process(
        ("Found the loose ends", "Drew several filaments", "Wound them onto a reel"), "Workers"
    )


def test_a_change_of_one_thing_into_another_is_a_process() -> None:
    content = shown("Sunlight turns the gas into droplets of sulfuric acid.")
    assert isinstance(content, contents.Process)
    assert content.steps == ("Gas", "Droplets of sulfuric acid")


@pytest.mark.parametrize(
    ("said", "cause", "effect"),
    [
        ("The Sun will never become a black hole, because its mass is far too small.", "", ""),
        ("Frozen soil blocks drainage, so tundra can be dotted with ponds.",
         "Frozen soil blocks drainage", "Tundra can be dotted with ponds"),
        ("Ice cores preserve a calendar, because fallout is trapped in yearly layers of snow.",
         "Fallout is trapped in yearly layers of snow", "Ice cores preserve a calendar"),
    ],
)  # fmt: skip
def test_causes_stand_before_their_effects(said: str, cause: str, effect: str) -> None:
    content = shown(said)
    if cause:
        assert content == contents.Links(((cause, "so", effect),))
    else:  # `its mass` leans on the sentence: it cannot stand alone
        assert not isinstance(content, contents.Links) or content.rows[0][1] != "so"


@pytest.mark.parametrize("mark", [":", ";"])
def test_the_object_of_a_relation_ends_where_a_new_thought_begins(mark: str) -> None:
    content = shown(f"The Sun will never become a black hole{mark} its mass is far too small.")
    assert content == contents.Links((("Sun", "will never become", "A black hole"),))


def test_contrasts_are_compared() -> None:
    content = shown("Slow lakes keep a memory of climates, whereas rivers respond within days.")
    assert content == contents.Comparison(
        contents.Side("Slow lakes", "Keep a memory of climates"),
        contents.Side("Rivers", "Respond within days"),
    )


def test_comparatives_say_how_the_first_stands_to_the_second() -> None:
    content = shown("Weighing flour is far more reliable than measuring it by volume.")
    assert isinstance(content, contents.Comparison)
    assert content.relation == "is far more reliable than"


@pytest.mark.parametrize(
    "said",
    [
        "Hashing is sometimes described as encryption, but it has no key and cannot be undone.",
        "Green light is widely believed to be useless to plants. A leaf absorbs half of it.",
    ],
)
def test_what_people_believe_never_stands_alone(said: str) -> None:
    content = shown(said)
    assert isinstance(content, contents.Comparison)
    assert [content.left.name, content.right.name] == ["Often said", "In fact"]


def test_dates_are_a_timeline_in_the_order_of_time() -> None:
    content = shown("Tea reached London in 1657. Coffee was sold in Oxford in 1650.")
    assert isinstance(content, contents.Timeline)
    assert [event.when for event in content.events] == ["1650", "1657"]


def test_years_before_our_era_come_first() -> None:
    content = shown("Rome fell in 476 CE. Athens adopted the alphabet in 403 BCE.")
    assert isinstance(content, contents.Timeline)
    assert [event.at for event in content.events] == [-403, 476]


def test_persons_stand_with_what_they_did() -> None:
    content = shown("Bernard Palissy insisted in 1580 that rainfall alone feeds springs.")
    assert content == contents.Quote(
        "Rainfall alone feeds springs", "Bernard Palissy", "1580", key="rainfall"
    )


def test_only_words_in_quotation_marks_are_quoted() -> None:
    literal = shown('He told them: "Give me a place to stand and I shall move the Earth."')
    told = shown("Bernard Palissy insisted in 1580 that rainfall alone feeds springs.")
    assert isinstance(literal, contents.Quote)
    assert literal.literal
    assert isinstance(told, contents.Quote)
    assert not told.literal


@pytest.mark.parametrize(
    ("said", "figure", "share"),
    [
        ("About 97 percent of all water on Earth is salty ocean.", "97%", 0.97),
        ("The Sun lies about 150 million kilometers away from the Earth.", "150 million", None),
        ("Rivers carry more than 80 percent of the sand to the sea.", "> 80%", 0.8),
        ("Fast charging from 10 to 80 percent takes a while.", "10–80%", None),
    ],
)
def test_a_striking_number_is_shown_large(said: str, figure: str, share: float | None) -> None:
    content = shown(said, show="A number.")
    assert isinstance(content, contents.Figure)
    assert content.figure == figure
    assert content.share == share


def test_quantities_of_one_unit_are_bars() -> None:
    content = shown("The Nile is 6,650 kilometers long, and the Rhine is 1,230 kilometers long.",
                    show="A chart of rivers.")  # fmt: skip
    assert isinstance(content, contents.Chart)
    assert [(bar.label, bar.value) for bar in content.bars] == [("Nile", 6650), ("Rhine", 1230)]


def test_definitions_show_the_term_its_kind_and_what_marks_it() -> None:
    content = shown(
        "Snowpack is the layered snow that builds up on the ground during a cold season."
    )
    assert isinstance(content, contents.Concept)
    assert content.term == "Snowpack"
    assert content.kind == "The layered snow"
    assert content.marks == ("Builds up on the ground during a cold season",)


def test_what_no_other_form_can_show_is_a_sentence_to_remember() -> None:
    content = shown("Perhaps.")
    assert content == contents.Quote("Perhaps", key="")


def test_first_and_last_segments_open_and_close() -> None:
    first = choose(Brief("Bees make honey.", "Honey Bees", "Bees", segment=1, segments=6))
    last = choose(Brief("Bees feed us all.", "Honey Bees", "Bees", segment=6, segments=6))
    alone = choose(Brief("Bees make honey.", "Honey Bees", "Bees", segment=1, segments=1))
    assert first == contents.Title("Honey Bees", "Bees make honey")
    assert last == contents.Closing("Bees feed us all")
    assert not isinstance(alone, (contents.Title, contents.Closing))


def test_a_form_that_is_asked_for_is_preferred() -> None:
    said = "Gutenberg printed his Bible in 1455, and about 180 copies left the shop."
    assert isinstance(shown(said, show="A number: 180 copies."), contents.Figure)
    assert isinstance(shown(said, show="A timeline of printing."), contents.Timeline)


def test_variations_of_a_picture_take_other_forms() -> None:
    said = "About 97 percent of all water is salty, because rivers carry salts into the sea."
    forms = {type(shown(said, variation=number)) for number in (1, 2, 3)}
    assert len(forms) == 3


def test_lectures_use_many_forms() -> None:
    forms = {type(choose(brief)) for topic in topics()[::3] for brief in briefs(topic, 12)}
    assert len(forms) >= 10


@pytest.mark.parametrize(
    ("clause", "parts"),
    [
        ("Nuclear fusion supplies the heat", ("Nuclear fusion", "supplies", "the heat")),
        ("Distinct zones within a node keep cells apart",
         ("Distinct zones within a node", "keep", "cells apart")),
        ("The results of the test were published in May",
         ("The results of the test", "were published", "in May")),
        ("Cells infected by a virus display fragments",
         ("Cells infected by a virus", "display", "fragments")),
        ("Many bees never leave the nest", ("Many bees never", "leave", "the nest")),
    ],
)  # fmt: skip
def test_a_clause_is_taken_apart_at_its_verb(clause: str, parts: tuple[str, str, str]) -> None:
    said = statement(clause)
    assert said is not None
    assert (said.subject, said.verb, said.rest) == parts


def test_sentences_are_cut_where_clauses_begin() -> None:
    assert clauses("If ice melts, the sea rises, because water flows in.") == [
        "If ice melts", "the sea rises", "because water flows in",
    ]  # fmt: skip


def test_a_wording_is_shortened_only_where_nothing_is_twisted() -> None:
    myth = "Volcanoes erupt without warning in the movies of today, but most give days of unrest"
    assert "but most" in condensed(myth, 8)
    assert (
        condensed("However, silk (a fine thread) was used as money", 10) == "Silk was used as money"
    )
