"""A running product with so many finished pages: one was made, the others are copies of it."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlsplit

import psycopg

from pipeline_defs.local.postgres import SUPERUSER
from pipeline_defs.local.record import StackRecord
from pipeline_defs_tests.journey import Journey
from pipeline_defs_tests.paging import product_page
from pipeline_defs_tests.product import ProductStack

HERE = Path(__file__).parent
DATABASES = {"app": "DATABASE_URL", "dagster": "DAGSTER_DATABASE_URL"}


def copy(number: int) -> str:
    """The id of a copy."""
    return f"page-20260101-{number:08x}"


class World:
    """A stack in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.stack = ProductStack(folder)
        self.stack.start()
        self.user = Journey(self.stack)

    def fill(self, pages: int) -> float:
        """Make one page and copies of it, so that there are so many; seconds the copying took.

        A stack that has them from an earlier sitting is left as it is.
        """
        if self.user.sql("select 1 from app.units where id = %s", copy(1)):
            return 0.0
        made = self.user.page(**product_page(1))
        self.user.finished(made)
        began = time.perf_counter()
        with ThreadPoolExecutor() as both:
            list(
                both.map(
                    lambda name: self._script("fill", name, page=made, copies=str(pages - 1)),
                    DATABASES,
                )
            )
        return time.perf_counter() - began

    def retire_by_night(self, first: int, last: int) -> tuple[float, int]:
        """Let the product's own housekeeping retire the copies from `first` to `last`.

        Its seconds, and how many partitions left.
        """
        self.user.sql(
            "update app.units set updated_at = now() - interval '40 days'"
            " where id between %s and %s returning id",
            *(copy(first), copy(last)),
        )
        before = self._partitions()
        run = self.user.launch("housekeeping", [], "")
        assert self.user.run_ended(run, 600) == "SUCCESS"
        query = "query R($id: ID!) { runOrError(runId: $id) { ... on Run { startTime endTime } } }"
        times = self.user.graphql(query, id=run)["runOrError"]
        return times["endTime"] - times["startTime"], before - self._partitions()

    def retire_all(self, kept: int) -> None:
        """Retire every copy but the first ones, as many nights would."""
        for name in DATABASES:
            self._script("retire", name, last_kept=copy(kept))

    def close(self) -> None:
        """Stop it and delete its data."""
        self.user.__exit__()
        self.stack.remove()

    def _partitions(self) -> int:
        with self._connect("dagster") as connection:
            row = connection.execute("select count(*) from dynamic_partitions").fetchone()
            return int(row[0]) if row else 0

    def _script(self, name: str, database: str, **settings: str) -> None:
        with self._connect(database) as connection:
            for key, value in settings.items():
                connection.execute("select set_config(%s, %s, false)", [f"scale.{key}", value])
            connection.execute((HERE / f"{name}_{database}.sql").read_bytes())

    def _connect(self, database: str) -> psycopg.Connection:
        record = StackRecord.load(self.stack.state / "stack.json")
        assert record is not None
        server = urlsplit(self.stack.settings[DATABASES[database]])
        place = f"{server.hostname}:{server.port}{server.path}"
        return psycopg.connect(
            f"postgresql://{SUPERUSER}:{record.superuser_password}@{place}", autocommit=True
        )
