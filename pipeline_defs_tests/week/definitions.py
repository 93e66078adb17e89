"""The product's code location, keeping things for days instead of weeks: so that a simulated week
has something to forget."""

from __future__ import annotations

from pipeline_defs import policies
from pipeline_defs.definitions import defs

KEPT_DAYS = 1.0

policies.RETIRE_AFTER_DAYS.update(dict.fromkeys(policies.RETIRE_AFTER_DAYS, KEPT_DAYS))
policies.DAGSTER_HISTORY_DAYS = 2

__all__ = ["defs"]
