"""Publishes what a unit came to, whatever line it is of: one post, updated ever after.

The call goes through the ledger: its intent is stored first, a lost answer is found by the post's
slug, and a second run takes what the first one got.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pipeline_defs import policies
from pipeline_defs.domain.publications import Published, slug
from pipeline_defs.domain.versions import version_of
from pipeline_defs.gateways.publishing.port import PublishRequest
from pipeline_defs.runtime import control
from pipeline_defs.runtime.driving import Assignment
from pipeline_defs.runtime.lines import Line
from pipeline_defs.runtime.paid_calls import Outcome, Try
from pipeline_defs.runtime.work import Made
from pipeline_defs.storage import publications
from pipeline_defs.storage.database import Transaction


@dataclass(frozen=True, slots=True)
class Post:
    """What goes out. `asset` is the publication, `made_from` the asset whose `version` it shows."""

    asset: str
    code_version: str
    made_from: str
    version: str
    title: str
    html: str
    excerpt: str
    requested: Published


async def publish(job: Assignment, line: Line, post: Post) -> None:
    """Create or update the unit's post, and store where it is."""
    before = await job.work.transact(lambda tx: publications.of_unit(tx, job.unit_id))
    wanted = before["slug"] if before else slug(job.unit_id, post.title)

    async def call(this: Try) -> Outcome:
        answer = await job.resources.gateways.publishing.publish(
            PublishRequest(
                slug=wanted,
                title=post.title,
                html=post.html,
                excerpt=post.excerpt,
                status=post.requested,
                post_id=int(before["external_id"]) if before else None,
                timeout=policies.PUBLISHING.timeout,
                idempotency_key=this.idempotency_key,
            )
        )
        return Outcome({"id": str(answer.id), "link": answer.link, "status": answer.status})

    # What is out now is part of the inputs: going back to an earlier version publishes it again.
    out = [before["version"], before["requested"], str(before["published_at"])] if before else []
    inputs = version_of(post.version, post.requested, wanted, out)
    paid = await job.work.paid(job.unit_id, "publish", inputs, policies.PUBLISHING, call)
    made = Made(
        post.asset,
        job.unit_id,
        data_version=version_of(paid.result, post.version),
        code_version=post.code_version,
        input_hash=inputs,
        inputs={post.made_from: post.version},
        metadata={"title": post.title, **_preview(paid.result)},
    )
    await job.work.store(made, lambda tx: _store(tx, job.unit_id, line, post, wanted, paid.result))
    await job.reporter.made(job.work, made, reused=paid.reused)


async def _store(
    tx: Transaction, unit_id: str, line: Line, post: Post, wanted: str, answer: dict[str, Any]
) -> None:
    await publications.put(
        tx, unit_id, slug=wanted, version=post.version, requested=post.requested, post=answer
    )
    control.advance(
        tx,
        line,
        unit_id,
        stage="publication",
        outcome="finished",
        message=f"Published as {answer['status']}",
        link=answer["link"],
    )


def _preview(answer: Mapping[str, Any]) -> dict[str, Any]:
    """What the Dagster UI shows: where it is."""
    return {"post": {"url": answer["link"]}, "status": answer["status"], "site_id": answer["id"]}
