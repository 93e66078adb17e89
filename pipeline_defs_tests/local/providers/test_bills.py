"""Bills over real HTTP beside what we counted: the same for our calls, more where others call."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest
from starlette.applications import Starlette

from pipeline_defs.domain.articles.drafts import OutlineDraft, OutlineTask
from pipeline_defs.domain.articles.models import ArticleRequest
from pipeline_defs.domain.articles.prompts import OUTLINE_INSTRUCTIONS, as_prompt
from pipeline_defs.gateways.bills import bill_sources
from pipeline_defs.gateways.catalog import load_catalog
from pipeline_defs.gateways.telephony.twilio import Twilio
from pipeline_defs.gateways.text.chained import ChainedText
from pipeline_defs.gateways.text.port import TextRequest
from pipeline_defs.gateways.usage import Usage
from pipeline_defs.local.providers.engines import Engines
from pipeline_defs.local.providers.server.store import FILE
from pipeline_defs.runtime.bill_collection import collect_bills
from pipeline_defs.settings import Settings
from pipeline_defs.storage import articles
from pipeline_defs.storage.database import Database
from pipeline_defs_tests.local.providers.client import KEY, Providers, chat_body
from pipeline_defs_tests.local.providers.conftest import served
from pipeline_defs_tests.local.providers.telephone import NO_ANSWER, OURS, TALKER, exchange
from pipeline_defs_tests.servers import TestDatabase

TODAY = datetime.now(UTC).date()
ROUNDING = Decimal("0.000001")


def settings_of(url: str, **more: Any) -> Settings:
    values = {"local_providers_url": url, "local_providers_key": KEY, **more}
    return Settings(_env_file=None, **values)  # pyright: ignore[reportCallIssue]


CATALOG = load_catalog(settings_of("http://local.test").providers_file)


@pytest.fixture
async def db(database: TestDatabase) -> AsyncIterator[Database]:
    """As a worker sees it, with one organization."""
    with psycopg.connect(database.superuser_url, autocommit=True) as admin:
        admin.execute("insert into app.organizations (org_id, name) values ('acme', 'Acme')")
    async with Database.open(database.app_url) as opened:
        yield opened


async def outlined(settings: Settings) -> tuple[Usage, ...]:
    """A call by our own adapter."""
    async with ChainedText(settings, CATALOG) as text:
        answer = await text.generate(
            TextRequest(
                instructions=OUTLINE_INSTRUCTIONS,
                prompt=as_prompt(OutlineTask(topic="Volcanoes", sections=3), ""),
                answer=OutlineDraft,
                purpose="outline",
                max_output_tokens=2000,
                timeout=30,
                idempotency_key="ours",
                final_try=True,
            )
        )
    return answer.usage


async def booked(db: Database, used: tuple[Usage, ...]) -> None:
    request = ArticleRequest(topic="Volcanoes", sections=3)
    unit_id = await db.transact("acme", lambda tx: articles.create(tx, request, "test"))
    for number, usage in enumerate(used):
        await db.each(
            "acme",
            "usage.add",
            unit_id=unit_id,
            kind="articles",
            asset="article_outline",
            partition=unit_id,
            step="outline",
            capability=usage.capability,
            provider=usage.provider,
            model=usage.model,
            input_tokens=usage.input_tokens,
            output_tokens=usage.output_tokens,
            quantity=usage.quantity,
            quantity_unit=usage.unit,
            cost_usd=usage.cost_usd,
            cost_source=usage.cost_source,
            idempotency_key=f"k{number}",
        )


async def compared(db: Database, day: date, provider: str) -> dict[str, Any]:
    rows = await db.all(None, "bills.compared", since=day, until=day)
    [row] = [row for row in rows if row["provider"] == provider]
    return row


async def test_our_calls_are_billed_as_we_count_them_and_those_of_others_stand_out(
    app: Starlette, db: Database
) -> None:
    async with served(app) as url, httpx.AsyncClient(base_url=url, trust_env=False) as http:
        settings = settings_of(url)
        used = await outlined(settings)
        assert {usage.provider for usage in used} == {"local:openai"}
        await booked(db, used)
        assert await collect_bills(db, settings, CATALOG) == {}
        row = await compared(db, TODAY, "local:openai")
        assert row["ours_usd"] > 0
        assert abs(row["theirs_usd"] - row["ours_usd"]) <= ROUNDING

        # somebody uses the key behind our back
        await Providers(http).outline("Coffee", key="theirs")
        await collect_bills(db, settings, CATALOG)
        [stranger] = [
            call for call in await Providers(http).calls() if call["idempotency_key"] == "theirs"
        ]
        row = await compared(db, TODAY, "local:openai")
        unknown = row["theirs_usd"] - row["ours_usd"]
        assert unknown > 0
        assert abs(unknown - Decimal(str(stranger["cost_usd"]))) <= ROUNDING


async def test_openrouter_tells_days_that_are_over(
    app: Starlette, db: Database, tmp_path: Path
) -> None:
    yesterday = TODAY - timedelta(days=1)
    async with served(app) as url, httpx.AsyncClient(base_url=url, trust_env=False) as http:
        for key, topic in (("one", "Tea"), ("two", "Coffee")):
            body = chat_body(OutlineTask(topic=topic, sections=3), OutlineDraft)
            answer = await Providers(http).post("/openrouter/api/v1/chat/completions", body, key)
            assert answer.status_code == 200, answer.text
        with sqlite3.connect(tmp_path / "state" / FILE) as state:
            [[billed]] = state.execute("select count(*) from calls where billed").fetchall()
            state.execute("update calls set at = ? where n = 1", (f"{yesterday}T12:00:00.000",))
        assert billed == 2
        await collect_bills(db, settings_of(url), CATALOG)
        calls = await Providers(http).calls()
    row = await compared(db, yesterday, "local:openrouter")
    assert abs(row["theirs_usd"] - Decimal(str(calls[0]["cost_usd"]))) <= ROUNDING
    assert row["ours_usd"] == 0
    assert await db.all(None, "bills.compared", since=TODAY, until=TODAY) == []


async def test_costs_come_in_pages_and_a_faulty_answer_stops_nobody_else(
    app: Starlette, db: Database
) -> None:
    async with served(app) as url, httpx.AsyncClient(base_url=url, trust_env=False) as http:
        await Providers(http).outline()
        openai, *_ = bill_sources(settings_of(url), CATALOG)
        days = await openai.days(TODAY - timedelta(days=40), TODAY)
        assert len(days) == 41
        assert days[TODAY] == sum(days.values()) > 0
        costs = {"path_regex": "/organization/costs$"}
        await Providers(http).faults({"match": costs, "action": {"status": 403}})
        failed = await collect_bills(db, settings_of(url), CATALOG)
    assert list(failed) == ["local:openai"]
    assert not failed["local:openai"].retryable


async def test_twilio_bills_the_minutes_we_count(tmp_path: Path, engines: Engines) -> None:
    async with exchange(tmp_path / "exchange", engines) as telephone:
        settings = settings_of(telephone.url)
        talked = await telephone.over((await telephone.place(TALKER)).sid)
        unanswered = await telephone.over((await telephone.place(NO_ANSWER)).sid)
        assert unanswered.status == "no-answer"
        *_, source = bill_sources(settings, CATALOG)
        assert source.endpoint.label == "local:twilio"
        days = await source.days(TODAY - timedelta(days=2), TODAY)
        # the exchange's own client understands the answer, too
        records = await telephone.asked(
            lambda: telephone.client.usage.records.daily.list(
                category="calls", start_date=TODAY, end_date=TODAY
            )
        )
    [usage] = Twilio(source.endpoint, CATALOG.models["twilio:voice"], OURS).bill(
        int(talked.duration)
    )
    assert sorted(days) == [TODAY - timedelta(days=2), TODAY - timedelta(days=1), TODAY]
    assert days[TODAY] == usage.cost_usd > 0
    assert sum(days.values()) == days[TODAY]
    assert [Decimal(str(record.price)) for record in records] == [days[TODAY]]


def test_a_real_provider_is_asked_only_with_a_key_that_reads_bills() -> None:
    real = {
        "openai_api_key": "sk-calls",
        "openrouter_api_key": "sk-or-calls",
        "local_providers_url": None,
    }
    assert bill_sources(settings_of("", **real), CATALOG) == ()
    keys = {"openai_admin_key": "sk-admin", "openrouter_management_key": "sk-or-manages"}
    sources = bill_sources(settings_of("", **real, **keys), CATALOG)
    assert [source.endpoint.label for source in sources] == ["openai", "openrouter"]
    assert [source.endpoint.bearer["Authorization"] for source in sources] == [
        "Bearer sk-admin",
        "Bearer sk-or-manages",
    ]
