"""Scores and priorities by the numbers of the contract."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline_defs.domain.pages.requests import PageRequest
from pipeline_defs.domain.pages.scoring import priority_of, rank, score_of

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)


def request(**more: Any) -> PageRequest:
    return PageRequest.model_validate(
        {"page_type": "category", "target_url": "https://shop.example/tents", **more}
    )


def in_hours(hours: float) -> str:
    return (NOW + timedelta(hours=hours)).isoformat()


@pytest.mark.parametrize(
    ("metadata", "deadline", "score"),
    [
        ({}, None, 20),
        ({"sku_count": 100}, None, 20),
        ({"sku_count": 101}, None, 30),
        ({"sku_count": 1000}, None, 30),
        ({"sku_count": 1001}, None, 40),
        ({"monthly_searches": 1000}, None, 20),
        ({"monthly_searches": 1001}, None, 30),
        ({"monthly_searches": 10_000}, None, 30),
        ({"monthly_searches": 10_001}, None, 40),
        ({"content_status": "missing"}, None, 40),
        ({"content_status": "outdated"}, None, 30),
        ({"content_status": "current"}, None, 20),
        ({}, 23.9, 50),
        ({}, 24.1, 40),
        ({}, 71.9, 40),
        ({}, 72.1, 20),
        ({}, -5, 50),
        (
            {"sku_count": 5000, "monthly_searches": 50_000, "content_status": "missing"},
            1,
            110,
        ),
    ],
)
def test_the_score_adds_up_what_the_contract_names(
    metadata: dict[str, Any], deadline: float | None, score: int
) -> None:
    due = in_hours(deadline) if deadline is not None else None
    assert score_of(request(metadata=metadata, deadline=due), NOW) == score


@pytest.mark.parametrize(
    ("score", "priority"), [(39, "LOW"), (40, "NORMAL"), (69, "NORMAL"), (70, "HIGH")]
)
def test_the_priority_follows_from_the_score(score: int, priority: str) -> None:
    assert priority_of(score) == priority


def test_a_users_priority_wins_and_one_given_later_wins_over_it() -> None:
    asked = request(priority="low", metadata={"sku_count": 5000, "monthly_searches": 50_000})
    assert rank(asked, NOW).priority == "LOW"
    assert rank(asked, NOW, "HIGH").priority == "HIGH"


def test_lanes_sort_as_priorities_do() -> None:
    lanes = [rank(request(priority=name), NOW).lane for name in ("HIGH", "NORMAL", "LOW")]
    assert lanes == sorted(lanes)


@given(hours=st.floats(min_value=-100, max_value=500))
def test_a_rank_is_looked_at_again_exactly_when_its_score_changes(hours: float) -> None:
    asked = request(deadline=in_hours(hours))
    place = rank(asked, NOW)
    if place.reconsider_at is None:
        assert score_of(asked, NOW + timedelta(days=100)) == place.score
        return
    before, after = place.reconsider_at - timedelta(seconds=2), place.reconsider_at
    assert score_of(asked, max(before, NOW)) == place.score
    assert score_of(asked, after) > place.score
