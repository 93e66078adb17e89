"""Finished units leave Dagster's partitions and return whole, whatever breaks in between."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import dagster as dg
import psycopg
import pytest

from pipeline_defs import policies
from pipeline_defs.domain.pages.requests import PageRequest
from pipeline_defs.runtime import presence
from pipeline_defs.runtime.dispatch import take_due
from pipeline_defs.runtime.lines import ARTICLE_LINE, LINES
from pipeline_defs.storage import articles, pages
from pipeline_defs.storage.database import Database
from pipeline_defs_tests.runtime.conftest import ORG, new_article
from pipeline_defs_tests.runtime.test_control import add_sections
from pipeline_defs_tests.runtime.test_dispatch import Runs

DRAFT = dg.AssetKey("section_draft")


class Instance:
    """Registers partitions as the gateway's client does, straight in an instance."""

    def __init__(self, instance: dg.DagsterInstance) -> None:
        self.instance = instance

    async def add_partitions(self, partitions: str, keys: Sequence[str]) -> None:
        self.instance.add_dynamic_partitions(partitions, list(keys))


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.ephemeral() as instance:
        yield instance


async def finished(
    db: Database, admin: psycopg.Connection, instance: dg.DagsterInstance, days: int
) -> str:
    """An article of three sections that has been finished for so long, as Dagster knows it."""
    unit = await new_article(db)
    await add_sections(db, unit, "completed", "completed", "completed")
    admin.execute(
        "insert into app.asset_versions (org_id, unit_id, asset, partition, data_version,"
        " code_version, input_hash, reported_at)"
        " values (%s, %s, 'article_outline', %s, 'v', 'c', 'h', now())",
        [ORG, unit, unit],
    )
    admin.execute("update app.units set status = 'generating' where id = %s", [unit])
    admin.execute(
        "update app.units set status = 'completed', dispatch_due_at = null,"
        " updated_at = now() - make_interval(days => %(days)s) where id = %(id)s",
        {"id": unit, "days": days},
    )
    instance.add_dynamic_partitions("articles", [unit])
    instance.add_dynamic_partitions("sections", parts(unit))
    return unit


def parts(unit: str) -> list[str]:
    return [f"{unit}/{number:02d}" for number in (1, 2, 3)]


def presence_of(admin: psycopg.Connection, unit: str) -> str:
    row = admin.execute("select dagster_presence from app.units where id = %s", [unit]).fetchone()
    assert row is not None
    return row[0]


async def test_what_finished_long_ago_leaves_and_stays_readable(
    db: Database, admin: psycopg.Connection, instance: dg.DagsterInstance
) -> None:
    old = await finished(db, admin, instance, days=31)
    young = await finished(db, admin, instance, days=29)
    assert await presence.retire(db, instance, LINES) == {"articles": 1}
    assert instance.get_dynamic_partitions("articles") == [young]
    assert instance.get_dynamic_partitions("sections") == parts(young)
    article = await db.transact(ORG, lambda tx: articles.required(tx, old))
    assert [section.key for section in article.sections] == parts(old)
    assert article.version("article_outline", old) is not None
    assert not await presence.retire(db, instance, LINES)


@pytest.mark.parametrize(("publish", "leaves"), [("none", True), ("draft", False)])
async def test_a_page_leaves_unless_it_waits_for_approval(
    db: Database,
    admin: psycopg.Connection,
    instance: dg.DagsterInstance,
    publish: str,
    leaves: bool,
) -> None:
    page = await finished_page(db, admin, publish)
    instance.add_dynamic_partitions("pages", [page])
    assert await presence.retire(db, instance, LINES) == ({"pages": 1} if leaves else {})
    assert instance.get_dynamic_partitions("pages") == ([] if leaves else [page])


