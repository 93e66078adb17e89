"""Approval and publication of pages on the whole running product, with a real blog."""

from __future__ import annotations

from itertools import count
from typing import Any

import pytest

from pipeline_defs_tests.journey import Journey, paid_twice
from pipeline_defs_tests.paging import product_page

NUMBERS = count(300)
# The first page says from now on what the second one says.
TWIN = """
with twin as (select %s::text as id, %s::text as of), said as (
    update app.pages p set document = o.document
    from twin, app.pages o where p.id = twin.id and o.id = twin.of)
update app.page_signatures s set hash = o.hash
from twin, app.page_signatures o
where s.page_id = twin.id and o.page_id = twin.of and o.band = s.band
"""
CHECKED = """
query Checked($key: AssetKeyInput!, $check: String!) {
  assetCheckExecutions(assetKey: $key, checkName: $check, limit: 100) {
    evaluation {
      success partition description
    }
  }
}"""


@pytest.fixture
def waiting(user: Journey) -> dict[str, Any]:
    """A finished page that waits for approval; another one for each test."""
    page_id = user.page(**product_page(next(NUMBERS), options={"publish": "draft"}))
    return user.finished(page_id)


def posts(user: Journey) -> list[dict[str, Any]]:
    """What was written to the blog."""
    return [c for c in user.calls() if c["capability"] == "publishing" and c["billed"]]


def approve(user: Journey, page: dict[str, Any], **more: Any) -> Any:
    return user.post(page["id"], "approve", version=page["approval"]["version"], **more)


def test_a_page_is_published_once_it_is_approved_and_not_before(
    user: Journey, waiting: dict[str, Any]
) -> None:
    before = len(posts(user))
    assert (waiting["approval"]["state"], waiting["publication"]) == ("waiting", None)
    assert approve(user, waiting).status_code == 202
    assert approve(user, waiting).status_code == 202  # a second click
    page = user.finished(waiting["id"])
    assert page["publication"]["status"] == "draft"
    assert page["publication"]["current"]
    assert len(posts(user)) == before + 1
    post = user.providers.get(page["publication"]["link"])
    assert page["document"]["headline"] in post.text
    assert user.stale("page_publication", waiting["id"]) == "FRESH"
    assert page["progress"]["percentage"] == 100


def test_a_run_by_hand_publishes_nothing_that_is_not_approved(
    user: Journey, waiting: dict[str, Any]
) -> None:
    before = len(posts(user))
    run_id = user.launch("generate_pages", ["page", "page_publication"], waiting["id"])
    assert user.run_ended(run_id) == "SUCCESS"
    page = user.finished(waiting["id"])
    assert (page["approval"]["state"], page["publication"]) == ("waiting", None)
    assert len(posts(user)) == before


def test_a_lost_answer_of_the_blog_publishes_nothing_twice(
    user: Journey, waiting: dict[str, Any]
) -> None:
    before = len(posts(user))
    lost = {"match": {"capability": "publishing"}, "action": {"lost_answer": True}, "times": 2}
    user.faults(lost)
    approve(user, waiting)
    page = user.finished(waiting["id"])
    user.faults()
    assert paid_twice(user.calls()) == []
    ids = {call["path"] for call in posts(user)[before:]}
    link = page["publication"]["link"]
    assert user.providers.get(link).status_code == 200
    listed = user.providers.get("/wordpress/").text
    assert listed.count(page["document"]["headline"]) == 1, ids


def test_a_blog_that_refuses_fails_the_publication_alone_and_resuming_mends_it(
    user: Journey, waiting: dict[str, Any]
) -> None:
    user.faults({"match": {"capability": "publishing"}, "action": {"status": 403}})
    approve(user, waiting)
    failed = user.wait(waiting["id"])
    user.faults()
    assert failed["status"] == "failed"
    assert failed["document"] == waiting["document"]
    assert failed["approval"]["state"] == "approved"
    assert user.post(waiting["id"], "resume").status_code == 202
    assert user.finished(waiting["id"])["publication"]["status"] == "draft"


def test_a_page_that_was_made_anew_updates_its_post_once_that_is_approved(
    user: Journey, waiting: dict[str, Any]
) -> None:
    approve(user, waiting)
    first = user.finished(waiting["id"])
    edit = {"keywords": ["something quite different"]}
    assert user.api.patch(f"/v1/pages/{waiting['id']}", json=edit).status_code == 200
    assert user.post(waiting["id"], "rebuild").status_code == 202
    again = user.finished(waiting["id"])
    assert again["approval"]["state"] == "waiting"
    assert (again["publication"]["link"], again["publication"]["current"]) == (
        first["publication"]["link"],
        False,
    )
    approve(user, again, status="publish")
    after = user.finished(waiting["id"])
    assert (after["publication"]["status"], after["publication"]["current"]) == ("publish", True)
    assert after["publication"]["link"] == first["publication"]["link"]


def test_a_page_that_fails_the_gate_keeps_its_draft_and_every_finding(
    user: Journey, waiting: dict[str, Any]
) -> None:
    page_id = waiting["id"]
    user.sql(TWIN, user.finished(user.page(**product_page(next(NUMBERS))))["id"], page_id)
    user.post(page_id, "rebuild", assets=["page"])
    failed = user.wait(page_id)
    assert (failed["status"], failed["error"]["code"]) == ("failed", "QUALITY")
    assert failed["document"] == waiting["document"]  # the one before it stays
    report = failed["draft"]["quality"]
    faults = {f["check"]: f["advice"] for f in report["findings"] if not f["passed"]}
    assert "no_near_duplicate" in faults
    html = user.api.get(f"/v1/pages/{page_id}/html", params={"draft": True})
    assert failed["draft"]["document"]["headline"] in html.text
    told = user.graphql(CHECKED, key={"path": ["page"]}, check="no_near_duplicate")
    evaluations = [found["evaluation"] for found in told["assetCheckExecutions"]]
    ours = next(e for e in evaluations if e and e["partition"] == page_id)
    assert (ours["success"], ours["description"]) == (False, faults["no_near_duplicate"])
