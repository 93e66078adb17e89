"""The demo: makes what is missing, reuses what is there, says where everything is."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from pipeline_defs.cli import demo_lines
from pipeline_defs.local.shop import catalogue
from pipeline_defs.local.stack import Stack
from pipeline_defs_tests.cli import worker
from pipeline_defs_tests.cli.conftest import GatewayThread, Pipeline

pytestmark = pytest.mark.timeout(60)  # a demo waits for its worker for ever


@dataclass
class RunningStack:
    """Stands for a stack that runs already, with the test's gateway."""

    url: str
    key: str

    def start(self, *_: object, **__: object) -> bool:
        """It was running."""
        return False

    def is_running(self) -> bool:
        """Always."""
        return True

    def status(self) -> dict[str, Any]:
        """Addresses, as of a real stack."""
        dagster = {"url": "http://dagster.example:3000"}
        gateway = {"url": self.url}
        return {"gateway": gateway, "dagster": dagster, "api_key": self.key, "services": []}


@pytest.fixture
def demo(
    pipeline: Pipeline, served: GatewayThread, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Pipeline:
    """Commands with a running stack and a demo of this test's own."""
    stack = RunningStack(served.world.url, served.world.keys["default"])
    monkeypatch.setattr(Stack, "here", lambda: stack)
    request = {"topic": f"Plants {tmp_path.name}", "sections": 2}
    demos = (demo_lines.UnitDemo("An article", "articles", lambda: request),)
    monkeypatch.setattr(demo_lines, "DEMOS", demos)
    return pipeline


def test_the_demo_is_made_once_and_shown_again(demo: Pipeline, served: GatewayThread) -> None:
    writing = served.begin(worker.work_once(served.world))
    first = demo("demo")
    assert first.exit_code == 0, first.output
    article_id = writing.result()
    for text in ("How plants eat light", "6 words", "Studio", "Dagster", f"show {article_id}"):
        assert text in first.stdout
    again = demo("demo", "--json")
    assert again.exit_code == 0, again.output
    (result,) = json.loads(again.stdout)["results"]
    assert (result["id"], result["reused"], result["words"]) == (article_id, True, 6)
    assert result["links"]["studio"].startswith(served.world.url)


def test_a_fresh_demo_is_another_article(demo: Pipeline, served: GatewayThread) -> None:
    ids: list[str] = []
    for options in ((), ("--fresh",)):
        writing = served.begin(worker.work_once(served.world))
        assert demo("demo", *options).exit_code == 0
        ids.append(writing.result())
    assert len(set(ids)) == 2


def test_a_failed_demo_ends_with_1_and_the_next_one_goes_on(
    demo: Pipeline, served: GatewayThread
) -> None:
    failing = served.begin(worker.fail_once(served.world))
    failed = demo("demo")
    assert failed.exit_code == 1
    assert "the quota is used up" in failed.stdout
    article_id = failing.result()
    writing = served.begin(worker.work_once(served.world))
    assert demo("demo").exit_code == 0
    assert writing.result() == article_id


def test_the_demos_of_the_product_are_acceptable_requests(
    pipeline: Pipeline, served: GatewayThread
) -> None:
    client = served.world.client()
    for demo in demo_lines.DEMOS:
        if isinstance(demo, demo_lines.UnitDemo):
            answer = served.do(client.post(f"/v1/{demo.kind}", json=dict(demo.request())))
            assert answer.status_code == 202, answer.text
            pipeline("cancel", answer.json()["id"])


def test_the_shops_feed_figures_and_batch_are_taken_as_they_are(
    pipeline: Pipeline, tmp_path: Path
) -> None:
    feed, figures, rows = (tmp_path / name for name in ("feed.csv", "figures.csv", "pages.csv"))
    feed.write_bytes(catalogue.products_csv("https://shop.example/images"))
    figures.write_bytes(catalogue.keywords_csv())
    rows.write_bytes(catalogue.pages_csv())
    assert "64 products" in pipeline("pages", "products", str(feed)).stdout
    assert "keywords are known" in pipeline("pages", "keywords", str(figures)).stdout
    batch = json.loads(pipeline("pages", "import", str(rows), "--json").stdout)
    assert (batch["total"], len(batch["job_ids"])) == (12, 12)
    shown = pipeline("pages", "cancel-batch", batch["id"]).stdout
    assert "12 cancelled" in shown
