"""Many pages of several organizations, a failing provider, a worker killed twice: none lost."""

from __future__ import annotations

import random
import signal
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime
from itertools import groupby
from typing import Any

import httpx
import pytest

from pipeline_defs import policies
from pipeline_defs.domain.api_keys import ApiKey
from pipeline_defs_tests.journey import Journey, paid_twice
from pipeline_defs_tests.paging import product_page
from pipeline_defs_tests.product import ProductStack

ERRORS = 0.05
PRIORITIES = ("HIGH", "NORMAL", "LOW")


def test_thirty_pages_of_three_organizations_survive_two_kills(product: ProductStack) -> None:
    with Journey(product) as user, organizations(user) as clients:
        pages_survive(user, clients, 30, seconds=200)


@pytest.mark.slow
def test_a_thousand_pages_of_three_organizations_survive_two_kills(
    product: ProductStack,
) -> None:
    with Journey(product) as user, organizations(user) as clients:
        pages_survive(user, clients, 1000, seconds=1500)


def pages_survive(
    user: Journey, clients: dict[str, httpx.Client], count: int, seconds: float
) -> None:
    """Queue them, kill the worker twice on the way, and look at what became of all."""
    user.faults({"match": {"capability": "text"}, "action": {"status": 503}, "probability": ERRORS})
    chance = random.Random(count)
    ids: dict[str, list[str]] = {org: [] for org in clients}
    for number in range(count):
        org = chance.choice(list(clients))
        request = product_page(10_000 + number, priority=chance.choice(PRIORITIES))
        ids[org].append(created(clients[org], request))
    for share in (0.2, 0.5):
        wait_until_final(clients, ids, share * count, seconds)
        user.product.signal("worker", signal.SIGKILL)
    late = created(clients["anna"], product_page(9_000, priority="HIGH"))
    waiting = set(without_turn(user, "anna")) - {late}
    ids["anna"].append(late)
    wait_until_final(clients, ids, count + 1, seconds)
    user.faults()
    every = [job for org in clients for job in jobs(clients[org])]
    assert Counter(job["status"] for job in every) == {"completed": count + 1}
    assert sorted(job["id"] for job in every) == sorted(i for some in ids.values() for i in some)
    assert paid_twice(user.calls()) == []
    assert made_twice(user) == 0
    started = {job["id"]: datetime.fromisoformat(job["started_at"]) for job in every}
    behind = [i for i in waiting if priority_of(every, i) == "NORMAL"]
    early = {i: started[late] - started[i] for i in behind if started[i] < started[late]}
    assert not early, f"began before the urgent one: {early}"
    shares_are_kept(every, clients, ids)


@contextmanager
def organizations(user: Journey) -> Iterator[dict[str, httpx.Client]]:
    """Three new ones."""
    with ExitStack() as stack:
        yield {
            org: stack.enter_context(organization(user, org)) for org in ("anna", "bert", "cleo")
        }


def organization(user: Journey, org: str) -> httpx.Client:
    """A new organization with a key of its own."""
    key = ApiKey.new()
    user.sql(
        "insert into app.organizations (org_id, name) values (%s, %s) on conflict do nothing",
        org,
        org.capitalize(),
    )
    user.sql(
        "insert into app.api_keys (org_id, key_id, secret_hash, name) values (%s, %s, %s, 'test')",
        org,
        key.key_id,
        key.secret_hash,
    )
    headers = {"Authorization": f"Bearer {key.text}"}
    return httpx.Client(base_url=user.product.gateway_url, headers=headers, timeout=20)


def created(client: httpx.Client, request: dict[str, Any]) -> str:
    answer = client.post("/v1/pages", json=request)
    assert answer.status_code == 202, answer.text
    return answer.json()["id"]


def jobs(client: httpx.Client, **filters: str) -> list[dict[str, Any]]:
    """All jobs of an organization that fit."""
    found: list[dict[str, Any]] = []
    cursor = None
    while True:
        parameters = {**filters, "limit": 200, **({"next": cursor} if cursor else {})}
        page = client.get("/v1/queue/jobs", params=parameters).json()
        found += page["items"]
        cursor = page["next"]
        if cursor is None:
            return found


def wait_until_final(
    clients: dict[str, httpx.Client], ids: dict[str, list[str]], wanted: float, seconds: float
) -> None:
    give_up = time.monotonic() + seconds
    total = sum(len(some) for some in ids.values())
    while True:
        open_ones = sum(client.get("/v1/queue").json()["total"] for client in clients.values())
        if total - open_ones >= wanted:
            return
        assert time.monotonic() < give_up, f"{open_ones} of {total} are still open"
        time.sleep(0.5)


def made_twice(user: Journey) -> int:
    """Steps of pages that were finished more than once: the ledger keeps one entry of each.

    Other tests share the stack, and segments of a lecture may have a step and its input in common.
    """
    return user.sql(
        "select count(*) from (select unit_id, step, input_hash from app.ledger "
        "where status = 'done' and starts_with(unit_id, 'page-') "
        "group by 1, 2, 3 having count(*) > 1) twice"
    )


def without_turn(user: Journey, org: str) -> list[str]:
    """Pages that wait and were not given one of the places in work already: a worker that is killed
    before it begins leaves such a page waiting, with its place."""
    return user.sql(
        "select coalesce(array_agg(id), '{}') from app.generation_queue "
        "where org_id = %s and status = 'pending' and turn_at is null",
        org,
    )


def priority_of(every: list[dict[str, Any]], page_id: str) -> str:
    return next(job["priority"] for job in every if job["id"] == page_id)


def shares_are_kept(
    every: list[dict[str, Any]], clients: dict[str, httpx.Client], ids: dict[str, list[str]]
) -> None:
    """While all three have something waiting, none gets much more than its third of the turns."""
    owner = {i: org for org, some in ids.items() for i in some}
    order = [owner[job["id"]] for job in sorted(every, key=lambda job: job["started_at"])]
    least = min(len(some) for some in ids.values())
    shared = order[: 2 * least]  # then the smallest may have run out
    counts = Counter(shared)
    assert min(counts.values()) >= len(shared) / len(clients) * 0.6, counts
    longest = max(len(list(run)) for _, run in groupby(shared))
    assert longest <= 4 * policies.PAGES_AT_ONCE
