"""Creating articles and acting on them, against a real gateway without Dagster."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, get_args

import pytest

from pipeline_defs.domain.articles.models import RebuildRequest
from pipeline_defs.domain.kinds import ARTICLES
from pipeline_defs.domain.languages import LANGUAGES, Language
from pipeline_defs_tests.cli import worker
from pipeline_defs_tests.cli.conftest import GatewayThread, Pipeline


@pytest.fixture
def finished(served: GatewayThread) -> str:
    """A finished article of two sections."""
    article_id = served.do(served.world.article())
    served.do(worker.write(served.world, article_id))
    return article_id


def read(pipeline: Pipeline, article_id: str) -> dict[str, Any]:
    """The article as `show --json` prints it."""
    return json.loads(pipeline("show", article_id, "--json").stdout)


def test_choices_of_options_are_those_of_the_product() -> None:
    assert get_args(Language) == tuple(LANGUAGES)
    for asset in ARTICLES.assets:
        RebuildRequest.model_validate({"assets": [asset]})


def test_a_new_article_is_answered_with_its_id_and_can_be_cancelled(pipeline: Pipeline) -> None:
    created = pipeline("article", "new", "Tides", "--sections", "3", "--json")
    assert created.exit_code == 0, created.output
    accepted = json.loads(created.stdout)
    assert accepted["links"]["self"] == f"/v1/articles/{accepted['id']}"
    assert accepted["id"] in pipeline("list", "--status", "queued").stdout
    cancelled = pipeline("cancel", accepted["id"], "--wait", "--json")
    assert cancelled.exit_code == 0
    assert json.loads(cancelled.stdout)["status"] == "cancelled"


def test_an_outline_from_a_file_is_sent_as_it_is(pipeline: Pipeline, tmp_path: Path) -> None:
    outline = tmp_path / "outline.md"
    outline.write_text("# Plants\n## Light: pigments\n## Sugar\n## Air\n")
    arguments = ("article", "new", "Plants", "--outline", str(outline), "--publish", "draft")
    accepted = json.loads(pipeline(*arguments, "--language", "de", "--json").stdout)
    article = read(pipeline, accepted["id"])
    assert (article["language"], article["publish"]) == ("de", "draft")
    stages = {stage["name"]: stage["total"] for stage in article["progress"]["stages"]}
    assert stages["sections"] == 3
    pipeline("cancel", accepted["id"])


def test_the_same_idempotency_key_gives_the_same_article(pipeline: Pipeline) -> None:
    def create(topic: str) -> tuple[int, dict[str, Any]]:
        result = pipeline("--json", "article", "new", topic, "--idempotency-key", "once")
        return result.exit_code, json.loads(result.stdout)

    first, again, other = create("Tides"), create("Tides"), create("Moons")
    assert first == again
    assert other == (
        1,
        {
            "error": {
                "code": "IDEMPOTENCY_CONFLICT",
                "message": "This Idempotency-Key was used for another request.\n"
                "Use a new key for a new request.",
            }
        },
    )
    pipeline("cancel", first[1]["id"])


def test_waiting_shows_every_message_and_ends_with_the_summary(
    pipeline: Pipeline, served: GatewayThread
) -> None:
    writing = served.begin(worker.work_once(served.world, pace=0.1))
    result = pipeline("article", "new", "How plants eat", "--wait")
    assert result.exit_code == 0, result.output
    article_id = writing.result()
    for message in ("Queued", "Section 1: 3 words", "Section 2: 3 words", "Completed"):
        assert result.stdout.count(message) == 1
    assert "How plants eat light" in result.stdout
    assert "6 words · 1 reference" in result.stdout
    assert f"pipeline show {article_id} --markdown" in result.stdout


def test_waiting_with_json_prints_one_document(pipeline: Pipeline, served: GatewayThread) -> None:
    writing = served.begin(worker.work_once(served.world))
    result = pipeline("article", "new", "How plants eat", "--wait", "--json")
    article = json.loads(result.stdout)
    assert article["id"] == writing.result()
    assert article["status"] == "completed"
    assert "Section 1: 3 words" in result.stderr


def test_a_failed_article_ends_the_wait_with_1_and_advice(
    pipeline: Pipeline, served: GatewayThread
) -> None:
    failing = served.begin(worker.fail_once(served.world))
    result = pipeline("article", "new", "Quota", "--wait")
    assert result.exit_code == 1
    assert "Section 1: the quota is used up (QUOTA)" in result.stdout
    assert "Buy credits." in result.stdout
    article_id = failing.result()
    assert f"pipeline resume {article_id} --wait" in result.stdout
    assert pipeline("show", article_id, "--wait").exit_code == 1
    assert "pending" in pipeline("show", article_id).stdout

    again = served.begin(worker.fail_once(served.world))
    resumed = pipeline("resume", article_id, "--wait", "--json")
    assert resumed.exit_code == 1
    assert json.loads(resumed.stdout)["error"]["advice"] == "Buy credits."
    assert again.result() == article_id


def test_show_gives_the_sections_and_on_request_the_text(pipeline: Pipeline, finished: str) -> None:
    shown = pipeline("show", finished).stdout
    assert "Sugar" in shown
    assert "completed" in shown
    markdown = pipeline("show", finished, "--markdown").stdout
    assert markdown == "# How plants eat light\n\nPlants use light.[2J\n"  # cannot clear a screen
    assert pipeline("show", finished, "--html").stdout == "<h1>How plants eat light</h1>\n"
    assert read(pipeline, finished)["sections"][0]["word_count"] == 3


def test_an_edited_section_is_stale_until_it_is_rebuilt(
    pipeline: Pipeline, served: GatewayThread, finished: str
) -> None:
    edited = pipeline("edit", f"{finished}/1", "--title", "Sunlight", "--notes", "colours")
    assert edited.exit_code == 0, edited.output
    section = read(pipeline, finished)["sections"][0]
    assert (section["title"], section["notes"], section["stale"]) == ("Sunlight", "colours", True)
    writing = served.begin(worker.work_once(served.world))
    rebuilt = pipeline("rebuild", finished, "--wait", "--json")
    assert writing.result() == finished
    assert rebuilt.exit_code == 0, rebuilt.output
    assert not any(section["stale"] for section in json.loads(rebuilt.stdout)["sections"])
    assert rebuilt.stderr.count("Completed") == 1  # nothing of the first generation


def test_one_section_can_be_rebuilt_and_a_busy_article_not(
    pipeline: Pipeline, finished: str
) -> None:
    rebuilt = pipeline("rebuild", f"{finished}/2", "--asset", "section_draft", "--fresh", "--json")
    assert rebuilt.exit_code == 0, rebuilt.output
    article = json.loads(rebuilt.stdout)
    statuses = [section["status"] for section in article["sections"]]
    assert (article["status"], statuses) == ("queued", ["completed", "pending"])
    busy = pipeline("rebuild", finished)
    assert busy.exit_code == 1
    assert "is queued." in busy.stderr
    assert "Wait until it is finished, or cancel it first." in busy.stderr
    pipeline("cancel", finished)


def test_approval_asks_for_publication(pipeline: Pipeline, finished: str) -> None:
    approved = pipeline("approve", finished, "--publish", "--json")
    article = json.loads(approved.stdout)
    assert (article["publish"], article["status"]) == ("publish", "queued")
    pipeline("cancel", finished)


def test_lists_costs_and_the_queue_have_their_shapes(pipeline: Pipeline, finished: str) -> None:
    listed = json.loads(pipeline("list", "--status", "completed", "--limit", "1", "--json").stdout)
    assert [item["status"] for item in listed["items"]] == ["completed"]
    assert finished in pipeline("list").stdout
    queue = json.loads(pipeline("queue", "--json").stdout)
    assert queue["kinds"]["articles"]["completed"] >= 1
    assert "completed" in pipeline("queue").stdout
    cost = json.loads(pipeline("cost", finished, "--json").stdout)
    assert (cost["id"], cost["items"]) == (finished, [])
    assert "$0.00" in pipeline("cost", finished).stdout
    days = json.loads(pipeline("cost", "--days", "7", "--by", "day,asset", "--json").stdout)
    assert days["by"] == ["day", "asset"]
    assert "so far" in pipeline("cost").stdout
    pipeline("budget", "lectures", "--soft", "5", "--hard", "10")
    assert "$5.00" in pipeline("budget").stdout
    pipeline("budget", "lectures", "--none")
    trail = json.loads(pipeline("audit", "--action", "budgets", "--json").stdout)["items"]
    assert [entry["detail"]["hard_usd"] for entry in trail[:2]] == [None, "10"]
    assert finished in pipeline("audit", finished).stdout


def test_a_backfill_that_queued_nothing_is_not_listed(pipeline: Pipeline) -> None:
    planned = json.loads(pipeline("backfill", "--dry-run", "--json").stdout)
    assert (planned["id"], planned["dry_run"]) == (None, True)
    assert json.loads(pipeline("backfills", "--json").stdout) == {"items": [], "next": None}
    assert "No backfill has queued anything yet." in pipeline("backfills").stdout
