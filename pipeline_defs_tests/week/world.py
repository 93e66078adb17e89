"""The product with its servers, all on one clock, kept for days instead of weeks."""

from __future__ import annotations

import shutil
import signal
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import yaml

from pipeline_defs.local import postgres_roles
from pipeline_defs_tests.product import ProductStack
from pipeline_defs_tests.week.clock import Clock, PostgresOnAClock, ValkeyOnAClock

DEFINITIONS = "pipeline_defs_tests.week.definitions"


@dataclass
class World:
    """A running product; `application` and `dagster` are its databases."""

    clock: Clock
    postgres: PostgresOnAClock
    valkey: ValkeyOnAClock
    product: ProductStack
    application: str = postgres_roles.APP_DATABASE
    dagster: str = postgres_roles.DAGSTER_DATABASE

    def until(self, hour: int) -> None:
        """Put the clock forward to the next time it is that hour (UTC)."""
        now = self.clock.now()
        then = now.replace(hour=hour, minute=0, second=0, microsecond=0)
        if then <= now:
            then += timedelta(days=1)
        self.clock.forward(then - now)


@contextmanager
def running(library: Path) -> Iterator[World]:
    """A world of its own, gone at the end."""
    folder = Path(tempfile.mkdtemp(prefix="pipeline-week-"))
    with Clock.made(library) as clock:
        PostgresOnAClock.clock = ValkeyOnAClock.clock = clock
        postgres, valkey = PostgresOnAClock(folder / "pg"), ValkeyOnAClock(folder / "valkey")
        product = ProductStack(folder / "state", {})
        try:
            for server in (postgres, valkey):
                server.folder.mkdir()
                server.start()
            product.extra = {
                **clock.environment,
                "DATABASE_URL": postgres.url(
                    postgres_roles.APPLICATION, postgres_roles.APP_DATABASE
                ),
                "DATABASE_ADMIN_URL": postgres.url(
                    postgres_roles.OWNER, postgres_roles.APP_DATABASE
                ),
                "DAGSTER_DATABASE_URL": postgres.url(
                    postgres_roles.DAGSTER, postgres_roles.DAGSTER_DATABASE
                ),
                "REDIS_URL": valkey.url,
                "DEFINITIONS_MODULE": DEFINITIONS,
            }
            product.start()
            _keep_ticks_for_a_day(product)
            yield World(clock, postgres, valkey, product)
        finally:
            product.remove()
            valkey.stop()
            postgres.stop()
            time.sleep(0.5)
            shutil.rmtree(folder, ignore_errors=True)


def _keep_ticks_for_a_day(product: ProductStack) -> None:
    """Dagster's daemon reads how long to keep them when it starts."""
    instance = product.state / "dagster_home" / "dagster.yaml"
    settings = yaml.safe_load(instance.read_text("utf-8"))
    settings["retention"] = {kind: {"purge_after_days": 1} for kind in settings["retention"]}
    instance.write_text(yaml.safe_dump(settings), "utf-8")
    product.signal("dagster-daemon", signal.SIGKILL)
