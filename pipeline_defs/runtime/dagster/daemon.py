"""The Dagster daemon, at most one.

Usage: `python -m pipeline_defs.runtime.dagster.daemon --workspace FILE`.

Two daemons would run every sensor, schedule and retry twice, so this one holds an advisory lock in
Dagster's database for its life and waits in line for it. When the connection that holds the lock is
lost the process ends: its supervisor starts it again and it queues for the lock anew.
"""

from __future__ import annotations

import os
import sys
import threading
import time

import psycopg

from pipeline_defs import policies
from pipeline_defs.runtime.dagster.internals import daemon_command, daemon_controller
from pipeline_defs.settings import get_settings

LOCK = 7_046_302


def main() -> None:
    """Wait for the lock, watch it, run the daemon."""
    connection = _connect()
    while not _take(connection):
        time.sleep(policies.DAEMON_LOCK_POLL)
    threading.Thread(target=_watch, args=(connection,), daemon=True).start()
    # The backfill daemon reads this when it starts; 30 s would be spent twice per backfill.
    daemon_controller.DEFAULT_DAEMON_INTERVAL_SECONDS = policies.BACKFILL_INTERVAL
    # All definitions are read again so often; below Dagster's tolerance of 300 s.
    daemon_controller.RELOAD_WORKSPACE_INTERVAL = policies.WORKSPACE_INTERVAL
    daemon_command(args=sys.argv[1:])


def _connect() -> psycopg.Connection[tuple[object, ...]]:
    url = get_settings().required("dagster_database_url")
    while True:
        try:
            return psycopg.connect(
                url.replace("postgresql+psycopg2://", "postgresql://", 1), autocommit=True
            )
        except psycopg.OperationalError as error:
            sys.stderr.write(f"waiting for Postgres ({type(error).__name__})\n")
            time.sleep(policies.DAEMON_LOCK_POLL)


def _take(connection: psycopg.Connection[tuple[object, ...]]) -> bool:
    row = connection.execute("select pg_try_advisory_lock(%s)", (LOCK,)).fetchone()
    return row is not None and bool(row[0])


def _watch(connection: psycopg.Connection[tuple[object, ...]]) -> None:
    while True:
        time.sleep(policies.DAEMON_LOCK_POLL)
        try:
            connection.execute("select 1")
        except psycopg.Error as error:
            sys.stderr.write(f"the daemon's lock is lost ({type(error).__name__}): ending\n")
            os._exit(1)


if __name__ == "__main__":
    main()
