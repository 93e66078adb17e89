"""Budgets of an organization and its lines: set, compared with what was spent, told."""

from __future__ import annotations

from decimal import Decimal

from pipeline_defs.domain.budgets import Budget
from pipeline_defs.storage import units
from pipeline_defs.storage.database import Transaction

TELLER = "pipeline"  # the actor that notes a limit as reached


async def standing(tx: Transaction, line: str | None = None) -> list[Budget]:
    """The organization's budgets of this month, its own first; those that cover `line` if given."""
    rows = await tx.all("budgets.standing", line=line)
    return [Budget(**row) for row in rows]


async def put(
    tx: Transaction, line: str, soft_usd: Decimal | None, hard_usd: Decimal | None, actor: str
) -> None:
    """Set both limits of a line, or of the whole organization; without any the budget is gone."""
    if soft_usd is None and hard_usd is None:
        await tx.run("budgets.remove", line=line)
    else:
        await tx.run("budgets.put", line=line, soft_usd=soft_usd, hard_usd=hard_usd)
    await units.audit(
        tx,
        actor,
        "budgets.changed",
        None,
        line=line or "organization",
        soft_usd=_text(soft_usd),
        hard_usd=_text(hard_usd),
    )
    await tell_reached(tx, line or None, None)


async def tell_reached(tx: Transaction, line: str | None, unit_id: str | None) -> None:
    """Note each limit that is reached, once a month: in the trail, and for Studio and metrics.

    `unit_id`: whose call reached it; whoever follows that unit is told too.
    """
    for row in await tx.all("budgets.note_reached", line=line):
        whose = Budget(row["line"], None, None, row["spent_usd"]).whose
        await units.audit(
            tx,
            TELLER,
            f"budgets.{row['level']}_limit_reached",
            unit_id,
            line=row["line"] or "organization",
            limit_usd=_text(row["limit_usd"]),
            spent_usd=_text(row["spent_usd"]),
        )
        if unit_id is not None:
            units.append_progress(
                tx,
                unit_id,
                stage="budget",
                outcome="finished",
                message=f"{whose.capitalize()} reached the {row['level']} limit of "
                f"{_text(row['limit_usd'])} USD this month",
            )


def _text(usd: Decimal | None) -> str | None:
    return None if usd is None else f"{usd.normalize():f}"
