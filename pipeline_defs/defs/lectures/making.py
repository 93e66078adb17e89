"""A lecture at work: which assets are to be made, and how each outcome is kept.

One asset that cannot be made never stops the others: it is recorded as failed, what needs it as
skipped. Only what concerns the whole lecture (no money, no key, a lost claim, no database) ends it,
and then everything under way ends first, so that nothing is paid and not recorded.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import Any, Literal

from pipeline_defs import policies
from pipeline_defs.domain.errors import LostClaim, Permanent, PipelineError, Transient, classify
from pipeline_defs.domain.lectures import outcomes, recipe
from pipeline_defs.domain.lectures.models import Lecture, Segment
from pipeline_defs.domain.stored_files import files_in
from pipeline_defs.gateways.blobs import BlobRef
from pipeline_defs.runtime import control
from pipeline_defs.runtime.concurrency import both
from pipeline_defs.runtime.driving import INFRASTRUCTURE, Assignment, PartFailure
from pipeline_defs.runtime.integrity import BROKEN
from pipeline_defs.runtime.lines import LECTURE_LINE
from pipeline_defs.runtime.paid_calls import patiently
from pipeline_defs.runtime.work import Made
from pipeline_defs.storage import lectures, units
from pipeline_defs.storage.database import Transaction
from pipeline_defs.storage.models_in_use import models_in_use

log = logging.getLogger(__name__)
STOPPING = INFRASTRUCTURE | {
    "BUDGET_EXCEEDED",
    "QUOTA",
    "UNAUTHORIZED",
    "NOT_CONFIGURED",
    "MODEL_GONE",
}
# A lecture can do without these: then only what needs the provider is missing.
DISPENSABLE = frozenset({"segment_clip", "lecture_music"})
CONFIGURATION = frozenset({"UNAUTHORIZED", "NOT_CONFIGURED", "MODEL_GONE"})
Body = Callable[[], Awaitable[None]]
Ensured = Literal["ready", "failed", "waiting"]


class InputLost(Permanent):
    """What something is made from is gone or was edited: that is looked at first, then this."""


class Making:
    """One lecture in one run; all its coroutines share it."""

    def __init__(self, job: Assignment, lecture: Lecture) -> None:
        self.job = job
        self.work = job.work
        self.lecture = lecture
        self.slots = asyncio.Semaphore(policies.SEGMENTS_AT_ONCE)
        self.thumbnails: dict[str, bytes] = {}  # by hash: a start frame is mostly its image
        self._at_hand: dict[str, bytes] = {}  # pictures just stored, by hash
        self.key_pictures: dict[str, list[bytes]] = {}  # of clips just delivered, by partition
        self._results: dict[tuple[str, str], dict[str, Any]] = {}
        self._versions: dict[tuple[str, str], str] = {}
        self._known: defaultdict[tuple[str, str], asyncio.Event] = defaultdict(asyncio.Event)
        self._outdated: set[tuple[str, str]] = set()  # stored, but edited meanwhile
        self._lost: set[tuple[str, str]] = set()
        self._not_kept: set[tuple[str, str]] = set()  # could not be stored
        self._stop: PipelineError | LostClaim | None = None
        for asset, partition in recipe.nodes(lecture):
            result = lecture.state(asset, partition).result
            made = lecture.version(asset, partition)
            if result is not None and made is not None:
                self._results[asset, partition] = result
                self._versions[asset, partition] = made.data_version

    def result(self, asset: str, partition: str) -> dict[str, Any] | None:
        """What an asset came to, in this run or before."""
        return self._results.get((asset, partition))

    def version(self, asset: str, partition: str) -> str | None:
        """The data version of that."""
        return self._versions.get((asset, partition))

    def inputs(self, asset: str, partition: str, *versions: str) -> str:
        """Hash of what an asset is made from, given the versions of that."""
        return recipe.input_hash(self.lecture, asset, partition, *versions)

    def must_make(self, asset: str, partition: str, inputs: str) -> bool:
        """Whether there is no result yet that follows from these inputs."""
        made = self.lecture.version(asset, partition)
        return (asset, partition) not in self._results or (
            made is None or made.input_hash != inputs
        )

    async def ensure(self, asset: str, partition: str, inputs: str, make: Body) -> Ensured:
        """Make an asset unless it is up to date; `waiting` when something it needs was lost."""
        if not self.job.selects(asset):
            return "ready" if (asset, partition) in self._results else "failed"
        if not self.must_make(asset, partition, inputs):
            await self._unchanged(asset, partition)
            return "ready"
        return await self._attempt(asset, partition, make)

    async def skip(self, asset: str, partition: str, reason: str) -> None:
        """Record that an asset was not tried, and why."""
        if not self.job.selects(asset):
            return

        async def write(tx: Transaction) -> None:
            error = {"code": "SKIPPED", "message": reason, "retryable": False, "advice": ""}
            await lectures.reset(tx, self.lecture.id, [(asset, partition)])
            await lectures.set_status(tx, self.lecture.id, (asset, partition), "skipped", error)
            self._tell(tx, asset, partition, "skipped", f"skipped: {reason}")

        await self.work.transact(write)
        self.job.failures.append(PartFailure(asset, partition, Permanent("SKIPPED", reason)))

    async def known(self, asset: str, partition: str, ensured: asyncio.Task[Ensured]) -> Ensured:
        """What comes of an asset that is being ensured, told when its result is known.

        That may not be stored yet. Commits keep their order: what is begun with it has begun only
        once it is.
        """
        is_known = asyncio.ensure_future(self._known[asset, partition].wait())
        try:
            await asyncio.wait({ensured, is_known}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            is_known.cancel()
        return ensured.result() if ensured.done() else "ready"

    async def keep(self, made: Made, result: dict[str, Any], message: str) -> None:
        """Store a result, tell Dagster. Where its segment was edited meanwhile it is due again."""
        self._results[made.asset, made.partition] = result
        self._versions[made.asset, made.partition] = made.data_version
        self._known[made.asset, made.partition].set()

        async def store(tx: Transaction) -> None:
            node = (made.asset, made.partition)
            wanted = await self._still_wanted(tx, made)
            if not wanted:
                self._outdated.add(node)
            status = "ready" if wanted else "pending"
            await lectures.store_result(tx, self.lecture.id, node, result, status=status)
            preview = self._preview(result)
            self._tell(tx, *node, "finished", message, preview=preview)

        try:
            stored = await self.work.store(made, store)
        except BaseException:
            self._not_kept.add((made.asset, made.partition))
            raise
        self._not_kept.discard((made.asset, made.partition))
        await self.job.reporter.made(self.work, stored)

    async def read(self, asset: str, partition: str, ref: dict[str, Any]) -> bytes:
        """A stored file, which may still be at hand; else it is checked, and one that is missing or
        corrupt is noted, so that it is made again."""
        known = self._at_hand.pop(ref["sha256"], None)
        if known is not None:
            return known
        try:
            return await self.job.resources.gateways.blobs.get(BlobRef(**ref))
        except PipelineError as error:
            await self.lost(asset, partition, error)
            raise

    async def lost(self, asset: str, partition: str, error: PipelineError) -> None:
        """Raises `InputLost` when `error` says that a file of an asset is not what it should be.

        It is no result any more and is made again, but only so often: a store that keeps losing
        files must not be filled, and paid for, for ever.
        """
        if error.code not in BROKEN:
            return
        if (asset, partition) not in self._lost:  # of several files of it lost at once
            self._lost.add((asset, partition))
            await self._count_loss(asset, partition)
        record = error.record().as_dict()
        await self.work.transact(
            lambda tx: lectures.lose_result(tx, self.lecture.id, (asset, partition), record)
        )
        self.work.forget(partition, recipe.STEPS[asset])
        self._results.pop((asset, partition), None)
        raise InputLost(error.code, error.message, advice="It is made again first.") from error

    async def _count_loss(self, asset: str, partition: str) -> None:
        async def again() -> bool:
            return True

        step = f"lost:{asset}"
        for number in range(1, policies.LOSSES_HEALED + 1):
            if not self.work.remembers(partition, step, str(number)):
                await self.work.step(partition, step, str(number), again)
                return
        raise Permanent(
            "FILE_LOST_AGAIN",
            f"the file of {asset} was lost {policies.LOSSES_HEALED + 1} times",
            advice="Check the blob store, then rebuild.",
        )

    def must_be_wanted(self, asset: str, partition: str) -> None:
        """Raises `InputLost` where an asset was outdated when it was stored; Permanent `NOT_KEPT`
        where it could not be stored."""
        if (asset, partition) in self._outdated:
            raise InputLost("EDITED", "the segment was edited meanwhile", advice="It follows.")
        if (asset, partition) in self._not_kept:
            raise Permanent("NOT_KEPT", f"{asset} could not be stored", advice="Resume it.")

    async def must_still_be(self, segment: Segment) -> None:
        """Raises `InputLost` where the segment was edited, as of the last commit or heartbeat:
        nothing is paid for the old one."""
        if self._is_unedited:
            return
        now = await self.work.transact(
            lambda tx: lectures.current_segment(tx, self.lecture, segment.key)
        )
        said = (segment.heading, segment.text, segment.picture)
        if now is None or (now.heading, now.text, now.picture) != said:
            raise InputLost("EDITED", "the segment was edited meanwhile", advice="It follows.")

    async def put(self, data: bytes, media_type: str) -> dict[str, Any]:
        """Store a file; the reference to it. An absent store is waited for: the file was paid."""
        give_up = time.monotonic() + policies.BLOB_STORE_OUTAGE_TOLERANCE
        while True:
            try:
                return (await self.job.resources.gateways.blobs.put(data, media_type)).as_dict()
            except Transient:
                if time.monotonic() > give_up:
                    raise
                await asyncio.sleep(policies.BLOB_STORE_RETRY_INTERVAL)

    def have_at_hand(self, ref: dict[str, Any], data: bytes) -> None:
        """A file just stored, for whoever reads it next; only so many bytes are kept."""
        self._at_hand[ref["sha256"]] = data
        while sum(map(len, self._at_hand.values())) > policies.AT_HAND_MOST_BYTES:
            del self._at_hand[next(iter(self._at_hand))]

    async def report_the_rest(self, assets: Sequence[str], partitions: Sequence[str]) -> None:
        """In a run that fails Dagster takes what is up to date for failed unless it is told."""
        failed = {(failure.asset, failure.partition) for failure in self.job.failures}
        for partition in partitions if failed else ():
            for asset in assets:
                node = (asset, partition)
                if self.job.selects(asset) and node in self._untouched and node not in failed:
                    await self.job.report_again(asset, partition)

    @property
    def _is_unedited(self) -> bool:
        """Whether the lecture is as it was read, as of the last commit or heartbeat."""
        return self.work.claim.edits == self.lecture.edits

    @property
    def _untouched(self) -> set[tuple[str, str]]:
        """What this run found up to date."""
        return {
            node
            for node, version in self._versions.items()
            if (made := self.lecture.version(*node)) is not None and made.data_version == version
        }

    async def _attempt(self, asset: str, partition: str, make: Body) -> Ensured:
        if self._stop is not None:
            raise self._stop
        # Commits keep their order: nothing of it is stored before it is told that it begins.
        begun = self.work.transact(lambda tx: self._begin(tx, asset, partition))
        _, ensured = await both(begun, self._made(asset, partition, make))
        return ensured

    async def _made(self, asset: str, partition: str, make: Body) -> Ensured:
        try:
            await patiently(make)  # what was paid stands in the ledger
        except LostClaim as lost:
            self._stop = lost
            raise
        except InputLost as lost:
            await self._wait(asset, partition, lost)
            return "waiting"
        except Exception as raised:
            error = classify(raised)
            if self._stops(asset, error):
                self._stop = error
                raise error from raised
            await self._failed(asset, partition, error)
            return "failed"
        return "waiting" if (asset, partition) in self._outdated else "ready"

    @staticmethod
    def _stops(asset: str, error: PipelineError) -> bool:
        """Whether an error concerns the whole lecture."""
        if asset in DISPENSABLE and error.code in CONFIGURATION:
            return False
        return error.code in STOPPING

    def _preview(self, result: dict[str, Any]) -> str | None:
        """Where the result can be looked at or listened to."""
        file = next(files_in(result), None)
        return f"/v1/lectures/{self.lecture.id}/files/{file['sha256']}" if file else None

    async def _wait(self, asset: str, partition: str, lost: InputLost) -> None:
        async def write(tx: Transaction) -> None:
            await lectures.set_status(tx, self.lecture.id, (asset, partition), "pending")
            self._tell(tx, asset, partition, "retrying", f"waits: {lost.message}")

        await self.work.transact(write)

    async def _begin(self, tx: Transaction, asset: str, partition: str) -> None:
        node = (asset, partition)
        await lectures.reset(tx, self.lecture.id, [node])
        await lectures.set_status(tx, self.lecture.id, node, "working")
        units.append_progress(
            tx,
            self.lecture.id,
            stage=asset,
            outcome="started",
            message=f"{self._name(asset, partition)}: started",
            part=partition,
        )

    async def _failed(self, asset: str, partition: str, error: PipelineError) -> None:
        record = error.record().as_dict()
        node = (asset, partition)

        async def write(tx: Transaction) -> None:
            await lectures.set_status(tx, self.lecture.id, node, "failed", record)
            self._tell(tx, asset, partition, "failed", error.message, error=record)

        await self.work.transact(write)
        self.job.failures.append(PartFailure(asset, partition, error))

    async def _unchanged(self, asset: str, partition: str) -> None:
        """What it is made from came out as before: so it stays."""
        if self.lecture.state(asset, partition).status == "ready":
            return

        async def write(tx: Transaction) -> None:
            node = (asset, partition)
            await lectures.reset(tx, self.lecture.id, [node])
            await lectures.set_status(tx, self.lecture.id, node, "ready")
            self._tell(tx, asset, partition, "finished", "unchanged")

        await self.work.transact(write)

    async def _still_wanted(self, tx: Transaction, made: Made) -> bool:
        """Whether the segment still says and shows what this was made from."""
        if not made.inputs.keys() & {recipe.SEGMENT_SCRIPT, recipe.SEGMENT_PROMPT}:
            needs = {(name, made.partition) for name in made.inputs}
            return not needs & (self._outdated | self._not_kept)
        if self._is_unedited:  # known from this transaction's own guard
            return True
        segment = await lectures.current_segment(tx, self.lecture, made.partition)
        if segment is None:
            return False
        now = {
            recipe.SEGMENT_SCRIPT: recipe.script_version(self.lecture, segment),
            recipe.SEGMENT_PROMPT: recipe.prompt_version(self.lecture, segment),
        }
        return all(now.get(name, used) == used for name, used in made.inputs.items())

    def _tell(
        self, tx: Transaction, asset: str, partition: str, outcome: str, message: str, **more: Any
    ) -> None:
        control.advance(
            tx,
            LECTURE_LINE,
            self.lecture.id,
            stage=asset,
            outcome=outcome,
            message=f"{self._name(asset, partition)}: {message}",
            part=partition,
            **more,
        )

    def _name(self, asset: str, partition: str) -> str:
        title = outcomes.title_of(asset)
        if partition == self.lecture.id:
            return title.capitalize()
        return f"Segment {self.lecture.segment(partition).order}, {title}"


def made(asset: str, partition: str, data_version: str, input_hash: str, **more: Any) -> Made:
    """A finished result of one of this line's assets."""
    return replace(
        Made(
            asset,
            partition,
            data_version,
            recipe.MAKERS[asset].version(models_in_use()),
            input_hash,
        ),
        **more,
    )
