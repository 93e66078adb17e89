"""What the month costs, as Prometheus is told: everybody's together, by line and provider."""

from __future__ import annotations

import math

import psycopg
from prometheus_client.parser import text_string_to_metric_families

from pipeline_defs_tests.web.gateways import World
from pipeline_defs_tests.web.writing import spend

Found = dict[tuple[str, frozenset[str]], float]


async def told(world: World) -> Found:
    """Values of the month by metric and values of labels."""
    text = (await world.client(None).get("/metrics")).text
    return {
        (sample.name, frozenset(sample.labels.values())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if sample.name.startswith(("pipeline_month", "pipeline_budgets"))
    }


async def test_the_month_and_its_budgets_are_told_of_all_organizations_together(
    world: World,
) -> None:
    limits = {"soft_usd": "0.5", "hard_usd": "1"}
    for org in ("default", "other"):
        (await world.client(org).put("/v1/budgets/articles", json=limits)).raise_for_status()
    for org, usd in (("default", 0.75), ("other", 1.25)):
        article = await world.article(org)
        await world.transact(lambda tx, a=article, u=usd: spend(tx, a, "write", u), org)
    # limits are compared when they are set, and with every call of a provider
    for org in ("default", "other"):
        (await world.client(org).put("/v1/budgets/articles", json=limits)).raise_for_status()
    found = await told(world)
    assert math.isnan(found.pop(("pipeline_month_forecast_usd", frozenset())))
    assert found == {
        ("pipeline_month_cost_usd", frozenset({"articles", "local"})): 2.0,
        ("pipeline_month_calls", frozenset({"articles", "local"})): 2.0,
        ("pipeline_budgets_reached", frozenset({"articles", "soft"})): 2.0,
        ("pipeline_budgets_reached", frozenset({"articles", "hard"})): 1.0,
    }


async def test_the_forecast_counts_with_what_all_organizations_spent_on_whole_days(
    world: World,
) -> None:
    for org, usd in (("default", 0.75), ("other", 1.25)):
        article = await world.article(org)
        await world.transact(lambda tx, a=article, u=usd: spend(tx, a, "write", u), org)
    with psycopg.connect(world.database.superuser_url) as connection:
        connection.execute("update app.usage set used_at = now() - interval '1 day'")
        row = connection.execute(
            """select extract(day from date_trunc('month', t) + interval '1 month' - interval '1 s')
                      - extract(day from t),
                      extract(day from t) > 1
               from (select now() at time zone 'UTC') n (t)"""
        ).fetchone()
    assert row is not None
    days_left, spent_this_month = row
    expected = 2.0 * (1 + int(days_left)) + (2.0 if spent_this_month else 0.0)
    found = await told(world)
    assert found["pipeline_month_forecast_usd", frozenset()] == expected
