"""The server's state in one SQLite file: the call log and the answers kept by idempotency key.

Large answers stand in files beside it (`bodies.py`).

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

from pipeline_defs.local.providers.server.bodies import Bodies
from pipeline_defs.local.providers.server.work import JSON

FILE = "local-providers.sqlite3"
BODIES = "bodies"
CALLS_KEPT = 50_000
ANSWERS_KEPT = 50_000
PRUNE_EVERY = 500  # calls
LARGE_BODY = 32_000  # bytes: from here on an answer is a file


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
    quantity: float = 0.0
    unit: str = ""


@dataclass(frozen=True, slots=True)
class KeptAnswer:
    """An answer given under an idempotency key; `body` is what was sent."""

    scope: str
    key: str
    fingerprint: str
    status: int
    body: bytes
    model: str
    media_type: str = JSON


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
        self._add_missing_columns()
        self.bodies = Bodies(folder / BODIES)

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

    def rows(
        self, sql: str, parameters: tuple[Any, ...] | dict[str, Any] = ()
    ) -> list[dict[str, Any]]:
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
        answer = self._row(kept) if kept is not None else None
        with self.transaction() as db:
            number = db.execute(_LOG_CALL, values).lastrowid or 0
            if answer is not None:
                db.execute(_KEEP_ANSWER, answer)
            if number % PRUNE_EVERY == 0:
                db.execute("delete from calls where n <= ?", (number - CALLS_KEPT,))
                db.execute(_PRUNE_ANSWERS, (ANSWERS_KEPT,))
        return number

    def kept(self, scope: str, key: str) -> KeptAnswer | None:
        """The answer given under a key, if any."""
        found = self.rows(
            "select scope, key, fingerprint, status, body, model, media_type, file from answers"
            " where scope = ? and key = ?",
            (scope, key),
        )
        if not found:
            return None
        row = found[0]
        file, text = row.pop("file"), row.pop("body")
        body = self.bodies.get(file) if file else text.encode()
        return KeptAnswer(body=body, **row) if body is not None else None

    def _row(self, kept: KeptAnswer) -> dict[str, Any]:
        """The answer as its table has it: small JSON in the row, all else in a file."""
        values = {name: getattr(kept, name) for name in ("scope", "key", "fingerprint", "status")}
        values |= {"model": kept.model, "media_type": kept.media_type}
        if kept.media_type == JSON and len(kept.body) < LARGE_BODY:
            return {**values, "body": kept.body.decode(), "file": ""}
        return {**values, "body": "", "file": self.bodies.put(kept.body)}

    def _add_missing_columns(self) -> None:
        """Bring a file of an earlier version up to date."""
        for table, column, kind in _LATER_COLUMNS:
            with closing(self._db.execute(f"pragma table_info({table})")) as cursor:
                known = {row["name"] for row in cursor}
            if column not in known:
                self._db.execute(f"alter table {table} add column {column} {kind}")

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


_LATER_COLUMNS = (
    ("calls", "quantity", "real not null default 0"),
    ("calls", "unit", "text not null default ''"),
    ("answers", "media_type", f"text not null default '{JSON}'"),
    ("answers", "file", "text not null default ''"),
)
_LOG_CALL = """
insert into calls (at, path, capability, model, idempotency_key, billed, replayed, cost_usd,
                   input_tokens, output_tokens, status, quantity, unit)
values (:at, :path, :capability, :model, :idempotency_key, :billed, :replayed, :cost_usd,
        :input_tokens, :output_tokens, :status, :quantity, :unit)
"""
_KEEP_ANSWER = """
insert or replace into answers (scope, key, fingerprint, status, body, model, media_type, file)
values (:scope, :key, :fingerprint, :status, :body, :model, :media_type, :file)
"""
_PRUNE_ANSWERS = "delete from answers where n <= (select max(n) from answers) - ?"
