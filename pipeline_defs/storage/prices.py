"""What making something would cost, by what it cost before."""

from __future__ import annotations

from collections.abc import Collection

from pipeline_defs import policies
from pipeline_defs.domain.graph import Node
from pipeline_defs.storage.database import Transaction


async def prices_of(tx: Transaction, nodes: Collection[Node]) -> dict[Node, float | None]:
    """USD for each node: the mean of the organization's last results of the same asset that were
    paid for, 0 where it was made before and never cost anything, None where it was never made."""
    rows = await tx.all(
        "assets.typical_costs",
        assets=sorted({node.asset for node in nodes}),
        samples=policies.PRICE_SAMPLES,
    )
    typical = {row["asset"]: float(row["cost_usd"]) for row in rows}
    return {node: typical.get(node.asset) for node in nodes}
