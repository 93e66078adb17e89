"""An article from topic to published text, on the whole running product."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import pytest

from pipeline_defs.domain.articles import quality
from pipeline_defs.domain.articles.citations import normalized
from pipeline_defs.domain.reconciliation import LOSSES
from pipeline_defs_tests.journey import Journey, paid_twice
from pipeline_defs_tests.product import ProductStack


@pytest.fixture(scope="module")
def finished(user: Journey) -> dict:
    """An article with six sections, published as a draft."""
    return user.finished(user.create("Photosynthesis", 6, publish="draft"), seconds=60)


def test_sections_are_written_strictly_in_order(user: Journey, finished: dict) -> None:
    database_order: list[str] = []
    with user.api.stream("GET", f"/v1/progress/articles/{finished['id']}") as stream:
        for line in stream.iter_lines():
            match = re.search(r'"part": ?"[^"]+/(\d\d)".*?"stage": ?"(research|write)"', line)
            match = match or re.search(
                r'"stage": ?"(research|write)".*?"part": ?"[^"]+/(\d\d)"', line
            )
            if match:
                database_order.append("/".join(sorted(match.groups())))
            if '"completed"' in line:
                break
    orders = [entry.split("/")[0] for entry in database_order]
    assert orders == sorted(orders)
    assert len(set(orders)) == 6


def test_every_citation_has_a_span_in_the_research_of_its_own_section(
    user: Journey, finished: dict
) -> None:
    research = user.research_texts(finished["id"])
    for section in finished["sections"]:
        assert len(section["citations"]) >= 2, section["title"]
        for citation in section["citations"]:
            text = research[section["order"]][citation["url"]]
            assert normalized(citation["quote"]) in normalized(text)


def test_no_reference_dangles_and_none_stands_twice(finished: dict) -> None:
    article = finished["article"]
    numbers = {entry["number"] for entry in article["bibliography"]}
    cited = {int(n) for n in re.findall(r'href="#ref-(\d+)"', article["html"])}
    assert cited == numbers
    urls = [entry["url"] for entry in article["bibliography"]]
    assert len(urls) == len(set(urls))


def test_no_two_sections_repeat_each_other(finished: dict) -> None:
    texts = [re.sub(r"<[^>]+>", " ", section["html"]) for section in finished["sections"]]
    assert quality.most_similar(texts) < 0.2


def test_it_is_priced_and_published_as_a_draft(user: Journey, finished: dict) -> None:
    assert float(finished["cost_usd"]) > 0
    assert finished["publication"]["status"] == "draft"
    page = user.providers.get(finished["publication"]["link"])
    assert page.status_code == 200
    assert finished["title"] in page.text


def test_each_run_worked_alone(user: Journey, finished: dict) -> None:
    runs = sorted(user.runs_of(finished["id"]), key=lambda run: run["startTime"])
    assert [run["jobName"] for run in runs] == [
        "plan_article",
        "write_article_sections",
        "assemble_article",
    ]
    assert all(run["status"] == "SUCCESS" for run in runs)


def test_dagster_shows_every_section_as_materialized_and_fresh(
    user: Journey, finished: dict
) -> None:
    keys = [f"{finished['id']}/{n:02d}" for n in range(1, 7)]
    for asset in ("section_research", "section_draft"):
        assert set(keys) <= set(user.partitions(asset)["materializedPartitions"])
        assert {user.stale(asset, key) for key in keys} == {"FRESH"}
    assert user.stale("article", finished["id"]) == "FRESH"


def test_editing_a_section_turns_exactly_its_descendants_stale_and_a_rebuild_mends_them(
    user: Journey,
) -> None:
    article_id = user.create("Volcanoes", 3)
    before = user.finished(article_id)
    keys = [f"{article_id}/{n:02d}" for n in (1, 2, 3)]
    edit = user.api.patch(
        f"/v1/articles/{article_id}/sections/2", json={"title": "Ash, Gases and Air Traffic"}
    )
    assert edit.status_code == 200, edit.text
    assert [s["stale"] for s in user.unit(article_id)["sections"]] == [False, True, False]
    states = user.settled(lambda: [user.stale("section_research", k) for k in keys], 1, "STALE")
    assert states == ["FRESH", "STALE", "FRESH"], "Dagster shows the same"

    assert user.post(article_id, "rebuild", parts=[2]).status_code == 202
    rebuilt = user.finished(article_id)
    assert rebuilt["sections"][0]["html"] == before["sections"][0]["html"]
    assert rebuilt["sections"][1]["html"] != before["sections"][1]["html"]
    # the draft of section 2 is new, so section 3, which follows from it, is stale now
    assert [s["stale"] for s in rebuilt["sections"]] == [False, False, True]
    assert user.stale("section_research", f"{article_id}/03") == "STALE"
    assert user.stale("section_draft", f"{article_id}/01") == "FRESH"

    assert user.post(article_id, "rebuild").status_code == 202
    assert [s["stale"] for s in user.finished(article_id)["sections"]] == [False] * 3


def test_one_section_can_be_made_anew_from_the_dagster_ui(user: Journey) -> None:
    article_id = user.create("Sleep", 2)
    user.finished(article_id)
    calls_before = len(user.calls())
    key = f"{article_id}/02"
    plain = user.launch("write_article_sections", ["section_research", "section_draft"], key)
    assert user.run_ended(plain) == "SUCCESS"
    user.finished(article_id)
    assert len(user.calls()) == calls_before, "nothing changed, so nothing is paid"

    config = {"ops": {"section_texts": {"config": {"fresh": True}}}}
    fresh = user.launch("write_article_sections", ["section_draft"], key, config)
    assert user.run_ended(fresh) == "SUCCESS"
    user.wait(article_id, until=lambda a: a["status"] == "completed")
    assert len(user.calls()) == calls_before + 1, "one draft was written anew"


def test_a_failed_section_stops_the_article_and_a_backfill_from_the_ui_mends_it(
    user: Journey,
) -> None:
    user.faults({"match": {"body_contains": '\\"order\\":2'}, "action": {"refusal": "I will not."}})
    article_id = user.create("Coffee", 3)
    failed = user.wait(article_id)
    assert failed["status"] == "failed"
    assert [s["status"] for s in failed["sections"]] == ["completed", "failed", "pending"]
    assert failed["error"]["code"] == "REFUSED"
    assert failed["error"]["advice"]
    user.faults()
    failed_keys = user.partitions("section_draft")["failedPartitions"]
    assert f"{article_id}/02" in failed_keys
    user.backfill(["section_research", "section_draft"], [f"{article_id}/02", f"{article_id}/03"])
    done = user.wait(article_id, 120, until=lambda a: a["status"] == "completed")
    assert [s["status"] for s in done["sections"]] == ["completed"] * 3


def test_a_topic_the_corpus_does_not_cover_is_refused_in_words(user: Journey) -> None:
    failed = user.wait(user.create("Quarterly tax law of Liechtenstein", 2))
    assert failed["status"] == "failed"
    assert failed["error"]["code"] == "REFUSED"
    assert "Photosynthesis" in failed["error"]["message"]


def test_one_idempotency_key_fifty_times_at_once_is_one_article(user: Journey) -> None:
    def create(_n: int) -> tuple[int, str]:
        answer = user.api.post(
            "/v1/articles",
            json={"topic": "Bread Baking", "sections": 1},
            headers={"Idempotency-Key": "fifty-at-once"},
        )
        return answer.status_code, answer.json()["id"]

    with ThreadPoolExecutor(50) as pool:
        answers = list(pool.map(create, range(50)))
    assert {status for status, _ in answers} == {202}
    assert len({article_id for _, article_id in answers}) == 1
    article = user.finished(answers[0][1])
    assert len(user.runs_of(article["id"])) == 3


def test_two_runs_of_one_article_never_overlap(user: Journey) -> None:
    article_id = user.create("Bicycles", 2)
    user.finished(article_id)
    config = {"ops": {"section_texts": {"config": {"fresh": True}}}}
    key = f"{article_id}/01"
    runs = [user.launch("write_article_sections", ["section_draft"], key, config) for _ in range(2)]
    assert {user.run_ended(run, 90) for run in runs} == {"SUCCESS"}
    user.wait(article_id, until=lambda a: a["status"] == "completed")
    events = user.api.get(f"/v1/articles/{article_id}").json()["progress"]["stages"]
    assert events
    spans = _working_spans(user, article_id)
    assert all(end <= start for (_, end), (start, _) in pairwise(spans)), spans


def test_cancelling_in_the_middle_is_final_within_ten_seconds_and_resume_goes_on(
    user: Journey,
) -> None:
    user.faults({"match": {"capability": "text"}, "action": {"delay": 3.0}})
    article_id = user.create("Batteries", 3)
    user.wait(article_id, until=lambda a: any(s["status"] == "writing" for s in a["sections"]))
    assert user.post(article_id, "cancel").status_code in (200, 202)
    cancelled = user.wait(article_id, 10)
    assert cancelled["status"] == "cancelled"
    calls = len(user.calls())
    assert {s["status"] for s in cancelled["sections"]} <= {"pending", "completed", "researched"}
    user.faults()
    user.wait(article_id, 3, until=lambda _a: True)
    assert len(user.calls()) <= calls + 1, "at most the call in work when it was cancelled"
    assert user.post(article_id, "resume").status_code == 202
    user.finished(article_id)


def test_no_key_was_billed_twice_in_all_of_this(user: Journey) -> None:
    assert paid_twice(user.calls()) == []


def _working_spans(user: Journey, article_id: str) -> list[tuple[str, str]]:
    """(start, end) times of each piece of writing, from the progress events."""
    import json

    spans: list[tuple[str, str]] = []
    started = ""
    with user.api.stream("GET", f"/v1/progress/articles/{article_id}") as stream:
        for line in stream.iter_lines():
            if not line.startswith("data:"):
                continue
            event = json.loads(line[5:])
            if event.get("stage") == "write" and event.get("outcome") == "started":
                started = event["at"]
            if event.get("stage") == "write" and event.get("outcome") == "finished":
                spans.append((started, event["at"]))
            if event.get("status") == "completed" and len(spans) >= 4:
                break
    return spans


def test_a_pass_of_the_reconciler_tells_dagster_what_a_dead_worker_left_untold(
    user: Journey, stack: ProductStack, finished: dict
) -> None:
    """The whole way: command, API, Dagster's job, a warm worker, the report and its metrics."""
    user.sql(
        "update app.asset_versions set reported_at = null, made_at = now() - interval '1 hour' "
        "where asset = 'article' and partition = %s",
        finished["id"],
    )
    report = stack.json("reconcile", "--blobs")
    assert report["faults"] == {}
    found = {finding["loss"]: finding for finding in report["findings"]}
    assert found.keys() == LOSSES.keys()
    told = found["versions_unreported"]
    assert told["found"] == told["repaired"]  # none where the scheduled pass came before
    untold = "select count(*) from app.asset_versions where unit_id = %s and reported_at is null"
    assert user.sql(untold, finished["id"]) == 0
    assert found["blobs_orphaned"]["found"] == 0
    assert 'pipeline_reconciliation{loss="versions_unreported"' in user.api.get("/metrics").text
