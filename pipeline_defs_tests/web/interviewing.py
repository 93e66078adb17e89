"""Brings campaigns to their end as workers would, by the storage functions and without Dagster."""

from __future__ import annotations

import hashlib
import io
import wave
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import numpy as np

from pipeline_defs.domain.calls import recipe
from pipeline_defs.domain.calls.campaigns import Campaign, Recording
from pipeline_defs.domain.calls.claims import GroundedClaim, Stance
from pipeline_defs.domain.calls.conclusions import judged
from pipeline_defs.domain.calls.report import write_report
from pipeline_defs.domain.calls.requests import CampaignRequest
from pipeline_defs.domain.calls.transcripts import SpokenWord, Transcript, Utterance
from pipeline_defs.gateways.blobs import BlobStore
from pipeline_defs.runtime import control
from pipeline_defs.runtime.lines import CAMPAIGN_LINE
from pipeline_defs.settings import Settings
from pipeline_defs.storage import calls, campaigns, units
from pipeline_defs.storage.database import Transaction
from pipeline_defs.storage.models_in_use import models_in_use
from pipeline_defs_tests.web.gateways import World

T = TypeVar("T")
REQUEST: dict[str, Any] = {
    "title": "Bread and cake",
    "goal": "Find out what people like.",
    "consent": "Hello, this is an interview, and it is recorded. May I?",
    "hypotheses": [{"text": "People like bread."}, {"text": "People like cake."}],
    "checklist": [
        {"question": "Do you like bread?", "hypothesis": 1},
        {"question": "Do you like cake?", "hypothesis": 2},
    ],
    "contacts": [
        {"phone": f"+1202555013{n}", "name": name}
        for n, name in enumerate(("Ada", "Ben", "Cleo", "Dan"))
    ],
    "quiet_hours": None,
}
WAVES = ["05z" * 66, "z50" * 66]
TYPES = {"csv": "text/csv", "md": "text/markdown"}
ANSWERS: tuple[tuple[str, Stance], ...] = (("Yes, very much.", "supports"), ("No.", "opposes"))


