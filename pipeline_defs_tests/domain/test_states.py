"""The state machines say what contract A says, pair by pair."""

from __future__ import annotations

from itertools import product

import pytest

from pipeline_defs.domain.kinds import MACHINES
from pipeline_defs.domain.states import ARTICLE, FINAL_STATES, SECTION, Machine, machine

ARTICLE_PAIRS = {
    ("queued", "generating"),
    ("generating", "completed"),
    ("generating", "failed"),
    ("generating", "cancelled"),
    ("completed", "queued"),
    ("failed", "queued"),
    ("cancelled", "queued"),
}
SECTION_PAIRS = {
    ("pending", "researching"),
    ("researching", "researched"),
    ("researched", "writing"),
    ("writing", "completed"),
    ("researching", "failed"),
    ("writing", "failed"),
    ("failed", "pending"),  # retry
    ("completed", "pending"),  # edit, rebuild
    ("researching", "pending"),  # lease lost
    ("writing", "pending"),  # lease lost
}
ARTICLE_STATES = {"queued", "generating", "completed", "failed", "cancelled"}
SECTION_STATES = {"pending", "researching", "researched", "writing", "completed", "failed"}
LASTING = {"calls": {"completed", "voicemail"}}  # who was reached is not called again
CASES = [
    (kind, before, after, (before, after) in pairs)
    for kind, states, pairs in (
        (ARTICLE, ARTICLE_STATES, ARTICLE_PAIRS),
        (SECTION, SECTION_STATES, SECTION_PAIRS),
    )
    for before, after in product(sorted(states), repeat=2)
    if before != after
]


@pytest.mark.parametrize(
    ("kind", "before", "after", "legal"), CASES, ids=[f"{k.name}-{b}-{a}" for k, b, a, _ in CASES]
)
def test_a_move_is_legal_exactly_where_the_contract_names_it(
    kind: Machine, before: str, after: str, legal: bool
) -> None:
    assert kind.allows(before, after) is legal


def test_machines_know_no_other_states() -> None:
    assert ARTICLE.states == ARTICLE_STATES
    assert SECTION.states == SECTION_STATES
    assert (ARTICLE.initial, SECTION.initial) == ("queued", "pending")


def test_staying_is_no_move() -> None:
    for kind in MACHINES:
        for state in kind.states:
            assert kind.allows(state, state)
            assert (state, state) not in kind.moves


def test_every_state_can_be_reached_and_left() -> None:
    for kind in MACHINES:
        reached = {kind.initial}
        for _ in kind.states:
            reached |= {after for before, after in kind.moves if before in reached}
        assert reached == kind.states
        assert {before for before, _ in kind.moves} == kind.states - LASTING.get(kind.name, set())


def test_the_rows_for_the_database_are_creation_and_every_move_once() -> None:
    rows = SECTION.rows()
    assert rows[0] == ("article_sections", "", "pending")
    assert {(before, after) for _, before, after in rows[1:]} == SECTION_PAIRS
    assert len(rows) == len(set(rows)) == len(SECTION_PAIRS) + 1


def test_the_names_of_machines_are_distinct() -> None:
    assert len({kind.name for kind in MACHINES}) == len(MACHINES)


def test_final_states_of_articles_are_final() -> None:
    assert {"completed", "failed", "cancelled"} <= FINAL_STATES
    assert FINAL_STATES.isdisjoint({"queued", "generating"})


def test_a_bar_stands_for_both_states() -> None:
    declared = machine("things", "a", ("a | b", "c | d"))
    assert declared.moves == {("a", "c"), ("a", "d"), ("b", "c"), ("b", "d")}
