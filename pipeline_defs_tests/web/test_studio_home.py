"""The home page of Studio: the lines, and the columns of the chart of costs."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from pipeline_defs.domain.costs import days_until
from pipeline_defs.domain.kinds import KINDS
from pipeline_defs.web.cost_shape import CostRow
from pipeline_defs.web.studio.home import DAYS, HEIGHT, chart_of, lines_of
from pipeline_defs.web.studio.wording import duration

TODAY = date(2026, 11, 26)


def spent(days_ago: int, kind: str, usd: float) -> CostRow:
    return CostRow(
        day=TODAY - timedelta(days=days_ago),
        line=kind,
        calls=1,
        input_tokens=0,
        output_tokens=0,
        cost_usd=usd,
        reported_usd=0.0,
    )


def test_every_line_is_counted_also_one_that_has_nothing() -> None:
    rows = [
        {"kind": "pages", "status": "queued", "units": 3},
        {"kind": "pages", "status": "generating", "units": 1},
        {"kind": "pages", "status": "completed", "units": 4},
        {"kind": "pages", "status": "failed", "units": 2},
        {"kind": "a kind of a later version", "status": "queued", "units": 9},
    ]
    lines = {line.kind: line for line in lines_of(rows, KINDS)}
    assert list(lines) == list(KINDS)
    pages = lines["pages"]
    assert (pages.waiting, pages.in_work, pages.ended) == (3, 1, 6)
    assert lines["articles"].waiting == 0


def test_the_dearest_day_fills_the_chart_and_lines_stand_on_each_other() -> None:
    items = [
        spent(0, "pages", 1),
        spent(0, "pages", 2),
        spent(0, "articles", 1),
        spent(3, "pages", 2),
    ]
    chart = chart_of(items, list(KINDS), *days_until(TODAY, DAYS))
    assert [day.day for day in chart.days] == sorted(day.day for day in chart.days)
    assert len(chart.days) == DAYS
    assert (chart.most, chart.total) == (4, 6)
    today, before = chart.days[-1], chart.days[-4]
    assert [(b.kind, b.y, b.height) for b in today.blocks] == [
        ("articles", 75, 25),
        ("pages", 0, 75),
    ]
    assert [(b.y, b.height) for b in before.blocks] == [(50, 50)]
    assert all(not day.blocks for day in chart.days[:-4])
    assert chart.by_kind == {"articles": 1, "lectures": 0, "pages": 5, "campaigns": 0}


def test_nothing_spent_is_an_empty_chart_and_what_is_older_is_left_out() -> None:
    chart = chart_of([spent(DAYS, "pages", 5)], list(KINDS), *days_until(TODAY, DAYS))
    assert (chart.total, chart.most, HEIGHT) == (0, 0, 100)
    assert not any(day.blocks for day in chart.days)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.0, "0 s"),
        (0.42, "0.42 s"),
        (6.84, "6.8 s"),
        (42, "42 s"),
        (180, "3 min"),
        (7500, "2 h 5 min"),
    ],
)
def test_how_long_something_takes_is_told_shortly(seconds: float, words: str) -> None:
    assert duration(seconds) == words
