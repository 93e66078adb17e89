"""Two lines that exist only to be measured: a lecture-like unit, and jobs of no-op steps."""

from __future__ import annotations

from benchmarks.ours import numbers
from pipeline_defs.domain.kinds import Kind
from pipeline_defs.domain.states import Machine, machine
from pipeline_defs.domain.work import Work
from pipeline_defs.runtime.lines import Line, counted
from pipeline_defs.storage.database import Transaction

ASSETS = {"bench_lectures": "bench_lecture", "bench_jobs": "bench_job"}
MOVES = (
    ("queued", "generating"),
    ("generating", "completed | failed | cancelled"),
    ("completed | failed | cancelled", "queued"),
)
MACHINES: tuple[Machine, ...] = tuple(machine(kind, "queued", *MOVES) for kind in ASSETS)
KINDS = {
    moves.name: Kind(
        name=moves.name,
        noun="bench",
        part="",
        parts="",
        assets=(ASSETS[moves.name],),
        main_asset=ASSETS[moves.name],
        machine=moves,
    )
    for moves in MACHINES
}


def _line(kind: str, asset: str) -> Line:
    async def is_made(tx: Transaction, unit_id: str) -> bool:
        versions = await tx.all("assets.of_unit", unit_id=unit_id)
        return any(version["asset"] == asset for version in versions)

    async def next_work(tx: Transaction, unit_id: str) -> Work | None:
        if await is_made(tx, unit_id):
            return None
        return Work(f"make_{kind}", (asset,), kind, (unit_id,))

    async def settle(_tx: Transaction, _unit_id: str) -> None:
        """There are no parts."""

    async def resume(_tx: Transaction, _unit_id: str, _actor: str) -> None:
        """A failed measurement is not repeated."""

    async def rebuild(_tx: Transaction, _unit_id: str, _actor: str, _stale_too: bool) -> None:
        """Nor is one that is done."""

    async def graph(_tx: Transaction, _unit_id: str) -> None:
        """Nobody asks."""

    return Line(
        kind=KINDS[kind],
        next_work=next_work,
        settle=settle,
        resume=resume,
        rebuild=rebuild,
        count=counted(is_made, lambda made: (int(made), 1)),
        graph=graph,
        makers={},
        deadline=120,
        units_at_once=numbers.JOBS_AT_ONCE,
    )


LINES = {kind: _line(kind, asset) for kind, asset in ASSETS.items()}
