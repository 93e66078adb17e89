"""Paths into events, and the rules of events as configuration."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline_defs.domain.flows import Batch, Debounce, RateLimit, Throttle, event_path
from pipeline_defs.domain.paths import CANONICAL_CHARS_MOST, canonical
from pipeline_defs.policies import KeyLimit

EVENT = {
    "org": "acme",
    "type": "order/placed",
    "data": {"id": 7, "items": [{"sku": "a-1"}, {"sku": None}], "is-paid": True, "0": "zero"},
}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=10,
)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("org", "acme"),
        ("data.id", 7),
        ("data.items[0].sku", "a-1"),
        ("data.is-paid", True),
        ("data.items[1]", {"sku": None}),
        ("data.items[2].sku", None),  # what is missing is null
        ("data.items.sku", None),
        ("data.id.more", None),
        ("data[0]", None),  # an object has no numbered entries
        ("source", None),
    ],
)
def test_a_path_finds_the_value_or_null(path: str, value: Any) -> None:
    assert event_path(path).of(EVENT) == value


@pytest.mark.parametrize(
    "path",
    [
        "",
        ".",
        "data.",
        "data..id",
        "data[",
        "data[x]",
        "data[-1]",
        "data.id + 1",
        "data['id']",
        "__import__('os')",
        "data.id ",
        "datä",
        "data.id\n",
        "data[9999999]",
        "data." + "x" * 300,
    ],
)
def test_what_is_no_path_is_refused_with_an_example(path: str) -> None:
    with pytest.raises(ValueError, match="is not a path"):
        event_path(path)


def test_a_path_that_begins_elsewhere_is_refused_with_what_there_is() -> None:
    with pytest.raises(ValueError, match=r"begins with 'event': expected one of org, source"):
        event_path("event.data.id")


@given(st.text(max_size=30))
def test_no_text_does_anything_but_be_read_or_refused(text: str) -> None:
    try:
        path = event_path(text)
    except ValueError:
        return
    path.of(EVENT)


@given(JSON, JSON)
def test_keys_are_equal_for_equal_values_of_one_type(one: Any, other: Any) -> None:
    assert len(canonical(one)) <= CANONICAL_CHARS_MOST
    if canonical(one) == canonical(other):
        assert one == other


def test_a_number_its_text_and_truth_are_different_keys() -> None:
    assert len({canonical(value) for value in (1, "1", True, None, "null", [1])}) == 6
    assert canonical({"a": 1, "b": 2}) == canonical({"b": 2, "a": 1})


def test_events_without_the_value_share_a_key() -> None:
    rule = Throttle(key="data.campaign", limit=1, period=60)
    assert rule.key_of({"data": {}}) == rule.key_of({"data": {"campaign": None}}) == "null"


@pytest.mark.parametrize(
    ("make", "complaint"),
    [
        (
            lambda: Debounce(key="data.", quiet=1, at_most=5),
            r"Debounce.key: 'data\.' is not a path",
        ),
        (lambda: Debounce(quiet=6, at_most=5), "Debounce.quiet: 6 is not above 0 and to 5"),
        (lambda: Debounce(quiet=1, at_most=1e9), "Debounce.at_most"),
        (lambda: Batch(size=0, seconds=1), "Batch.size: 0"),
        (lambda: Batch(size=10**6, seconds=1), "Batch.size"),
        (lambda: Batch(size=5, seconds=0), "Batch.seconds"),
        (lambda: Throttle(limit=0, period=1), "Throttle.limit"),
        (lambda: Throttle(limit=1, period=-1), "Throttle.period"),
        (lambda: RateLimit(limit=10**6, period=1), "RateLimit.limit"),
        (lambda: KeyLimit("org"), "at_once or per_minute"),
        (lambda: KeyLimit("org", at_once=0, per_minute=3), "at_once: 0 is below 1"),
        (lambda: KeyLimit("campaign", at_once=1), "neither org nor unit"),  # pyright: ignore
    ],
)
def test_a_faulty_rule_is_refused_when_it_is_loaded(make: Any, complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        make()
