"""Seven days of all lines with faults, on a clock that is put forward between them.

`make week`. Every morning people order something of each line while providers fail and the worker
is killed, on other days the gateway or Postgres too; in the afternoon somebody edits, somebody
cancels, a file is damaged; at night the product's own schedules run. Units, runs and ticks are kept
for a day or two instead of weeks, so that retention has something to do.
"""

from __future__ import annotations

import os
import sys
import time

import pytest

from pipeline_defs_tests.journey import Journey, paid_twice
from pipeline_defs_tests.week import traffic
from pipeline_defs_tests.week.clock import library
from pipeline_defs_tests.week.looks import (
    Look,
    connections_by_process,
    heading,
    look,
    open_units,
)
from pipeline_defs_tests.week.world import World, running

DAYS = int(os.environ.get("WEEK_DAYS", "7"))
MORNING, AFTERNOON, NIGHT = 9, 15, 5  # hours, UTC; by five all schedules of a night are due
SCHEDULES_LOOK = 65.0  # seconds, after which Dagster has noticed that they are
RETRIES = 8  # hours put forward at the end, until whoever was not reached is called again
# the day from which nothing grows any more: a unit leaves in the second night after it was last
# touched, which a night does with what was edited or damaged; its events and runs two days later
SETTLED = 5
GROWTH_MOST = 1.35


@pytest.mark.slow
@pytest.mark.timeout(5400)
def test_after_a_week_everything_is_final_and_nothing_has_grown() -> None:
    found = library()
    if found is None:
        pytest.skip("libfaketime cannot be had here: install the package of your system")
    with running(found) as world, Journey(world.product) as user:
        looks = [_day(world, user, day) for day in range(1, DAYS + 1)]
        for _ in range(RETRIES):
            if open_units(world) == 0:
                break
            world.until((world.clock.now().hour + 2) % 24)
            traffic.rest(world)
        looks.append(look(world))
        say(looks[-1].row("end"))
        say(f"\nConnections: {connections_by_process(world)}")
        assert looks[-1].open_units == 0
        assert looks[-1].permits == 0
        assert paid_twice(user.calls()) == []
        _must_not_have_grown(looks)


def _day(world: World, user: Journey, day: int) -> Look:
    if day == 1:
        say(heading())
    world.until(MORNING)
    traffic.morning(world, user, day)
    world.until(AFTERNOON)
    traffic.afternoon(world, user, day)
    world.until(NIGHT)
    time.sleep(SCHEDULES_LOOK)
    traffic.rest(world)
    seen = look(world)
    say(seen.row(str(day)))
    return seen


def _must_not_have_grown(looks: list[Look]) -> None:
    """From the day on which retention has begun."""
    if len(looks) <= SETTLED:
        return
    early, late = looks[SETTLED - 1], looks[-1]
    for what in (
        *("partitions", "runs", "events", "ticks"),
        *("connections", "memory", "valkey"),
    ):
        before, after = getattr(early, what), getattr(late, what)
        assert after <= before * GROWTH_MOST + 10, f"{what}: {before}, then {after}"


def say(line: str) -> None:
    """Past pytest's capture: a week is long."""
    print(line, file=sys.__stdout__, flush=True)
