"""Statements that wait to be sent together: fewer of them, in an order that changes nothing."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from pipeline_defs.storage.queries import statement
from pipeline_defs.storage.unsent import Unsent

START, FINISH, SINGLE = "ledger.start", "ledger.finish", "units.touch"
MOST = 5


def rows_of(parameters: Any) -> list[dict[str, Any]]:
    """The rows a statement was given."""
    return parameters["rows"].obj


def test_what_is_asked_for_row_by_row_is_one_statement() -> None:
    unsent = Unsent()
    returned = {
        id(unsent.add_row(name, (name, n), {"n": n}, MOST))
        for n in range(3)
        for name in (START, FINISH)
    }
    assert len(returned) == len(unsent) == 2
    start, finish = unsent.taken()
    assert start.query == statement(START)
    assert rows_of(start.parameters) == rows_of(finish.parameters) == [{"n": n} for n in range(3)]
    assert len(unsent) == 0


def test_what_was_taken_takes_no_more_rows() -> None:
    unsent = Unsent()
    unsent.add_row(START, 1, {"n": 1}, MOST)
    taken = unsent.taken()
    unsent.add_row(START, 2, {"n": 2}, MOST)
    assert rows_of(taken[0].parameters) == [{"n": 1}]
    assert rows_of(unsent.taken()[0].parameters) == [{"n": 2}]


def test_the_same_row_is_never_twice_in_one_statement() -> None:
    """Postgres refuses to change a row twice in one statement."""
    unsent = Unsent()
    for n in (1, 2):
        unsent.add_row(START, "one thing", {"n": n}, MOST)
    assert [rows_of(one.parameters) for one in unsent.taken()] == [[{"n": 1}], [{"n": 2}]]


asked = st.lists(
    st.one_of(
        st.just((SINGLE, None)),
        st.tuples(st.sampled_from([START, FINISH]), st.sampled_from([None, "a", "b", "c"])),
    ),
    max_size=30,
)


@given(asked)
def test_about_one_thing_everything_keeps_its_order(asked: list[tuple[str, str | None]]) -> None:
    unsent = Unsent()
    for number, (name, about) in enumerate(asked):
        if name == SINGLE:
            unsent.add(statement(SINGLE), {"n": number})
        else:
            unsent.add_row(name, about, {"n": number}, MOST)
    sent = [
        [row["n"] for row in rows_of(one.parameters)]
        if one.query != statement(SINGLE)
        else [one.parameters["n"]]
        for one in unsent.taken()
    ]
    assert sorted(n for rows in sent for n in rows) == list(range(len(asked)))
    assert max(map(len, sent), default=0) <= MOST
    place = {n: place for place, rows in enumerate(sent) for n in rows}
    for later, (name, about) in enumerate(asked):
        for earlier in range(later):
            other, whose = asked[earlier]
            if SINGLE in (name, other) or (about is not None and about == whose):
                assert place[earlier] < place[later]
