"""Budgets tell once, costs are summed by anything, bills are the operator's to see."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import psycopg
import pytest

from pipeline_defs.domain.costs import DIMENSIONS, CostQuestion
from pipeline_defs.storage import budgets
from pipeline_defs.storage.database import Database, Transaction

TODAY = datetime.now(UTC).date()
CALL: dict[str, Any] = {
    "kind": "articles",
    "asset": "section_draft",
    "partition": "p",
    "step": "write",
    "capability": "text",
    "provider": "openai",
    "model": "m",
    "input_tokens": 10,
    "output_tokens": 5,
    "quantity": 0,
    "quantity_unit": "",
    "cost_source": "computed",
}


class Spender:
    """Books calls for units of organizations."""

    def __init__(self, db: Database, units: dict[str, str]) -> None:
        self.db, self.units, self.calls = db, units, 0

    async def spend(self, usd: str, org: str = "acme", **other: Any) -> None:
        async def add(tx: Transaction) -> None:
            self.calls += 1
            key = f"k{self.calls}"
            call = {**CALL, "unit_id": self.units[org], "idempotency_key": key, **other}
            await tx.each("usage.add", cost_usd=Decimal(usd), **call)
            await budgets.tell_reached(tx, call["kind"], call["unit_id"])

        await self.db.transact(org, add)


@pytest.fixture
def spender(db: Database, units: dict[str, str]) -> Spender:
    return Spender(db, units)


async def actions(db: Database, org: str = "acme") -> list[str]:
    none = dict.fromkeys(("before", "actor", "unit_id", "since", "until"))
    rows = await db.all(org, "audit.listed", **none, action="budgets", most=50)
    return [row["action"].removeprefix("budgets.") for row in reversed(rows)]


async def set_budget(db: Database, line: str, soft: str | None, hard: str | None) -> None:
    limits = [None if usd is None else Decimal(usd) for usd in (soft, hard)]
    await db.transact("acme", lambda tx: budgets.put(tx, line, limits[0], limits[1], "key:1"))


async def test_each_limit_is_told_once_and_a_raised_one_again(
    db: Database, spender: Spender, units: dict[str, str]
) -> None:
    await set_budget(db, "articles", "1", "3")
    await spender.spend("0.9")
    assert await actions(db) == ["changed"]
    await spender.spend("0.1")
    await spender.spend("0.5")
    assert await actions(db) == ["changed", "soft_limit_reached"]
    await spender.spend("1.5")
    assert (await actions(db))[2:] == ["hard_limit_reached"]
    await set_budget(db, "articles", "2", "9")
    assert (await actions(db))[3:] == ["changed", "soft_limit_reached"], "2 are spent already"
    events = await db.all("acme", "progress.after", unit_id=units["acme"], seq=1, most=9)
    assert [event["event"]["stage"] for event in events] == ["budget", "budget"]


async def test_a_line_has_its_own_budget_and_the_organizations_covers_all(
    db: Database, spender: Spender
) -> None:
    await set_budget(db, "articles", None, "2")
    await set_budget(db, "lectures", None, "2")
    await set_budget(db, "", "4", None)
    await spender.spend("2")
    await spender.spend("1", kind="pages")
    await spender.spend("50", org="other")

    async def states(line: str | None) -> dict[str, str]:
        found = await db.transact("acme", lambda tx: budgets.standing(tx, line))
        return {budget.line: budget.state for budget in found}

    assert await states("articles") == {"": "within", "articles": "hard"}
    assert await states("lectures") == {"": "within", "lectures": "within"}
    await spender.spend("1", kind="pages")
    assert await states(None) == {"": "soft", "articles": "hard", "lectures": "within"}
    counts = await db.all(None, "budgets.counts_everywhere")
    assert {(row["line"], row["level"]): row["budgets"] for row in counts} == {
        ("", "soft"): 1,
        ("articles", "hard"): 1,
    }
    await set_budget(db, "articles", None, None)
    assert await states("articles") == {"": "soft"}


async def test_what_was_spent_last_month_counts_for_nothing(
    db: Database, spender: Spender, admin: psycopg.Connection
) -> None:
    await set_budget(db, "", None, "1")
    await spender.spend("5")
    admin.execute("update app.usage set used_at = date_trunc('month', now()) - interval '1 second'")
    standing = await db.transact("acme", budgets.standing)
    assert [(budget.state, budget.spent_usd) for budget in standing] == [("within", 0)]


async def test_costs_are_summed_by_anything_and_filtered_by_anything(
    db: Database, spender: Spender, units: dict[str, str], admin: psycopg.Connection
) -> None:
    await spender.spend("1", cost_source="reported")
    await spender.spend("2", asset="section_research", provider="perplexity", model="sonar")
    await spender.spend("4", kind="lectures", asset="segment_clip", model="v")
    admin.execute("update app.usage set used_at = now() - interval '2 days' where model = 'v'")
    await spender.spend("100", org="other")
    since = TODAY - timedelta(days=6)

    async def summed(*by: Any, days: tuple[date, date] = (since, TODAY), **filters: Any) -> Any:
        wanted = CostQuestion(by, *days, **filters)
        return await db.all("acme", "usage.grouped", **wanted.parameters(), most=50)

    [total] = await summed()
    assert (total["cost_usd"], total["calls"], total["reported_usd"]) == (7, 3, 1)
    for name in DIMENSIONS:
        rows = await summed(name)
        assert sum(row["cost_usd"] for row in rows) == 7, name
        assert all(row[name] is not None for row in rows), name
        if name != "day":
            for row in rows:
                [only] = await summed(**{name: row[name]})
                assert only["cost_usd"] == row["cost_usd"], name
    assert [(r["line"], r["asset"], r["cost_usd"]) for r in await summed("line", "asset")] == [
        ("lectures", "segment_clip", 4),
        ("articles", "section_research", 2),
        ("articles", "section_draft", 1),
    ]
    assert {r["unit"] for r in await summed("unit")} == {units["acme"]}
    [today] = await summed("day", days=(TODAY, TODAY))
    assert (today["day"], today["cost_usd"], today["total_usd"]) == (TODAY, 3, 3)


async def test_bills_and_other_organizations_are_the_operators_to_see(
    db: Database, spender: Spender, admin: psycopg.Connection
) -> None:
    admin.execute("update app.organizations set is_operator = (org_id = 'acme')")
    days = {"since": TODAY, "until": TODAY}
    await spender.spend("1")
    await spender.spend("2", org="other")
    await spender.spend("8", org="other", provider="silent")
    await db.run(None, "bills.put", provider="openai", day=TODAY, cost_usd=Decimal("3.5"))
    await db.run(None, "bills.put", provider="openai", day=TODAY, cost_usd=Decimal("3.4"))
    [bill] = await db.all("acme", "bills.compared", **days)
    assert (bill["provider"], bill["ours_usd"], bill["theirs_usd"]) == ("openai", 3, Decimal("3.4"))
    assert await db.all("other", "bills.compared", **days) == []
    everybody = await db.all("acme", "usage.by_organization", **days)
    assert {row["organization"]: row["cost_usd"] for row in everybody} == {"acme": 1, "other": 10}
    own = await db.all("other", "usage.by_organization", **days)
    assert [row["organization"] for row in own] == ["other"]
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        await db.transact(
            "acme", lambda tx: tx._connection.execute("select * from app.provider_costs")
        )
    assert (await db.one("other", "organizations.is_operator")) == {"is_operator": False}


async def test_sums_by_any_dimension_read_the_index_alone(
    db: Database, spender: Spender, admin: psycopg.Connection
) -> None:
    """With two million calls the table itself took four times as long."""
    await spender.spend("1")
    columns = admin.execute("select pg_get_indexdef('app.usage_by_day'::regclass)").fetchone()
    assert columns is not None
    summed = ("kind", "unit_id", "asset", "provider", "model", "cost_usd", "cost_source")
    assert [name for name in summed if name not in columns[0]] == []


async def test_a_day_is_told_by_line_with_what_a_finished_unit_cost(
    db: Database, spender: Spender, admin: psycopg.Connection, units: dict[str, str]
) -> None:
    await spender.spend("1")
    await spender.spend("2", org="other")
    admin.execute("alter table app.units disable trigger unit_transition")
    admin.execute("update app.units set status = 'completed', finished_at = now()")
    rows = await db.all(None, "usage.of_day", day=TODAY)
    assert [(r["kind"], r["spent_usd"], r["finished"], r["usd_per_unit"]) for r in rows] == [
        ("articles", 3, 2, Decimal("1.5"))
    ]
