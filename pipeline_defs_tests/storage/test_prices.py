"""What a rebuild is expected to cost, by what the same things cost before."""

from __future__ import annotations

from typing import Any

from pipeline_defs import policies
from pipeline_defs.domain.graph import Node
from pipeline_defs.storage.database import Database, Transaction
from pipeline_defs.storage.prices import prices_of


async def test_prices_are_the_mean_of_the_last_that_were_paid_for(
    db: Database, units: dict[str, str]
) -> None:
    org, own = next(iter(units.items()))
    paid, free, never = Node("draft", "x/1"), Node("frame", "x/1"), Node("film", "x")

    async def made(asset: str, number: int, usd: float) -> None:
        async def put(tx: Transaction) -> Any:
            await tx.each(
                "assets.put",
                unit_id=own,
                asset=asset,
                partition=f"{own}/{number:03d}",
                data_version="v",
                code_version="c",
                input_hash="h",
                input_versions={},
                metadata={},
                cost_usd=usd,
                run_id=None,
            )

        await db.transact(org, put)

    async def prices(of: str = org) -> dict[Node, float | None]:
        return await db.transact(of, lambda tx: prices_of(tx, [paid, free, never]))

    assert await prices() == {paid: None, free: None, never: None}
    await made("draft", 1, 900.0)  # long ago: too many came after it
    for number in range(policies.PRICE_SAMPLES):
        await made("draft", number + 2, 1.0 + number % 2)
    await made("draft", 999, 0.0)  # was found in the ledger: says nothing of the price
    await made("frame", 1, 0.0)
    expected = sum(1.0 + n % 2 for n in range(policies.PRICE_SAMPLES)) / policies.PRICE_SAMPLES
    assert await prices() == {paid: expected, free: 0.0, never: None}
    other = next(name for name in units if name != org)
    assert await prices(other) == {paid: None, free: None, never: None}