async def finished_page(db: Database, admin: psycopg.Connection, publish: str) -> str:
    """A page that has been finished for a month, to be published or not."""
    request = PageRequest.model_validate(
        {
            "page_type": "category",
            "target_url": "https://shop.example/tents",
            "options": {"publish": publish},
        }
    )
    page = await db.transact(ORG, lambda tx: pages.create(tx, request, "tester"))
    admin.execute(
        "insert into app.asset_versions (org_id, unit_id, asset, partition, data_version,"
        " code_version, input_hash) values (%s, %s, 'page', %s, 'v', 'c', 'h')",
        [ORG, page, page],
    )
    for status in ("generating", "completed"):
        admin.execute(
            "update app.units set status = %s, dispatch_due_at = null,"
            " updated_at = now() - interval '31 days' where id = %s",
            [status, page],
        )
    return page


@pytest.mark.parametrize(
    "reason",
    [
        "dispatch_due_at = now() + interval '1 hour'",
        "claim_expires_at = now() + interval '1 minute'",
        "cancel_requested_at = now()",
        "status = 'queued'",
    ],
)
async def test_what_somebody_works_on_never_leaves(
    db: Database, admin: psycopg.Connection, instance: dg.DagsterInstance, reason: str
) -> None:
    unit = await finished(db, admin, instance, days=31)
    admin.execute(f"update app.units set {reason} where id = %s", [unit])  # noqa: S608
    assert not await presence.retire(db, instance, LINES)
    assert instance.get_dynamic_partitions("articles") == [unit]


async def test_it_returns_with_all_its_parts_in_order_and_is_told_again(
    db: Database, admin: psycopg.Connection, instance: dg.DagsterInstance
) -> None:
    unit = await finished(db, admin, instance, days=31)
    await presence.retire(db, instance, LINES)
    await db.transact(ORG, lambda tx: articles.resume(tx, unit, "tester"))
    admin.execute("update app.units set started_at = null")
    (due,) = await take_due(db, LINES, Runs(), most=5)
    assert due.absent
    assert not due.first, "a range of units that begin alike would not be contiguous"
    assert await presence.bring_back(db, Instance(instance), ORG, ARTICLE_LINE, unit)
    assert instance.get_dynamic_partitions("articles") == [unit]
    assert instance.get_dynamic_partitions("sections") == parts(unit)
    untold = await db.all(ORG, "assets.unreported", unit_id=unit)
    assert [row["asset"] for row in untold] == ["article_outline"]
    assert not await presence.bring_back(db, Instance(instance), ORG, ARTICLE_LINE, unit)


async def test_a_failure_of_dagster_in_between_is_repaired(
    db: Database,
    admin: psycopg.Connection,
    instance: dg.DagsterInstance,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    unit = await finished(db, admin, instance, days=31)
    remove = instance.delete_dynamic_partition

    def broken(space: str, key: str) -> None:
        if key == parts(unit)[1]:
            raise ConnectionResetError
        remove(space, key)

    with monkeypatch.context() as patched:
        patched.setattr(instance, "delete_dynamic_partition", broken)
        with pytest.raises(ConnectionResetError):
            await presence.retire(db, instance, LINES)
    assert presence_of(admin, unit) == "leaving"
    assert instance.get_dynamic_partitions("sections") == parts(unit)[1:]

    assert await presence.bring_back(db, Instance(instance), ORG, ARTICLE_LINE, unit)
    assert set(instance.get_dynamic_partitions("sections")) == set(parts(unit))
    admin.execute("update app.units set dagster_presence = 'leaving' where id = %s", [unit])
    assert await presence.retire(db, instance, LINES) == {"articles": 1}
    assert not instance.get_dynamic_partitions("sections")


async def test_the_events_of_what_left_long_ago_go_too(
    db: Database,
    admin: psycopg.Connection,
    instance: dg.DagsterInstance,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    gone, here = [await finished(db, admin, instance, days) for days in (61, 31)]
    for key in (*parts(gone), *parts(here)):
        instance.report_runless_asset_event(dg.AssetMaterialization(DRAFT, partition=key))
    await presence.retire(db, instance, LINES)
    assert await presence.forget(db, instance, LINES) == 1
    assert instance.get_materialized_partitions(DRAFT) == set(parts(here))
    assert (presence_of(admin, gone), presence_of(admin, here)) == ("forgotten", "left")
    monkeypatch.setattr(policies, "DAGSTER_HISTORY_DAYS", 30)
    assert await presence.forget(db, instance, LINES) == 1
    assert not instance.get_materialized_partitions(DRAFT)
