"""The server's state in one SQLite file: the call log and the answers kept by idempotency key.

One connection, used from the event loop and from worker threads under a lock. With a write-ahead
log, what is committed survives a killed process.
"""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Generator
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from decimal import Decimal
from importlib.resources import files
from pathlib import Path
from typing import Any

FILE = "local-providers.sqlite3"
CALLS_KEPT = 50_000
ANSWERS_KEPT = 50_000
PRUNE_EVERY = 500  # calls


@dataclass(frozen=True, slots=True)
class LoggedCall:
    """One call as the log has it."""

    path: str
    capability: str
    model: str = ""
    idempotency_key: str = ""
    billed: bool = False
    replayed: bool = False
    cost_usd: Decimal = Decimal(0)
    input_tokens: int = 0
    output_tokens: int = 0
    status: int = 200


@dataclass(frozen=True, slots=True)
class KeptAnswer:
    """An answer given under an idempotency key; `body` is the JSON text that was sent."""

    scope: str
    key: str
    fingerprint: str
    status: int
    body: str
    model: str


class Store:
    """Opens the file on construction; close it."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._lock = threading.Lock()
        self._db = sqlite3.connect(folder / FILE, check_same_thread=False, isolation_level=None)
        self._db.row_factory = sqlite3.Row
        self._db.execute("pragma journal_mode = wal")
        self._db.execute("pragma synchronous = normal")
        self._db.execute("pragma busy_timeout = 5000")
        package = "pipeline_defs.local.providers.server"
        self._db.executescript(files(package).joinpath("schema.sql").read_text(encoding="utf-8"))

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._db.close()

    @contextmanager
    def transaction(self) -> Generator[sqlite3.Connection]:
        """All or nothing, one at a time."""
        with self._lock:
            self._db.execute("begin immediate")
            try:
                yield self._db
            except BaseException:
                self._db.execute("rollback")
                raise
            self._db.execute("commit")

    def rows(self, sql: str, parameters: tuple[Any, ...] = ()) -> list[dict[str, Any]]:
        """All rows of a query."""
        with self._lock, closing(self._db.execute(sql, parameters)) as cursor:
            return [dict(row) for row in cursor]

    def log(self, call: LoggedCall, kept: KeptAnswer | None = None) -> int:
        """Record a call and, together with it, the answer to keep. Returns the call's number."""
        values = {
            **asdict(call),
            "cost_usd": str(call.cost_usd),
            "at": datetime.now(UTC).isoformat(timespec="milliseconds"),
        }
        with self.transaction() as db:
            number = db.execute(_LOG_CALL, values).lastrowid or 0
            if kept is not None:
                db.execute(_KEEP_ANSWER, asdict(kept))
            if number % PRUNE_EVERY == 0:
                db.execute("delete from calls where n <= ?", (number - CALLS_KEPT,))
                db.execute(_PRUNE_ANSWERS, (ANSWERS_KEPT,))
        return number

    def kept(self, scope: str, key: str) -> KeptAnswer | None:
        """The answer given under a key, if any."""
        found = self.rows(
            "select scope, key, fingerprint, status, body, model from answers"
            " where scope = ? and key = ?",
            (scope, key),
        )
        return KeptAnswer(**found[0]) if found else None

    def calls(self) -> list[dict[str, Any]]:
        """The log, oldest first."""
        flags = ("billed", "replayed")
        return [
            {**row, **{name: bool(row[name]) for name in flags}, "cost_usd": float(row["cost_usd"])}
            for row in self.rows("select * from calls order by n")
        ]

    def totals(self) -> dict[str, dict[str, Any]]:
        """Per capability: calls, how many were billed and replayed, and what they cost."""
        found: dict[str, dict[str, Any]] = {}
        for row in self.rows("select capability, billed, replayed, cost_usd from calls"):
            total = found.setdefault(
                row["capability"],
                {"calls": 0, "billed": 0, "replayed": 0, "cost_usd": Decimal(0)},
            )
            total["calls"] += 1
            total["billed"] += row["billed"]
            total["replayed"] += row["replayed"]
            total["cost_usd"] += Decimal(row["cost_usd"])
        return {
            name: {**total, "cost_usd": float(total["cost_usd"])} for name, total in found.items()
        }

    def forget_calls(self) -> None:
        """Empty the log; answers given stay known."""
        with self.transaction() as db:
            db.execute("delete from calls")


def as_json(value: Any) -> str:
    """Compact JSON text."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


_LOG_CALL = """
insert into calls (at, path, capability, model, idempotency_key, billed, replayed, cost_usd,
                   input_tokens, output_tokens, status)
values (:at, :path, :capability, :model, :idempotency_key, :billed, :replayed, :cost_usd,
        :input_tokens, :output_tokens, :status)
"""
_KEEP_ANSWER = """
insert or ignore into answers (scope, key, fingerprint, status, body, model)
values (:scope, :key, :fingerprint, :status, :body, :model)
"""
_PRUNE_ANSWERS = "delete from answers where n <= (select max(n) from answers) - ?"
