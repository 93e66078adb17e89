"""Who may be called, and when."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from decimal import Decimal

from pipeline_defs.domain.calls import gates
from pipeline_defs_tests.domain.calls.samples import NOON, QUIET, call, campaign


def test_nobody_on_the_do_not_call_list_is_called() -> None:
    gate = gates.may_call(campaign(do_not_call=frozenset({call().phone})), call(), NOON)
    assert gate.answer == "never"
    assert gate.error is not None
    assert gate.error.code == "DO_NOT_CALL"


def test_nobody_is_called_beyond_the_budget() -> None:
    poor = campaign(budget_usd=Decimal(5), spent_usd=Decimal(5))
    gate = gates.may_call(poor, call(), NOON)
    assert gate.error is not None
    assert gate.error.code == "BUDGET_SPENT"
    assert "Raise its budget" in gate.error.advice


def test_quiet_hours_span_midnight_by_the_clock_of_the_time_zone() -> None:
    quiet = campaign(quiet_hours=QUIET)  # Berlin, an hour ahead in winter
    evening = datetime(2026, 11, 26, 19, 30, tzinfo=UTC)
    night = datetime(2026, 11, 27, 3, 0, tzinfo=UTC)
    morning = datetime(2026, 11, 27, 8, 0, tzinfo=UTC)
    for asleep in (evening, night):
        assert gates.may_call(quiet, call(), asleep).at == morning
    assert gates.may_call(quiet, call(), morning).answer == "now"
    assert gates.may_call(quiet, call(), evening - timedelta(hours=1)).answer == "now"


def test_quiet_hours_hold_in_the_night_the_clocks_change() -> None:
    quiet = campaign(quiet_hours=(time(22), time(8)))
    night = datetime(2026, 3, 29, 0, 30, tzinfo=UTC)  # at 1:00 UTC it becomes 3:00 in Berlin
    assert gates.quiet_until(quiet, night) == datetime(2026, 3, 29, 6, 0, tzinfo=UTC)


def test_a_contact_is_tried_again_later_and_not_for_ever() -> None:
    rules = campaign(quiet_hours=QUIET)
    late = datetime(2026, 11, 26, 18, 30, tzinfo=UTC)
    assert gates.next_attempt(rules, call(), NOON) == NOON + timedelta(hours=1)
    assert gates.next_attempt(rules, call(), late) == datetime(2026, 11, 27, 8, 0, tzinfo=UTC)
    assert gates.next_attempt(rules, call(attempt=3), NOON) is None
