"""Files that nothing refers to leave the store after a day; every other file stays."""

from __future__ import annotations

import asyncio
import json
import os
import time
import tracemalloc
from pathlib import Path

import psycopg
import pytest

from pipeline_defs import policies
from pipeline_defs.domain.reconciliation import Finding
from pipeline_defs.gateways.blobs import BlobRef, BlobStore
from pipeline_defs.runtime.reconciling.blobs import Sweep, sweep
from pipeline_defs.storage.database import Database
from pipeline_defs_tests.runtime.conftest import ORG
from pipeline_defs_tests.runtime.reconciling.conftest import numbers

AGED = policies.BLOB_GRACE + 60
# JSON that may name files of the store: all of it is asked before one is removed.
NAMES_FILES = {
    ("calls", "transcript"): "(org_id, campaign_id, call_order, phone, respondent, transcript) "
    "values (%s, 'c', 1, '+12025550100', 'r', %s)",
    ("campaigns", "report"): "(org_id, id, goal, language, consent, time_zone, do_not_call, "
    "calls_per_minute, retries, retry_after_minutes, report) "
    "values (%s, 'c', '', 'en', '', 'UTC', '{}', 1, 0, 1, %s)",
    ("lecture_assets", "result"): "(org_id, lecture_id, partition, asset, result) "
    "values (%s, 'l', 'l', 'a', %s)",
    ("ledger", "result"): "(org_id, unit_id, partition, step, input_hash, status, fence, result) "
    "values (%s, 'u', 'p', 's', 'h', 'done', 1, %s)",
}
NAMES_NONE = {
    ("article_editions", "bibliography"),
    ("article_sections", "citations"),
    ("article_sections", "error_details"),
    ("article_sections", "key_points"),
    ("article_sections", "research"),
    ("articles", "outline_given"),
    ("asset_versions", "input_versions"),
    ("asset_versions", "metadata"),  # links to files of results
    ("audit_events", "detail"),
    ("calls", "error"),
    ("calls", "extraction"),
    ("keyword_figures", "figures"),
    ("lecture_assets", "error"),  # a lost file's hash
    ("lectures", "script_given"),
    ("organizations", "content_defaults"),
    ("page_stages", "detail"),
    ("page_stages", "error"),
    ("pages", "components"),
    ("pages", "context"),
    ("pages", "document"),
    ("pages", "draft"),
    ("pages", "draft_quality"),
    ("pages", "quality"),
    ("pages", "request"),
    ("products", "product"),
    ("progress_events", "event"),  # links to files of results
    ("reconciliations", "faults"),
    ("reconciliations", "findings"),
    ("units", "error"),
    ("utterances", "words"),
    ("verdicts", "verdict"),
    ("waits", "match"),
    ("wanting", "error"),  # a lost file's hash
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "blobs"


@pytest.fixture
def store(folder: Path) -> BlobStore:
    return BlobStore(folder.as_uri())


def age(path: Path, seconds: float = AGED) -> None:
    """As if it had been written so long ago."""
    then = time.time() - seconds
    os.utime(path, (then, then))


async def put(store: BlobStore, folder: Path, data: bytes, seconds: float = AGED) -> BlobRef:
    """A blob of that age."""
    ref = await store.put(data, "text/plain")
    age(folder / ref.path, seconds)
    return ref


def refer(admin: psycopg.Connection, place: tuple[str, str], ref: BlobRef) -> None:
    """A row that names the file somewhere inside of its JSON."""
    document = json.dumps({"tracks": [{"blob": ref.as_dict()}, {"text": ref.media_type}]})
    admin.execute("set session_replication_role = replica")  # no unit is needed
    admin.execute(f"insert into app.{place[0]} {NAMES_FILES[place]}", [ORG, document])  # pyright: ignore


def removed(swept: Sweep) -> dict[str, int]:
    return numbers(swept.findings(), "blobs_orphaned")


async def test_a_file_that_nothing_names_is_removed_after_a_day(
    db: Database, store: BlobStore, folder: Path
) -> None:
    orphan = await put(store, folder, b"orphan")
    fresh = await put(store, folder, b"its row is yet to come", policies.BLOB_GRACE - 60)
    swept = await sweep(db, store, "")
    assert removed(swept) == {"found": 1, "removed": 1, "removed_bytes": 6}
    assert not await store.exists(orphan)
    assert await store.exists(fresh)
    assert removed(await sweep(db, store, "")) == {}


@pytest.mark.parametrize("place", sorted(NAMES_FILES))
async def test_a_file_that_a_row_names_stays(
    db: Database, store: BlobStore, folder: Path, admin: psycopg.Connection, place: tuple[str, str]
) -> None:
    named, orphan = [await put(store, folder, data) for data in (b"named", b"orphan")]
    refer(admin, place, named)
    assert removed(await sweep(db, store, ""))["removed"] == 1
    assert await store.exists(named)
    assert not await store.exists(orphan)


def test_every_json_column_is_known_to_name_files_or_not(admin: psycopg.Connection) -> None:
    """A new one has to be decided on: app.blobs_referred has to ask it if it names files."""
    columns = admin.execute(
        "select table_name, column_name from information_schema.columns "
        "where table_schema = 'app' and data_type = 'jsonb'"
    ).fetchall()
    assert set(columns) == NAMES_FILES.keys() | NAMES_NONE


async def test_names_are_looked_up_by_indexes(admin: psycopg.Connection) -> None:
    admin.execute("set role pipeline_system")
    admin.execute("set enable_seqscan = off")  # the tables are empty: reading all costs nothing
    for table, column in NAMES_FILES:
        path = f"{column}, '$.**.sha256'"
        plan = admin.execute(
            f"explain select from app.{table} where jsonb_path_exists({path}) "  # pyright: ignore
            f"and jsonb_path_query_array({path}) ? 'x'"
        ).fetchall()
        assert "Bitmap Index Scan" in str(plan), table


async def test_content_put_again_before_its_row_is_committed_stays(
    db: Database, store: BlobStore, folder: Path
) -> None:
    """The same content was an orphan for long; nobody writes it anew, as it is there."""
    await put(store, folder, b"again")
    ref = await store.put(b"again", "text/plain")
    assert removed(await sweep(db, store, "")) == {}
    assert await store.get(ref) == b"again"


async def test_a_writer_and_a_sweep_at_once_never_lose_what_was_put(
    store: BlobStore, folder: Path
) -> None:
    before = time.time() - policies.BLOB_GRACE

    async def writer(data: bytes) -> None:
        await store.put(data, "text/plain")

    for round_ in range(150):
        data = str(round_).encode()
        ref = await put(store, folder, data)
        await asyncio.gather(
            *[writer(data) for _ in range(2)], *[store.discard(ref.path, before) for _ in range(2)]
        )
        assert await store.get(ref) == data, round_
    assert list(folder.rglob("*.tmp")) == []


async def test_temporary_files_of_dead_writers_are_removed(
    db: Database, store: BlobStore, folder: Path
) -> None:
    ref = await put(store, folder, b"x", 0)
    names = [".0123456789abcdef01234567.tmp", f"{ref.path[:6]}.0123456789abcdef01234567.tmp"]
    for name in names:
        (folder / name).write_bytes(b"half")
        age(folder / name)
    (folder / ".89abcdef0123456789abcdef.tmp").write_bytes(b"being written")
    (folder / "README").write_text("somebody else's")
    age(folder / "README")
    found = numbers((await sweep(db, store, "")).findings(), "blobs_unfinished")
    assert found == {"found": 2, "removed": 2, "removed_bytes": 8}
    assert (folder / "README").exists()
    assert (folder / ".89abcdef0123456789abcdef.tmp").exists()


async def test_a_store_that_is_mostly_unknown_here_is_left_alone(
    db: Database, store: BlobStore, folder: Path, admin: psycopg.Connection
) -> None:
    """Another copy of the product shares the bucket, or the database was restored from a backup."""
    refs = [await put(store, folder, str(n).encode()) for n in range(policies.BLOBS_UNKNOWN_LEAST)]
    refer(admin, ("ledger", "result"), refs[0])
    swept = await sweep(db, store, "")
    assert removed(swept) == {}
    assert Finding("blobs_foreign", found=len(refs) - 1) in swept.findings()
    assert all([await store.exists(ref) for ref in refs])


async def test_objects_are_listed_and_removed_alike(
    db: Database, admin: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(policies, "BLOB_GRACE", -60.0)  # what was put a moment ago has aged
    store = BlobStore("memory:///")
    named, orphan = [await store.put(data, "text/plain") for data in (b"named", b"orphan")]
    refer(admin, ("ledger", "result"), named)
    assert removed(await sweep(db, store, "")) == {"found": 1, "removed": 1, "removed_bytes": 6}
    assert await store.exists(named)
    assert not await store.exists(orphan)
    monkeypatch.setattr(policies, "BLOB_GRACE", 60.0)
    assert not await store.discard(named.path, time.time() - policies.BLOB_GRACE)


@pytest.mark.parametrize("scheme", ["file", "memory"])
async def test_a_sweep_that_is_stopped_goes_on_where_it_stopped(
    db: Database, folder: Path, monkeypatch: pytest.MonkeyPatch, scheme: str
) -> None:
    monkeypatch.setattr(policies, "BLOB_GRACE", -60.0)
    monkeypatch.setattr(policies, "BLOB_PAGE", 7)
    store = BlobStore(folder.as_uri() if scheme == "file" else "memory:///")
    for n in range(30):
        await store.put(str(n).encode(), "text/plain")
    monkeypatch.setattr(policies, "BLOBS_SWEEP_DEADLINE", -1.0)  # one page each
    after, sweeps, total = "", 0, 0
    while sweeps == 0 or after:
        swept = await sweep(db, store, after)
        after, sweeps, total = swept.after, sweeps + 1, total + removed(swept).get("removed", 0)
    assert (sweeps, total) == (6, 30)


async def test_a_large_store_takes_the_memory_of_a_page(
    db: Database, store: BlobStore, folder: Path
) -> None:
    """Peak memory at 3000 files as at 300: names and rows of one page."""
    peaks: list[int] = []
    made = 0
    for size in (600, 3000):
        while made < size:
            sha = BlobRef.of(str(made).encode(), "").path
            (folder / sha).parent.mkdir(parents=True, exist_ok=True)
            (folder / sha).write_bytes(b"")
            made += 1
        tracemalloc.start()
        await sweep(db, store, "")
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < 1.5 * peaks[0] + 200_000
