"""The examples of docs/flow-control.md do what they say."""

from __future__ import annotations

import ast
import asyncio
import inspect
import re
import subprocess
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest
from redis.asyncio import Redis

from pipeline_defs.runtime.claims import Claim
from pipeline_defs.runtime.permits import Permits
from pipeline_defs.runtime.rates import Rates
from pipeline_defs.storage.database import Database
from pipeline_defs_tests.runtime.conftest import ORG
from pipeline_defs_tests.servers import TestDatabase
from pipeline_defs_tests.web.gateways import running_world, settings_for

PAGE = Path(__file__).resolve().parents[2] / "docs" / "flow-control.md"
SECTION = re.compile(r"^## (.+)$", re.MULTILINE)
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks(language: str) -> dict[str, str]:
    """The examples of the page by the heading they stand under."""
    preface, *rest = SECTION.split(PAGE.read_text())
    sections = {"": preface, **dict(zip(rest[::2], rest[1::2], strict=True))}
    return {
        heading: "".join(code for kind, code in BLOCK.findall(text) if kind == language)
        for heading, text in sections.items()
        if any(kind == language for kind, _ in BLOCK.findall(text))
    }


EXAMPLES = blocks("python")
PREFACE = EXAMPLES.pop("")


async def run(code: str, names: dict[str, Any]) -> None:
    """Execute code that may await."""
    compiled = compile(code, str(PAGE), "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    if compiled.co_flags & inspect.CO_COROUTINE:
        await eval(compiled, names)  # noqa: S307
    else:
        exec(compiled, names)  # noqa: S102


@pytest.fixture
def pass_time(admin: psycopg.Connection) -> Callable[[float], Awaitable[None]]:
    """As if all that is stored had come so much earlier."""

    async def passed(seconds: float) -> None:
        moved = {
            "inbox": ("received_at", "flow_since", "due_at", "taken_at"),
            "waits": ("began_at", "since", "until"),
        }
        for table, columns in moved.items():
            changes = ", ".join(f"{c} = {c} - make_interval(secs => %(s)s)" for c in columns)
            admin.execute(f"update app.{table} set {changes}", {"s": seconds})  # noqa: S608

    return passed


@pytest.mark.parametrize("heading", EXAMPLES)
async def test_an_example_does_what_it_says(
    heading: str,
    db: Database,
    redis: Redis,
    redis_url: str,
    unit: str,
    pass_time: Callable[[float], Awaitable[None]],
) -> None:
    rates = Rates(redis_url)
    async with Permits.open(redis) as permits:
        names: dict[str, Any] = {
            "database": db,
            "org": ORG,
            "unit": unit,
            "permits": permits,
            "rates": rates,
            "claim": Claim(ORG, unit, "articles", "generating", 1),
            "pass_time": pass_time,
        }
        await run(PREFACE, names)
        await run(EXAMPLES[heading], names)
    await rates.aclose()


async def test_approval_is_a_state_and_nobody_is_held_until_it_comes(
    database: TestDatabase, redis_url: str, tmp_path: Path
) -> None:
    async with running_world(settings_for(database, redis_url, tmp_path), database) as world:
        article = await world.article()
        await world.outlined(article, ["A"])
        await world.finish(article, "completed")
        held = await world.transact(lambda tx: tx.one("units.lock", id=article))
        assert held is not None
        assert (held["status"], held["claim_holder"]) == ("completed", None)
        assert held["dispatch_due_at"] is None
        environment = {
            "PATH": "/usr/local/bin:/usr/bin:/bin",
            "GATEWAY_URL": world.url,
            "ARTICLE": article,
            "KEY": world.keys["default"],
        }
        done = await asyncio.to_thread(
            subprocess.run,
            ["bash", "-c", blocks("sh")["Human approval"]],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        queued = await world.transact(lambda tx: tx.one("units.lock", id=article))
        assert queued is not None
        assert queued["status"] == "queued"
        assert queued["dispatch_due_at"] is not None
        row = await world.transact(lambda tx: tx.one("articles.get", id=article))
        assert row is not None
        assert row["publish"] == "draft"


def test_every_mechanism_has_its_section_and_every_link_of_the_table_leads_to_one() -> None:
    text = PAGE.read_text()
    anchors = {h.lower().replace(" ", "-") for h in SECTION.findall(text)}
    links = set(re.findall(r"\]\(#([a-z-]+)\)", text))
    assert len(links) == 10
    assert links <= anchors
    assert set(EXAMPLES) | {"Human approval"} == {
        h for h in SECTION.findall(text) if h != "Limits of all this"
    }
