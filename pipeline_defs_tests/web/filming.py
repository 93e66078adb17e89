"""Plays the worker of lectures in tests: scripts, assets with real files, the finished film."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pipeline_defs.domain.errors import ErrorRecord
from pipeline_defs.domain.lectures import recipe
from pipeline_defs.domain.lectures.models import Lecture, LectureRequest
from pipeline_defs.domain.lectures.scripts import LectureDraft, SegmentDraft
from pipeline_defs.gateways.blobs import BlobStore
from pipeline_defs.runtime import control
from pipeline_defs.runtime.lines import LECTURE_LINE
from pipeline_defs.runtime.resources import open_blobs
from pipeline_defs.settings import Settings
from pipeline_defs.storage import lectures, units
from pipeline_defs.storage.database import Transaction
from pipeline_defs.storage.models_in_use import models_in_use
from pipeline_defs_tests import small_media
from pipeline_defs_tests.web.gateways import World
from pipeline_defs_tests.web.writing import spend

HEADINGS = ("Why honey bees dance", "The waggle run", "Reading the angle", "Reading the angle",
            "Distance in seconds", "A language without words")  # fmt: skip
TEXTS = (
    "A forager that has found a rich patch of flowers does something strange when she comes home. "
    "She dances on the dark comb, and her sisters follow every step.",
    "The heart of the dance is a straight run. She walks it shaking her body from side to side, "
    "then circles back, once to the left and once to the right.",
    "The angle of that run against the vertical is the angle of the flowers against the sun. "
    "Straight up means fly straight towards the sun.",
    "Thirty degrees to the right of straight up means thirty degrees to the right of the sun. The "
    "bees translate gravity into light, in the dark.",
    "How long the run lasts tells how far to fly. One second of waggling stands for roughly one "
    "kilometre, and tired or headwind flights are danced longer.",
    "With a brain the size of a sesame seed, bees share a map. Keep that in mind the next time one "
    "of them visits the flowers on your balcony.",
)
VTT = "WEBVTT\n\n00:00.000 --> 00:02.000\nA forager that has found a rich patch of flowers\n"
REFUSED = ErrorRecord(
    "CONTENT_POLICY",
    "the image model refused this description",
    retryable=False,
    advice="Change what the segment shows, then rebuild it.",
)


@dataclass
class Studio:
    """Makes a lecture as a worker does, in one organization."""

    world: World
    org: str = "default"
    size: tuple[int, int] = small_media.SIZE
    settings: Settings | None = None  # of the world, unless told

    @property
    def blobs(self) -> BlobStore:
        """Where files go."""
        return open_blobs(self.settings or self.world.gateway.settings)

    async def queued(self, topic: str = "How honey bees dance", minutes: float = 0.5) -> str:
        """A lecture waiting to be made."""
        request = LectureRequest(topic=topic, minutes=minutes)
        return await self._do(lambda tx: lectures.create(tx, request, "test"))

    async def scripted(self, lecture_id: str, texts: Sequence[str] = TEXTS) -> Lecture:
        """Begin, and store the script."""

        async def write(tx: Transaction) -> Lecture:
            unit = await units.get(tx, lecture_id)
            assert unit is not None
            await control.begin(tx, LECTURE_LINE, lecture_id, unit.status)
            lecture = await lectures.required(tx, lecture_id)
            segments = tuple(
                SegmentDraft(heading=HEADINGS[n % 6], text=texts[n % len(texts)], picture=PICTURE)
                for n in range(lecture.segments_wanted)
            )
            draft = LectureDraft(
                title=lecture.topic, description="In short.", segments=tuple(segments)
            )
            await lectures.put_script(tx, lecture, draft)
            await _made(tx, lecture_id, "lecture_script", lecture_id, {"served_by": "writer"})
            self._advance(tx, lecture_id, "write_lecture_script", "The script stands")
            return await lectures.required(tx, lecture_id)

        return await self._do(write)

    async def working(self, lecture_id: str, asset: str, order: int) -> None:
        """An asset is being made."""
        key = f"{lecture_id}/{order:03d}"

        async def work(tx: Transaction) -> None:
            await lectures.set_status(tx, lecture_id, (asset, key), "working")
            message = f"Segment {order}: {asset.removeprefix('segment_')} is being made"
            self._advance(tx, lecture_id, "make_lecture_media", message)

        await self._do(work)

    async def segment(self, lecture_id: str, order: int, *assets: str, pitch: float = 220) -> None:
        """Make a segment's assets, all unless named."""
        key = f"{lecture_id}/{order:03d}"
        results = await self._results(order, pitch)
        for asset in assets or recipe.SEGMENT_ASSETS:
            await self._do(
                lambda tx, a=asset: self._store(tx, lecture_id, a, key, results[a], order)
            )

    async def fails(self, lecture_id: str, order: int, asset: str, error: ErrorRecord) -> None:
        """An asset fails for good."""
        node = (asset, f"{lecture_id}/{order:03d}")

        async def fail(tx: Transaction) -> None:
            await lectures.set_status(tx, lecture_id, node, "working")
            await lectures.set_status(tx, lecture_id, node, "failed", error.as_dict())

        await self._do(fail)

    async def skips(self, lecture_id: str, order: int, asset: str) -> None:
        """An asset cannot be made as what it needs is not there."""
        node = (asset, f"{lecture_id}/{order:03d}")
        await self._do(lambda tx: lectures.set_status(tx, lecture_id, node, "skipped"))

    async def filmed(
        self, lecture_id: str, seconds: float = 2.0, stills: Sequence[int] = ()
    ) -> None:
        """Music, and the finished film; `stills` are the segments shown without a clip."""
        tone = (await self.blobs.put(small_media.sound(4, 110), "audio/wav")).as_dict()
        music = {"tracks": [{"blob": tone, "seconds": 30.0}], "served_by": "composer"}
        film = await self._film(lecture_id, seconds, stills)

        async def assemble(tx: Transaction) -> None:
            await self._store(tx, lecture_id, "lecture_music", lecture_id, music)
            await self._store(tx, lecture_id, "lecture_video", lecture_id, film)

        await self._do(assemble)

    async def finished(self, lecture_id: str, status: str = "completed") -> None:
        """End the generation."""
        await self._do(lambda tx: control.conclude(tx, LECTURE_LINE, lecture_id))
        unit = await self._do(lambda tx: units.get(tx, lecture_id))
        assert unit is not None
        assert unit.status == status, (unit.status, unit.error)

    async def made(self, topic: str = "How honey bees dance", minutes: float = 0.5) -> str:
        """A finished lecture."""
        lecture_id = await self.queued(topic, minutes)
        await self.remade(lecture_id)
        return lecture_id

    async def remade(self, lecture_id: str, *, pitch: float = 220) -> None:
        """Everything of a queued lecture that is not there or stale, and the film."""
        lecture = await self.scripted(lecture_id)
        for segment in lecture.segments:
            await self.segment(lecture_id, segment.order, pitch=pitch)
        await self.spend(lecture_id, 1, "image", 0.011)
        await self.filmed(lecture_id)
        await self.finished(lecture_id)

    async def incomplete(self, topic: str = "How honey bees dance") -> str:
        """A lecture whose second image was refused for good."""
        lecture_id = await self.queued(topic)
        await self.scripted(lecture_id)
        for order in (1, 3):
            await self.segment(lecture_id, order)
        await self.segment(lecture_id, 2, "segment_narration")
        await self.fails(lecture_id, 2, "segment_image", REFUSED)
        for asset in ("segment_start_frame", "segment_clip"):
            await self.skips(lecture_id, 2, asset)
        await self.filmed(lecture_id, stills=[2])
        await self.finished(lecture_id, "incomplete")
        return lecture_id

    async def spend(self, lecture_id: str, order: int, step: str, usd: float) -> None:
        """A paid call for an image."""
        part = f"{order:03d}"
        await self._do(lambda tx: spend(tx, lecture_id, step, usd, part, "image"))

    async def _results(self, order: int, pitch: float) -> dict[str, dict[str, Any]]:
        drawn = small_media.picture(HEADINGS[(order - 1) % 6], order, self.size)
        image = (await self.blobs.put(drawn, "image/png")).as_dict()
        spoken = small_media.sound(2.0, pitch + order)
        voice = (await self.blobs.put(spoken, "audio/wav")).as_dict()
        moving = (await self.blobs.put(small_media.film(2.0, self.size), "video/webm")).as_dict()
        images = [{"n": 1, "blob": image, "width": self.size[0], "height": self.size[1],
                   "kind": "drawn", "prompt": PICTURE, "served_by": "local-pictures"}]  # fmt: skip
        return {
            "segment_image": {"images": images, "fallback": None, "refusal": None},
            "segment_narration": {
                "blob": voice, "seconds": 9.62, "speech": [0.12, 9.68],
                "text": TEXTS[(order - 1) % 6], "method": "speed", "speed": 1.04, "wer": 0.0,
                "heard": TEXTS[(order - 1) % 6], "words": [], "served_by": "local-voice",
            },
            "segment_start_frame": {"blob": image},
            "segment_clip": {"blob": moving, "method": "ken_burns", "served_by": "local-clips"},
        }  # fmt: skip

    async def _film(self, lecture_id: str, seconds: float, stills: Sequence[int]) -> dict[str, Any]:
        async def put(data: bytes, media_type: str) -> dict[str, Any]:
            return (await self.blobs.put(data, media_type)).as_dict()

        poster = small_media.picture(HEADINGS[0], 1, self.size)
        return {
            "blob": await put(small_media.film(seconds, self.size), "video/webm"),
            "manifest": await put(b'{"version": "1"}', "application/json"),
            "captions": await put(VTT.encode(), "text/vtt"),
            "chapters": await put(VTT.replace("A forager", "Why").encode(), "text/vtt"),
            "poster": await put(poster, "image/png"),
            "seconds": 30.0,
            "loudness": -16.2,
            "true_peak": -1.4,
            "drift": 0.003,
            "marks": [[0.0, HEADINGS[0]], [1.0, HEADINGS[1]]],
            "still_segments": list(stills),
            "checks": {"loudness": [], "sync": [], "black": []},
        }

    async def _store(
        self,
        tx: Transaction,
        lecture_id: str,
        asset: str,
        partition: str,
        result: dict[str, Any],
        order: int = 0,
    ) -> None:
        await _made(tx, lecture_id, asset, partition, result)
        message = f"Segment {order}: {asset.removeprefix('segment_')} is ready" if order else asset
        self._advance(tx, lecture_id, "make_lecture_media", message)

    def _advance(self, tx: Transaction, lecture_id: str, stage: str, message: str) -> None:
        control.advance(
            tx, LECTURE_LINE, lecture_id, stage=stage, outcome="finished", message=message
        )

    async def _do(self, work: Any) -> Any:
        return await self.world.transact(work, self.org)


PICTURE = "A bee on a comb, seen from above, with the path of her dance as a figure of eight"


async def _made(
    tx: Transaction, lecture_id: str, asset: str, partition: str, result: dict[str, Any]
) -> None:
    """Store a result with the version of what it was made from."""
    await lectures.store_result(tx, lecture_id, (asset, partition), result)
    lecture = await lectures.required(tx, lecture_id)
    inputs = recipe.inputs_of(lecture, asset, partition)
    assert inputs is not None, (asset, partition)
    await tx.each(
        "assets.put",
        unit_id=lecture_id,
        asset=asset,
        partition=partition,
        data_version=recipe.version_of(result),
        code_version=recipe.MAKERS[asset].version(models_in_use()),
        input_hash=inputs,
        input_versions=recipe.sources_of(lecture, asset, partition),
        metadata={},
        cost_usd=0,
        run_id="0b6c6f0a-5a0e-4c57-9d5c-2f0f6a1c7e11",
    )
