"""Deciding about pages and changing them by the command line, against a real gateway."""

from __future__ import annotations

import json
from typing import Any

import pytest

from pipeline_defs_tests.cli.conftest import GatewayThread, Pipeline
from pipeline_defs_tests.web.paging_world import AWAY, Shop


@pytest.fixture
def shop(served: GatewayThread) -> Shop:
    return Shop(served.world)


@pytest.fixture
def finished(served: GatewayThread, shop: Shop) -> str:
    """A finished page that waits for approval."""
    return served.do(shop.finished(options={"publish": "draft"}))


def read(pipeline: Pipeline, page_id: str) -> dict[str, Any]:
    """The page as `show --json` prints it."""
    return json.loads(pipeline("show", page_id, "--json").stdout)


def test_a_page_that_waits_for_approval_says_so_and_is_approved(
    pipeline: Pipeline, served: GatewayThread, shop: Shop, finished: str
) -> None:
    shown = pipeline("show", finished).stdout
    version = read(pipeline, finished)["approval"]["version"]
    assert f"Waiting for approval of version {version}" in shown
    assert f"approve {finished}" in shown
    assert "prices as of 2026-11-20 06:30" in shown
    assert "waits for approval" in pipeline("queue", "jobs").stdout
    approved = pipeline("approve", finished, "--publish", "--json")
    assert approved.exit_code == 0, approved.output
    assert json.loads(approved.stdout)["approval"]["publish"] == "publish"
    link = served.do(shop.published(finished, "publish"))
    assert link in pipeline("show", finished).stdout


def test_another_version_than_the_one_that_was_looked_at_is_not_approved(
    pipeline: Pipeline, finished: str
) -> None:
    refused = pipeline("approve", finished, "--version", "0123456789abcdef")
    assert refused.exit_code == 1
    assert "another document by now" in refused.stderr
    assert "Look at it again" in refused.stderr


def test_a_page_is_rejected_with_a_reason(pipeline: Pipeline, finished: str) -> None:
    rejected = pipeline("reject", finished, "Too long.", "--json")
    assert rejected.exit_code == 0, rejected.output
    assert json.loads(rejected.stdout)["approval"]["state"] == "rejected"
    assert "Rejected: Too long." in pipeline("show", finished).stdout


def test_a_page_without_a_document_is_not_decided_about(
    pipeline: Pipeline, served: GatewayThread, shop: Shop
) -> None:
    page_id = served.do(shop.queued())
    refused = pipeline("approve", page_id)
    assert refused.exit_code == 1
    assert "no finished document" in refused.stderr
    pipeline("cancel", page_id)


def test_what_was_asked_of_a_page_is_changed(pipeline: Pipeline, finished: str) -> None:
    arguments = ("--keyword", "winter tents", "--topic", "Snow", "--publish", "none", "--json")
    changed = pipeline("pages", "edit", finished, *arguments)
    assert changed.exit_code == 0, changed.output
    request = json.loads(changed.stdout)["request"]
    assert (request["keywords"], request["metadata"]["topic"]) == (["winter tents"], "Snow")
    assert request["options"]["publish"] == "none"
    nothing = pipeline("pages", "edit", finished)
    assert (nothing.exit_code, "Nothing to change" in nothing.stderr) == (2, True)
    faulty = pipeline("pages", "edit", finished, "--url", "nowhere")
    assert faulty.exit_code == 2
    assert "--url" in faulty.stderr


def test_a_new_page_may_be_asked_to_be_published(pipeline: Pipeline) -> None:
    arguments = ("guide", "https://shop.example/guide", "--topic", "Tents", "--publish", "draft")
    created = pipeline("pages", "new", *arguments, "--json")
    assert created.exit_code == 0, created.output
    page_id = json.loads(created.stdout)["id"]
    assert read(pipeline, page_id)["request"]["options"]["publish"] == "draft"
    pipeline("cancel", page_id)


def test_lists_of_the_queue_go_on_behind_what_the_api_gives_at_once(
    pipeline: Pipeline, served: GatewayThread, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipeline_defs.cli.listing.PAGE", 2)
    batch_id, ids = served.do(shop.batch("Winter", [f"Tents {n}" for n in range(5)]))
    of_batch = ("--batch", batch_id, "--limit")
    whole = pipeline("queue", "jobs", *of_batch, "5", "--json")
    assert [job["id"] for job in json.loads(whole.stdout)["items"]] == ids
    assert "There are more: raise --limit." in pipeline("queue", "jobs", *of_batch, "3").stdout
    for page_id in ids:
        served.do(shop.fails(page_id))
    failed = json.loads(pipeline("queue", "failed", *of_batch, "4", "--json").stdout)
    assert [letter["id"] for letter in failed["items"]] == ids[:0:-1]
    assert "There are more" in pipeline("queue", "failed", *of_batch, "4").stdout


def test_only_what_may_succeed_and_failed_lately_is_replayed(
    pipeline: Pipeline, served: GatewayThread, shop: Shop
) -> None:
    batch_id, [refused, away] = served.do(shop.batch("Spring", ["Tents", "Stoves"]))
    served.do(shop.fails(refused))
    served.do(shop.fails(away, AWAY))
    own = ("queue", "replay", "--batch", batch_id, "--json")
    for filters, found in (
        (("--since", "2999-01-01T00:00:00Z"), []),
        (("--retryable", "--since", "2020-01-01T00:00:00Z"), [away]),
        (("--not-retryable",), [refused]),
    ):
        assert json.loads(pipeline(*own, *filters).stdout)["replayed"] == found


def test_jobs_of_a_batch_are_listed_by_their_rows(
    pipeline: Pipeline, served: GatewayThread, shop: Shop
) -> None:
    batch_id, ids = served.do(shop.batch("Autumn", [f"Tents {n}" for n in range(5)]))
    listed = json.loads(pipeline("queue", "jobs", "--batch", batch_id, "--json").stdout)
    assert [(job["batch_row"], job["id"]) for job in listed["items"]] == list(enumerate(ids, 1))
    pipeline("pages", "cancel-batch", batch_id)
