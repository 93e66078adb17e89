"""Lectures in the database: reading one whole, and what the workers write."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from psycopg.types.json import Jsonb

from pipeline_defs.domain.keys import split_part
from pipeline_defs.domain.kinds import LECTURES
from pipeline_defs.domain.lectures import recipe
from pipeline_defs.domain.lectures.models import (
    AssetState,
    Lecture,
    LectureRequest,
    Segment,
)
from pipeline_defs.domain.lectures.scripts import LectureDraft
from pipeline_defs.domain.voice import Voice
from pipeline_defs.storage import units
from pipeline_defs.storage.database import Transaction
from pipeline_defs.storage.models_in_use import models_in_use
from pipeline_defs.storage.unit_records import no_such_unit, read_record

Node = tuple[str, str]  # asset, partition


async def create(tx: Transaction, request: LectureRequest, actor: str) -> str:
    """Store a new lecture and return its id; it is dispatched by itself."""
    given = request.given_script
    topic = request.topic or request.title or _opening(given or ())
    lecture_id = await units.create(
        tx, LECTURES, request.title or topic, actor, steps_total=request.assets_wanted
    )
    await tx.run(
        "lectures.create",
        id=lecture_id,
        topic=topic,
        seconds=request.seconds,
        language=request.language,
        voice=request.voice,
        music_tracks=request.music_tracks,
        images_per_segment=request.images_per_segment,
        script_given=Jsonb(list(given)) if given else None,
        title=request.title,
    )
    await add_assets(tx, lecture_id, music=request.music_tracks > 0)
    return lecture_id


async def read(tx: Transaction, lecture_id: str, *, lock: bool = False) -> Lecture | None:
    """The lecture with its segments, assets, versions and generations, or None.

    `lock`: nobody else may change it until the transaction ends.
    """
    record = await read_record(tx, lecture_id, lock=lock)
    row = await tx.one("lectures.get", id=lecture_id)
    if row is None or record is None:
        return None
    segments = await tx.all("lectures.segments", lecture_id=lecture_id)
    assets: dict[str, dict[str, AssetState]] = defaultdict(dict)
    for a in await tx.all("lectures.assets", lecture_id=lecture_id):
        assets[a["partition"]][a["asset"]] = AssetState(a["status"], a["result"], a["error"])
    return Lecture(
        id=lecture_id,
        status=record.status,
        topic=row["topic"],
        seconds=row["seconds"],
        language=row["language"],
        voice=row["voice"],
        style=Voice.model_validate(record.content_defaults),
        music_tracks=row["music_tracks"],
        images_per_segment=row["images_per_segment"],
        script_given=tuple(row["script_given"]) if row["script_given"] else None,
        title=row["title"],
        description=row["description"],
        segments=tuple(_segment(lecture_id, s, assets) for s in segments),
        assets=assets[lecture_id],
        versions=record.versions,
        generations=record.generations,
        models=models_in_use(),
        has_unreported=record.has_unreported,
        edits=record.edits,
    )


async def required(tx: Transaction, lecture_id: str) -> Lecture:
    """The lecture, locked for a change; Permanent `NOT_FOUND` when there is none."""
    lecture = await read(tx, lecture_id, lock=True)
    if lecture is None:
        raise no_such_unit(LECTURES.noun, lecture_id)
    return lecture


async def put_script(tx: Transaction, lecture: Lecture, draft: LectureDraft) -> None:
    """Store a written script and what is to be made of each of its segments."""
    title = lecture.title if lecture.script_given and lecture.title else draft.title
    await tx.run("lectures.set_script", id=lecture.id, title=title, description=draft.description)
    await tx.run("units.set_title", id=lecture.id, title=title)
    for order, segment in enumerate(draft.segments, start=1):
        await tx.run(
            "lectures.put_segment",
            lecture_id=lecture.id,
            segment_order=order,
            heading=segment.heading,
            text=segment.text,
            picture=segment.picture,
            own_text=lecture.script_given is not None,
        )
    stored = await required(tx, lecture.id)
    nodes = [(asset, s.key) for s in stored.segments for asset in recipe.SEGMENT_ASSETS]
    await _add(tx, lecture.id, nodes)
    await reset(tx, lecture.id, [n for n in recipe.wanting(stored) if n[0] != "lecture_script"])


async def add_assets(tx: Transaction, lecture_id: str, *, music: bool) -> None:
    """Note the assets a lecture has as a whole as waiting."""
    names = ["lecture_script", "lecture_music", "lecture_video"]
    await _add(tx, lecture_id, [(n, lecture_id) for n in names if music or n != "lecture_music"])


async def current_segment(tx: Transaction, lecture: Lecture, key: str) -> Segment | None:
    """The segment as it is now, kept from being edited until the transaction ends."""
    order = split_part(key)[1]
    row = await tx.one("lectures.segment", lecture_id=lecture.id, segment_order=order)
    return _segment(lecture.id, row, {}) if row else None


async def set_status(
    tx: Transaction,
    lecture_id: str,
    node: Node,
    status: str,
    error: dict[str, Any] | None = None,
) -> None:
    """Move an asset to a state; the database refuses an illegal move."""
    await tx.each(
        "lectures.set_asset_status",
        about=(lecture_id, *node),
        lecture_id=lecture_id,
        asset=node[0],
        partition=node[1],
        status=status,
        error=error,
    )


async def store_result(
    tx: Transaction,
    lecture_id: str,
    node: Node,
    result: dict[str, Any],
    *,
    status: str = "ready",
) -> None:
    """Keep what came out of an asset."""
    await tx.each(
        "lectures.store_result",
        about=(lecture_id, *node),
        lecture_id=lecture_id,
        asset=node[0],
        partition=node[1],
        status=status,
        result=result,
    )


async def lose_result(tx: Transaction, lecture_id: str, node: Node, error: dict[str, Any]) -> None:
    """The file of a result is missing or broken: it is asked for again."""
    asset, partition = node
    await tx.run(
        "lectures.lose_result",
        lecture_id=lecture_id,
        asset=asset,
        partition=partition,
        error=error,
    )
    await tx.run(
        "ledger.forget",
        unit_id=lecture_id,
        partition=partition,
        steps=list(recipe.STEPS[asset]),
    )


async def reset(tx: Transaction, lecture_id: str, nodes: Iterable[Node]) -> None:
    """Back to waiting."""
    for asset, partition in nodes:
        await tx.each(
            "lectures.reset_assets",
            about=(lecture_id, asset, partition),
            lecture_id=lecture_id,
            asset=asset,
            partition=partition,
        )


async def settle(tx: Transaction, lecture_id: str) -> None:
    """Return what was in work to `pending`: after a crash, a cancellation, a deadline."""
    await tx.run("lectures.reset_unfinished", lecture_id=lecture_id)


async def count(tx: Transaction, lecture_id: str, stage: str) -> None:
    """Bring its counters up to its assets, of those it will have once its script stands."""
    await tx.run(
        "lectures.count",
        lecture_id=lecture_id,
        stage=stage,
        per_segment=len(recipe.SEGMENT_ASSETS),
        segment_seconds=recipe.SEGMENT_SECONDS,
    )


async def _add(tx: Transaction, lecture_id: str, nodes: Sequence[Node]) -> None:
    await tx.run(
        "lectures.add_assets",
        lecture_id=lecture_id,
        assets=[asset for asset, _ in nodes],
        partitions=[partition for _, partition in nodes],
    )


def _opening(script: Sequence[str]) -> str:
    """What a given script without a title is called: how it begins."""
    return script[0].split(". ")[0][:120] if script else "Lecture"


def _segment(
    lecture_id: str, row: dict[str, Any], assets: dict[str, dict[str, AssetState]]
) -> Segment:
    segment = Segment(
        lecture_id,
        row["segment_order"],
        row["heading"],
        row["text"],
        row["picture"],
        row["own_text"],
    )
    segment.assets.update(assets.get(segment.key, {}))
    return segment
