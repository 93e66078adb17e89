"""What Dagster may ask for by itself now, read once for all assets of a tick."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Mapping

from pipeline_defs import policies
from pipeline_defs.domain.graph import Standing
from pipeline_defs.settings import get_settings
from pipeline_defs.storage.database import Database

Wanting = Mapping[str, Mapping[str, Standing]]  # asset to partition to how it stands


class WantingOfTick:
    """Reads once for all that ask in the same evaluation."""

    def __init__(self) -> None:
        self._of: tuple[int, float] = (-1, 0.0)
        self._found: Wanting = {}

    async def read(self, evaluation_id: int) -> Wanting:
        """What is missing or stale of finished units within the budget of their organizations."""
        asked, at = self._of
        if asked != evaluation_id or time.monotonic() - at > policies.AUTOMATION_INTERVAL / 2:
            self._found = await _read()
            self._of = (evaluation_id, time.monotonic())
        return self._found


async def _read() -> Wanting:
    url = get_settings().required("database_url")
    async with Database.open(url, most_connections=1, patience=5) as database:
        rows = await database.all(
            None,
            "wanting.automatically",
            tries=policies.BACKFILL_TRIES,
            most=policies.AUTOMATION_MOST,
        )
    found: defaultdict[str, dict[str, Standing]] = defaultdict(dict)
    for row in rows:
        found[row["asset"]][row["partition"]] = row["standing"]
    return found
