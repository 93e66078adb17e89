"""Says every few seconds that a worker is alive, so that people see how many there are."""

from __future__ import annotations

import logging
import os
import socket
import threading
import time

import psycopg

from pipeline_defs import policies
from pipeline_defs.settings import Settings
from pipeline_defs.storage.queries import statement

log = logging.getLogger(__name__)


def start(settings: Settings) -> None:
    """Begin, in a thread that ends with the process."""
    name = f"{socket.gethostname()}:{os.getpid()}"
    url = settings.required("database_url")
    threading.Thread(target=_beat_forever, args=(url, name), name="heartbeat", daemon=True).start()


def _beat_forever(url: str, name: str) -> None:
    while True:
        try:
            with psycopg.connect(url, autocommit=True, connect_timeout=3) as connection:
                _beat(connection, name)
        except psycopg.Error as error:
            log.warning("no heartbeat: %s", type(error).__name__)
        time.sleep(policies.WORKER_HEARTBEAT)


def _beat(connection: psycopg.Connection, name: str) -> None:
    """Until the connection breaks."""
    old = {"older_than": policies.WORKER_FORGOTTEN}
    connection.execute(statement("page_queue.forget_workers"), old)
    while True:
        connection.execute(statement("page_queue.heartbeat"), {"worker": name})
        time.sleep(policies.WORKER_HEARTBEAT)
