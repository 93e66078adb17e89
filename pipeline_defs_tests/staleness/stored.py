"""Finished units of any size in the database, with Dagster told of all of it."""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

import dagster as dg

from pipeline_defs.domain.articles.models import ArticleRequest
from pipeline_defs.domain.calls.campaigns import Recording
from pipeline_defs.domain.calls.requests import CampaignRequest
from pipeline_defs.domain.graph import UnitGraph
from pipeline_defs.domain.lectures.models import LectureRequest
from pipeline_defs.domain.lectures.scripts import LectureDraft, SegmentDraft
from pipeline_defs.domain.pages.requests import PageRequest
from pipeline_defs.domain.states import FINAL_STATES
from pipeline_defs.domain.versions import AssetVersion
from pipeline_defs.runtime import control
from pipeline_defs.runtime.lines import LINES
from pipeline_defs.runtime.work import Made
from pipeline_defs.storage import articles, calls, campaigns, lectures, pages, units
from pipeline_defs.storage.database import Transaction
from pipeline_defs_tests.staleness.histories import SPACES, tell
from pipeline_defs_tests.staleness.rules import RULES, bridge_of, made_of
from pipeline_defs_tests.web.interviewing import REQUEST, claims, conversation

READ: dict[str, Callable[[Transaction, str], Awaitable[Any]]] = {
    "articles": articles.required,
    "lectures": lectures.required,
    "pages": pages.required,
    "campaigns": campaigns.required,
}


async def complete(tx: Transaction, kind: str, unit_id: str) -> list[Made]:
    """Make everything of a unit whose parts are stored; what Dagster is to be told of it."""
    unit, rules = await READ[kind](tx, unit_id), RULES[kind]
    made = [m for node in rules.standing_of(unit).graph.nodes if (m := _made(unit, rules, node))]
    bridges = [
        bridge_of(bridge.node.asset, bridge.node.partition, bridge.version)
        for bridge in rules.standing_of(unit).bridges
    ]
    for version in (*bridges, *made):
        await _put(tx, unit_id, version)
    rows = await tx.all("assets.unreported", unit_id=unit_id)
    told = [Made(inputs=row.pop("input_versions"), **row) for row in rows]
    await tx.run(
        "assets.reported",
        assets=[made.asset for made in told],
        partitions=[made.partition for made in told],
        data_versions=[made.data_version for made in told],
    )
    return told


def tell_all(kind: str, told: Sequence[Made], instance: dg.DagsterInstance) -> None:
    """Tell Dagster of it."""
    keys = sorted({made.partition for made in told})
    for space in (*SPACES[kind], "hypotheses"):
        instance.add_dynamic_partitions(space, keys)
    tell(instance, RULES[kind].bridges, told)


async def graph_of(tx: Transaction, kind: str, unit_id: str) -> UnitGraph:
    """The unit as the product reads it."""
    found = await LINES[kind].graph(tx, unit_id)
    assert found is not None
    return found


async def article(tx: Transaction, parts: int) -> str:
    """An article of so many sections."""
    request = ArticleRequest(topic="Tides", sections=1)
    own = await articles.create(tx, request, "test")
    await control.begin(tx, LINES["articles"], own, "queued")
    await tx.run("articles.set_outline", id=own, title="Tides", description="")
    for order in range(1, parts + 1):
        plan = {"title": f"Part {order}", "focus": "", "key_points": "[]"}
        await tx.run("articles.add_section", article_id=own, section_order=order, **plan)
        for status in ("researching", "researched", "writing", "completed"):
            await articles.set_section_status(tx, own, order, status)
    return own


async def lecture(tx: Transaction, parts: int, file: Mapping[str, Any]) -> str:
    """A lecture of so many segments, all of whose media are there; `file` is its video."""
    request = LectureRequest(topic="Tides", minutes=parts / 6)
    own = await lectures.create(tx, request, "test")
    await control.begin(tx, LINES["lectures"], own, "queued")
    segments = tuple(
        SegmentDraft(heading=f"Heading {n}", text=f"Sentence number {n}.", picture=f"Diagram {n}")
        for n in range(1, parts + 1)
    )
    draft = LectureDraft(title="Tides", description="", segments=segments)
    await lectures.put_script(tx, await lectures.required(tx, own), draft)
    found = await graph_of(tx, "lectures", own)
    for node in found.graph.nodes:
        made: dict[str, dict[str, Any]] = {
            "segment_narration": {"speech": [0.1, 9.6], "text": "Sentence."},
            "lecture_video": {"blob": file},
        }
        result = {"served_by": "test", **made.get(node.asset, {})}
        await lectures.store_result(tx, own, (node.asset, node.partition), result)
    return own


async def page(tx: Transaction, number: int) -> str:
    """A page that names one product of the feed."""
    request = {
        "page_type": "product",
        "target_url": f"https://shop.example/{number}",
        "keywords": ["trekking tent"],
        "metadata": {"skus": [f"SKU-{number}"]},
    }
    return await pages.create(tx, PageRequest.model_validate(request), "test")


async def campaign(tx: Transaction, parts: int, file: Mapping[str, Any]) -> str:
    """A campaign whose contacts were all reached, heard and read; `file` is what was recorded."""
    contacts = [{"phone": f"+12025550{n:03d}", "name": f"Person {n}"} for n in range(1, parts + 1)]
    request = CampaignRequest.model_validate({**REQUEST, "contacts": contacts})
    own = await campaigns.create(tx, request, "test")
    await control.begin(tx, LINES["campaigns"], own, "queued")
    for order in range(1, parts + 1):
        call = await calls.get(tx, own, order)
        assert call is not None
        named = hashlib.sha256(call.key.encode()).hexdigest()[:32]
        await calls.intend(tx, call)
        await calls.placed(tx, call, f"CA{named}")
        await calls.move(tx, call, ("ringing", "in_progress", "completed"))
        await calls.heard(tx, call, seconds=20, recording=Recording(f"RE{named}", 2, 20.0))
        await calls.settled(tx, call)
        summary = {
            "file": file, "layout": "two_channel", "seconds": 20.0, "channels": 2,
            "utterances": 4, "words": 11, "warnings": [],
        }  # fmt: skip
        await calls.store_transcript(tx, call, conversation(), summary)
        await calls.store_claims(tx, call, claims(), {"claims": 2})
    return own


async def finish(tx: Transaction, kind: str, unit_id: str) -> None:
    """It rests."""
    unit = await units.get(tx, unit_id)
    assert unit is not None
    if unit.status not in FINAL_STATES:
        await control.finish(tx, LINES[kind], unit_id, "completed")


def _made(unit: Any, rules: Any, node: Any) -> Made | None:
    made = made_of(rules, unit, node)
    if made is not None:
        unit.versions[made.asset, made.partition] = AssetVersion(
            made.data_version, made.code_version, made.input_hash, dict(made.inputs)
        )
    return made


async def _put(tx: Transaction, unit_id: str, made: Made) -> None:
    await tx.each(
        "assets.put",
        unit_id=unit_id,
        asset=made.asset,
        partition=made.partition,
        data_version=made.data_version,
        code_version=made.code_version,
        input_hash=made.input_hash,
        input_versions=dict(made.inputs),
        metadata={},
        cost_usd=made.cost_usd,
        run_id=None,
    )