class Interviews:
    """Campaigns of a running gateway."""

    def __init__(
        self, world: World, org: str = "default", settings: Settings | None = None
    ) -> None:
        self.world = world
        self.org = org
        self._settings = settings

    async def transact(self, work: Callable[[Transaction], Awaitable[T]]) -> T:
        """Change the database."""
        return await self.world.transact(work, self.org)

    async def queued(self, **wishes: Any) -> str:
        """A new campaign."""
        request = CampaignRequest.model_validate({**REQUEST, **wishes})
        return await self.transact(lambda tx: campaigns.create(tx, request, "test"))

    async def begun(self, campaign_id: str) -> None:
        """In work."""
        await self.transact(lambda tx: control.begin(tx, CAMPAIGN_LINE, campaign_id, "queued"))

    async def read(self, campaign_id: str) -> Campaign:
        """As it is."""
        return await self.transact(lambda tx: campaigns.required(tx, campaign_id))

    async def finished(self, campaign_id: str) -> Campaign:
        """The first three contacts talked, the last one was never reached; all of it is judged."""
        await self.begun(campaign_id)
        for order in (1, 2, 3):
            await self.talked(campaign_id, order)
        await self.transact(lambda tx: self._unreached(tx, campaign_id))
        await self.judged(campaign_id)
        report = write_report(await self.read(campaign_id))
        files = {
            name: await self.blob(text.encode(), TYPES[name.rpartition(".")[2]])
            for name, text in report.files.items()
        }

        async def end(tx: Transaction) -> None:
            stored = {"files": files, "summary": report.summary}
            await campaigns.store_report(tx, campaign_id, stored)
            campaign = await campaigns.required(tx, campaign_id)
            inputs = recipe.report_inputs(campaign)
            await _put(tx, campaign, recipe.CAMPAIGN_REPORT, campaign_id, inputs)
            await control.finish(tx, CAMPAIGN_LINE, campaign_id, "completed")

        await self.transact(end)
        return await self.read(campaign_id)

    async def talked(self, campaign_id: str, order: int, *flagged: str) -> None:
        """A call that was recorded, transcribed and read; `flagged` of its second utterance were
        kept from the model.
        """
        file = await self.blob(sound(), "audio/wav")
        said = conversation()
        named = hashlib.sha256(f"{campaign_id}/{order}".encode()).hexdigest()[:32]

        async def write(tx: Transaction) -> None:
            call = await calls.get(tx, campaign_id, order)
            assert call is not None
            await calls.intend(tx, call)
            await calls.placed(tx, call, f"CA{named}")
            await calls.move(tx, call, ("ringing", "in_progress", "completed"))
            await calls.heard(tx, call, seconds=20, recording=Recording(f"RE{named}", 2, 20.0))
            await calls.settled(tx, call)
            summary = {
                "file": file, "layout": said.layout, "seconds": said.seconds, "channels": 2,
                "utterances": 4, "words": 11, "speakers": {}, "warnings": [], "waves": WAVES,
            }  # fmt: skip
            await calls.store_transcript(tx, call, said, summary)
            found = list(claims())
            summary = {"claims": 2, "refused": 0, "refusals": [], "flagged": len(flagged),
                       "flagged_utterances": [{"utterance": 2, "text": t} for t in flagged],
                       "served_by": "test"}  # fmt: skip
            await calls.store_claims(tx, call, found, summary)
            campaign = await campaigns.required(tx, campaign_id)
            recording = recipe.recording_version(campaign.calls[order - 1]) or ""
            inputs = recipe.call_inputs(campaign, call)
            await _put(tx, campaign, recipe.CALL, call.key, inputs)
            inputs = recipe.transcript_inputs(campaign, call, recording)
            await _put(tx, campaign, recipe.TRANSCRIPT, call.key, inputs)
            inputs = recipe.claims_inputs(campaign, call, "v1")
            await _put(tx, campaign, recipe.CLAIMS, call.key, inputs)
            units.append_progress(
                tx, campaign_id, stage="claims", outcome="finished",
                message=f"Call {order}: 2 statements found", part=call.key, percentage=order * 20,
            )  # fmt: skip

        await self.transact(write)

    async def judged(self, campaign_id: str) -> None:
        """Verdicts on all hypotheses."""

        async def write(tx: Transaction) -> None:
            campaign = await campaigns.required(tx, campaign_id)
            for hypothesis in campaign.hypotheses:
                await campaigns.pass_verdict(tx, hypothesis, judged(campaign, hypothesis))
                inputs = recipe.verdict_inputs(campaign, hypothesis)
                await _put(tx, campaign, recipe.HYPOTHESIS_VERDICT, hypothesis.key, inputs)

        await self.transact(write)

    async def blob(self, data: bytes, media_type: str) -> dict[str, Any]:
        """A stored file."""
        settings = self._settings or self.world.gateway.settings
        return (await BlobStore(settings.blobs).put(data, media_type)).as_dict()

    async def _unreached(self, tx: Transaction, campaign_id: str) -> None:
        call = await calls.get(tx, campaign_id, 4)
        assert call is not None
        await calls.move(tx, call, ("ringing", "no_answer"))
        await calls.settled(tx, call)


def conversation() -> Transcript:
    """Two questions and two answers."""
    texts = ("Do you like bread?", ANSWERS[0][0], "Do you like cake?", ANSWERS[1][0])
    utterances = tuple(
        Utterance(
            order,
            "AI" if order % 2 else "HUMAN",
            order % 2,
            order % 2 + 1,
            tuple(
                SpokenWord(word, 4.0 * order + n, 4.0 * order + n + 0.9, 0.9)
                for n, word in enumerate(text.split())
            ),
        )
        for order, text in enumerate(texts, start=1)
    )
    return Transcript(utterances, "two_channel", 20.0)


def claims() -> list[GroundedClaim]:
    """What it says of the hypotheses."""
    return [
        GroundedClaim(n, text, text, 8.0 * n, 8.0 * n + 2, 0, 2 * n, n, n, stance, 0.8, 0.9)
        for n, (text, stance) in enumerate(ANSWERS, start=1)
    ]


def sound() -> bytes:
    """Twenty seconds with another tone on each channel."""
    at = np.arange(20 * 8000) / 8000
    left, right = (0.2 * np.sin(2 * np.pi * pitch * at) for pitch in (300, 500))
    frames = (np.stack([left, right], axis=1) * 32_767).astype("<i2")
    target = io.BytesIO()
    with wave.open(target, "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(frames.tobytes())
    return target.getvalue()


async def _put(
    tx: Transaction, campaign: Campaign, asset: str, partition: str, input_hash: str
) -> None:
    campaign = await campaigns.required(tx, campaign.id)
    await tx.each(
        "assets.put",
        unit_id=campaign.id,
        asset=asset,
        partition=partition,
        data_version="v1",
        code_version=recipe.MAKERS[asset].version(models_in_use()),
        input_hash=input_hash,
        input_versions=recipe.sources_of(campaign, asset, partition),
        metadata={},
        cost_usd=0,
        run_id="test",
    )
