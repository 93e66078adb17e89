"""Files that were deleted or changed are found of every line that stores any, and made again."""

from __future__ import annotations

from pathlib import Path

import psycopg
import pytest

from pipeline_defs.domain.calls import recipe as campaign_recipe
from pipeline_defs.domain.graph import Node
from pipeline_defs.domain.lectures import recipe as lecture_recipe
from pipeline_defs.domain.stored_files import Files
from pipeline_defs.runtime.backfill import Backfilled, Round, Wish, backfill_unit
from pipeline_defs.runtime.integrity import check_due
from pipeline_defs.runtime.lines import LINES
from pipeline_defs.runtime.resources import open_blobs
from pipeline_defs.storage import campaigns, lectures
from pipeline_defs_tests.web.filming import Studio
from pipeline_defs_tests.web.gateways import World
from pipeline_defs_tests.web.interviewing import Interviews

LOST = {
    "deleted": lambda path: path.unlink(),
    "corrupted": lambda path: path.write_bytes(path.read_bytes()[:-1] + b"?"),
}


async def finished(world: World, kind: str) -> tuple[str, Files]:
    """A finished unit of a line, and its files."""
    if kind == "lectures":
        own = await Studio(world).made()
    else:
        interviews = Interviews(world)
        own = (await interviews.finished(await interviews.queued())).id
    files = LINES[kind].files
    assert files is not None
    return own, await world.transact(lambda tx: files(tx, own))


def stored_at(world: World, files: Files, node: Node) -> Path:
    """Where the first file of a result is."""
    sha256 = next(file["sha256"] for of, file in files if of == node)
    return next(Path(world.gateway.settings.blobs.removeprefix("file://")).rglob(sha256))


async def looked_at(world: World, own: str) -> dict[str, int]:
    """The nightly look, as if a day had passed."""
    with psycopg.connect(world.database.superuser_url, autocommit=True) as admin:
        admin.execute(
            "update app.units set files_checked_at = now() - interval '2 days' where id = %s", [own]
        )
    gateway = world.gateway
    return await check_due(gateway.database, open_blobs(gateway.settings), LINES)


async def wanting(world: World, own: str) -> dict[Node, str]:
    rows = await world.transact(lambda tx: tx.all("wanting.of_unit", unit_id=own))
    return {Node(row["asset"], row["partition"]): row["error"]["code"] for row in rows}


async def healed(world: World, kind: str, own: str) -> Backfilled:
    asked = Round(Wish(reasons=("corrupt",)), "test")
    return await world.transact(lambda tx: backfill_unit(tx, LINES[kind], own, asked))


async def test_units_whose_files_are_whole_want_nothing_and_are_not_looked_at_twice(
    world: World,
) -> None:
    for kind in ("lectures", "campaigns"):
        own, files = await finished(world, kind)
        assert files
        assert await looked_at(world, own) == {}
        assert await wanting(world, own) == {}
    gateway = world.gateway
    rows = await gateway.database.all(
        None, "wanting.to_check", kinds=["lectures", "campaigns"], hours=1, most=10
    )
    assert rows == []


@pytest.mark.parametrize("how", LOST)
@pytest.mark.parametrize("asset", ["segment_image", "segment_clip", "lecture_music"])
async def test_a_file_of_a_lecture(world: World, asset: str, how: str) -> None:
    own, files = await finished(world, "lectures")
    node = next(node for node, _ in files if node.asset == asset)
    LOST[how](stored_at(world, files, node))
    assert (await looked_at(world, own))[own] >= 1
    assert (await wanting(world, own))[node] == {"deleted": "BLOB_MISSING"}.get(how, "BLOB_CORRUPT")
    assert (await healed(world, "lectures", own)).outcome == "queued"
    lecture = await world.transact(lambda tx: lectures.required(tx, own))
    assert lecture.state(node.asset, node.partition).status == "pending"
    assert lecture_recipe.next_work(lecture) is not None


@pytest.mark.parametrize("how", LOST)
@pytest.mark.parametrize("asset", [campaign_recipe.TRANSCRIPT, campaign_recipe.CAMPAIGN_REPORT])
async def test_a_recording_or_a_report_of_a_campaign(world: World, asset: str, how: str) -> None:
    own, files = await finished(world, "campaigns")
    node = next(node for node, _ in files if node.asset == asset)
    LOST[how](stored_at(world, files, node))
    assert own in await looked_at(world, own)
    found = await wanting(world, own)
    assert found[node] == {"deleted": "BLOB_MISSING"}.get(how, "BLOB_CORRUPT")
    assert (await healed(world, "campaigns", own)).outcome == "queued"
    campaign = await world.transact(lambda tx: campaigns.required(tx, own))
    due = [c.key for c in campaign.calls if campaign_recipe.awaits_reading(c)]
    if asset == campaign_recipe.CAMPAIGN_REPORT:
        assert (campaign.report, due) == (None, [])
    else:
        assert node.partition in due
        assert campaign.report is not None
    assert [c.status for c in campaign.calls[:3]] == ["completed"] * 3, "nobody is called"


async def test_only_lines_without_files_are_not_looked_at() -> None:
    assert {name for name, line in LINES.items() if line.files is not None} == {
        "lectures", "campaigns",
    }  # fmt: skip
