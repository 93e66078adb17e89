"""Pages that say nearly the same are found among all of an organization."""

from __future__ import annotations

import random

import psycopg
from psycopg.types.json import Jsonb

from pipeline_defs.domain.pages.requests import PageRequest
from pipeline_defs.storage import page_signatures, pages
from pipeline_defs.storage.database import Database

VOCABULARY = [f"word{n}" for n in range(3000)]
REQUEST = PageRequest(page_type="category", target_url="https://shop.example/tents")


def text(seed: int, words: int = 400) -> str:
    return " ".join(random.Random(seed).choices(VOCABULARY, k=words))


async def stored(db: Database, shows: str, org: str = "acme") -> str:
    """A finished page that shows this text."""
    page_id = await db.transact(org, lambda tx: pages.create(tx, REQUEST, "tester"))
    document = Jsonb({"text": shows})
    await db.run(org, "pages.put_document", id=page_id, document=document, quality=None)
    await db.transact(org, lambda tx: page_signatures.put(tx, page_id, shows))
    return page_id


async def nearest(
    db: Database, shows: str, page_id: str = "new", org: str = "acme"
) -> page_signatures.Neighbour | None:
    return await db.transact(org, lambda tx: page_signatures.nearest(tx, page_id, shows))


async def test_the_most_similar_page_is_found_with_its_exact_similarity(db: Database) -> None:
    shared = text(1, 300)
    half = await stored(db, f"{shared} {text(2, 150)}")
    most = await stored(db, f"{shared} {text(3, 30)}")
    for seed in range(10, 20):
        await stored(db, text(seed))
    found = await nearest(db, f"{shared} {text(4, 20)}")
    assert found is not None
    assert found.page_id == most != half
    assert 0.8 < found.jaccard < 0.9


async def test_a_page_is_not_like_itself_nor_like_another_organizations(db: Database) -> None:
    page = await stored(db, text(1))
    await stored(db, text(1), org="other")
    assert await nearest(db, text(1), page) is None
    found = await nearest(db, text(1))
    assert found is not None
    assert (found.page_id, found.jaccard) == (page, 1.0)


async def test_a_new_text_takes_the_place_of_the_old(
    db: Database, admin: psycopg.Connection
) -> None:
    page = await stored(db, text(1))
    await db.transact("acme", lambda tx: page_signatures.put(tx, page, text(2)))
    assert await nearest(db, text(1)) is None
    rows = admin.execute("select count(*) from app.page_signatures").fetchone()
    assert rows == (42,)
    await db.transact("acme", lambda tx: page_signatures.put(tx, page, "too short"))
    assert admin.execute("select count(*) from app.page_signatures").fetchone() == (0,)


async def test_a_page_that_is_removed_is_found_no_longer(
    db: Database, admin: psycopg.Connection
) -> None:
    page, gone = await stored(db, text(1)), await stored(db, text(2))
    await db.transact("acme", lambda tx: page_signatures.remove(tx, page))
    admin.execute("delete from app.units where id = %s", [gone])
    assert await nearest(db, text(1)) is None
    assert await nearest(db, text(2)) is None


async def test_a_text_without_runs_is_like_nothing(db: Database) -> None:
    await stored(db, "too short")
    assert await nearest(db, "too short") is None


async def test_candidates_are_found_by_the_index(db: Database, admin: psycopg.Connection) -> None:
    """Not by reading the signatures of every page, also under row-level security."""
    await stored(db, text(1))
    admin.execute(
        "insert into app.units (org_id, id, kind, status, created_by) "
        "select 'acme', 'p' || n, 'pages', 'queued', 't' from generate_series(1, 500) n"
    )
    admin.execute(
        "insert into app.pages (org_id, id, request) "
        "select 'acme', 'p' || n, '{}' from generate_series(1, 500) n"
    )
    admin.execute(
        "insert into app.page_signatures (org_id, page_id, band, hash) select 'acme', 'p' || n, b, "
        "n * 1000 + b from generate_series(1, 500) n, generate_series(0, 41) b"
    )
    admin.execute("analyze app.page_signatures")

    async def plan(tx: object) -> str:
        from pipeline_defs.storage.queries import statement

        bands, hashes = list(range(42)), list(range(1000, 1042))
        cursor = await tx._connection.execute(  # type: ignore[attr-defined]
            b"explain " + statement("page_signatures.candidates"),
            {"page_id": "new", "bands": bands, "hashes": hashes, "most": 20},
        )
        return "\n".join(row["QUERY PLAN"] for row in await cursor.fetchall())

    assert "signatures_by_band" in await db.transact("acme", plan)
