"""Backfills from the command line, and how they are told in a terminal."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from pipeline_defs.cli.backfills import backfill_text, past_text
from pipeline_defs_tests.cli.conftest import GatewayThread, Pipeline
from pipeline_defs_tests.web.filming import Studio
from pipeline_defs_tests.web.test_backfills_api import edited, inspected

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


def test_units_left_out_and_parts_without_a_price_are_told() -> None:
    unit = {
        "id": "lecture-1",
        "title": "Bees",
        "found": {"failed": 3},
        "parts": 4,
        "cost_usd": 0.0,
        "outcome": "price_unknown",
    }
    told = {"queued": 0, "cost_usd": 0.0, "over_budget": 0, "dry_run": False, "units": [unit]}
    text = backfill_text({**told, "unpriced": 0, "price_unknown": 1})
    assert "Of 1 more the price is not known: leave out --budget." in text
    assert "price not known" in text.splitlines()[-1]
    assert "2 parts are not in that" in backfill_text({**told, "unpriced": 2, "price_unknown": 0})


def test_a_stale_lecture_is_planned_queued_once_made_and_listed(
    pipeline: Pipeline, served: GatewayThread
) -> None:
    since = f"{datetime.now(UTC).astimezone():%Y-%m-%dT%H:%M:%S}"
    world, studio = served.world, Studio(served.world)
    lecture_id = served.do(studio.made("How ants count their steps"))
    served.do(edited(world.client(), lecture_id))
    served.do(inspected(world, lecture_id))

    def asked(*options: str) -> dict[str, Any]:
        result = pipeline("--json", "backfill", "--line", "lectures", "--since", since, *options)
        assert result.exit_code == 0, result.output
        return json.loads(result.stdout)

    def outcomes(found: dict[str, Any]) -> list[tuple[str, str, int]]:
        return [(unit["id"], unit["outcome"], unit["parts"]) for unit in found["units"]]

    def shown() -> dict[str, Any]:
        return json.loads(pipeline("--json", "show", lecture_id).stdout)

    later = pipeline("backfill", "--line", "lectures", "--since", "2100-01-01")
    assert "Nothing to do" in later.stdout
    assert outcomes(asked("--reason", "failed")) == []
    assert outcomes(asked("--dry-run")) == [(lecture_id, "would_queue", 5)]
    assert shown()["status"] == "completed"
    assert outcomes(asked("--budget", "1")) == [(lecture_id, "queued", 5)]
    assert shown()["status"] == "queued"
    assert outcomes(asked()) == []  # it is at work
    served.do(studio.remade(lecture_id))
    assert served.do(inspected(world, lecture_id)) == {}
    assert outcomes(asked()) == []
    past = json.loads(pipeline("--json", "backfills").stdout)["items"][0]
    assert (past["line"], past["units"], past["whole"]) == ("lectures", 1, 1)
