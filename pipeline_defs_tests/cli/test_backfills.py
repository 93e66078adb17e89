"""How past backfills are told in a terminal."""

from __future__ import annotations

from pipeline_defs.cli.backfills import past_text

PAST = {
    "started_at": "2026-11-28T02:30:00Z",
    "actor": "nightly backfill",
    "line": None,
    "reasons": ["failed", "stale"],
    "units": 12,
    "cost_usd": 3.5,
    "whole": 9,
    "in_work": 1,
    "wanting": 2,
}


def test_a_line_says_who_asked_for_what_and_what_became_of_it() -> None:
    text = past_text({"items": [PAST], "next": None})
    words = text.splitlines()[-1].split()
    assert words == [
        *("2026-11-28", "02:30", "nightly", "backfill", "all", "lines", "failed,", "stale"),
        *("12", "$3.50", "9", "1", "2"),
    ]


def test_where_there_are_more_it_says_how_to_see_them() -> None:
    assert "raise --limit" in past_text({"items": [PAST], "next": "cursor"})
    assert "--limit" not in past_text({"items": [], "next": None})
