"""Video jobs as rows: they outlive the process that works on them."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Literal

from pipeline_defs.local.providers.server.store import Store

Status = Literal["pending", "in_progress", "completed", "failed", "expired"]
Outcome = Literal["completed", "failed", "expired"]
JOBS_KEPT = 5000


@dataclass(frozen=True, slots=True)
class Job:
    """A clip that was ordered.

    `frame` and `content` are names of bodies: the first frame, the finished clip. `outcome` is what
    a fault script wants of it (`completed`, `failed`, `expired`), `error` why it gets no clip.
    """

    id: str
    model: str
    prompt: str
    seconds: int
    seed: int
    frame: str
    callback_url: str
    outcome: Outcome
    cost_usd: Decimal
    status: Status = "pending"
    error: str = ""
    content: str = ""
    called_back: bool = False
    created: str = ""

    @property
    def is_over(self) -> bool:
        """Whether nothing more will happen to it."""
        return self.status not in {"pending", "in_progress"}


class Jobs:
    """The table."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def add(self, job: Job) -> None:
        """A new job; one with this id that is there already stays as it is."""
        values = {**asdict(job), "cost_usd": str(job.cost_usd), "created": _now()}
        with self._store.transaction() as db:
            db.execute(_INSERT, values)
            db.execute(_PRUNE, (JOBS_KEPT,))

    def get(self, job_id: str) -> Job | None:
        """One job."""
        return next(iter(self._select("where id = ?", (job_id,))), None)

    def open(self) -> list[Job]:
        """What is not over, oldest first."""
        return self._select("where status in ('pending', 'in_progress') order by created, id")

    def open_count(self) -> int:
        """How many are not over."""
        rows = self._store.rows(
            "select count(*) as n from video_jobs where status in ('pending', 'in_progress')"
        )
        return int(rows[0]["n"])

    def not_called_back(self) -> list[Job]:
        """What is over and whose callback nobody has taken yet."""
        return self._select(
            "where status not in ('pending', 'in_progress')"
            " and callback_url <> '' and not called_back order by created, id"
        )

    def begin(self, job_id: str) -> None:
        """Somebody works on it."""
        self._update(job_id, status="in_progress")

    def finish(self, job_id: str, status: Status, *, content: str = "", error: str = "") -> Job:
        """It is over; returns it as it is now."""
        self._update(job_id, status=status, content=content, error=error)
        job = self.get(job_id)
        if job is None:
            raise LookupError(f"video job {job_id} is gone")
        return job

    def close_callback(self, job_id: str) -> None:
        """Its callback was taken, or given up."""
        self._update(job_id, called_back=1)

    def _update(self, job_id: str, **values: Any) -> None:
        sets = ", ".join(f"{name} = :{name}" for name in values)
        with self._store.transaction() as db:
            db.execute(f"update video_jobs set {sets} where id = :id", {**values, "id": job_id})  # noqa: S608 # our own names

    def _select(self, where: str, parameters: tuple[Any, ...] = ()) -> list[Job]:
        rows = self._store.rows(f"select * from video_jobs {where}", parameters)  # noqa: S608 # constants
        return [_job(row) for row in rows]


def _job(row: dict[str, Any]) -> Job:
    cost, called_back = Decimal(row.pop("cost_usd")), bool(row.pop("called_back"))
    return Job(**row, cost_usd=cost, called_back=called_back)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="microseconds")


_INSERT = """
insert or ignore into video_jobs (id, model, prompt, seconds, seed, frame, callback_url, outcome,
                                  error, cost_usd, created)
values (:id, :model, :prompt, :seconds, :seed, :frame, :callback_url, :outcome,
        :error, :cost_usd, :created)
"""
_PRUNE = """
delete from video_jobs where rowid <= (select max(rowid) from video_jobs) - ?
    and status not in ('pending', 'in_progress')
"""
