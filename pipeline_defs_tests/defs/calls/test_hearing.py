"""What is heard is paid for once: a step and a bill for both channels, or for each of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from pipeline_defs.defs.calls.hearing import transcribed
from pipeline_defs.domain.calls.campaigns import Question
from pipeline_defs.domain.calls.requests import CampaignRequest
from pipeline_defs.gateways.catalog import Catalog
from pipeline_defs.gateways.opening import open_gateways
from pipeline_defs.media.recordings import read_recording
from pipeline_defs.settings import Settings
from pipeline_defs.storage import campaigns
from pipeline_defs.storage.database import Database
from pipeline_defs_tests.gateways.local_server import LOCAL_KEY
from pipeline_defs_tests.gateways.media_cases import only
from pipeline_defs_tests.gateways.test_local_channels import QUESTION, conversation
from pipeline_defs_tests.runtime.conftest import ORG, Workers
from pipeline_defs_tests.web.interviewing import REQUEST


@pytest.mark.parametrize(
    ("model", "steps"),
    [
        ("elevenlabs:scribe_v2", {"transcript"}),
        ("openai:whisper-1", {"transcript/0", "transcript/1"}),
    ],
)
async def test_a_recording_is_heard_with_as_many_paid_steps_as_requests(
    model: str,
    steps: set[str],
    db: Database,
    workers: Workers,
    count: Callable[..., int],
    local_url: str,
    catalog: Catalog,
    settings_with: Callable[..., Settings],
) -> None:
    request = CampaignRequest.model_validate(REQUEST)
    unit = await db.transact(ORG, lambda tx: campaigns.create(tx, request, "tester"))
    campaign = await db.transact(ORG, lambda tx: campaigns.required(tx, unit))
    campaign = replace(campaign, checklist=(Question(1, QUESTION, 1),), consent=QUESTION)
    work = await workers.on(unit)
    settings = settings_with(local_providers_url=local_url, local_providers_key=LOCAL_KEY)
    async with open_gateways(settings, only(catalog, "transcription", model)) as gateways:
        sound = read_recording(await conversation(gateways))
        call, ears = campaign.calls[0], gateways.transcription
        said, cost = await transcribed(work, ears, campaign, call, sound=sound, inputs="v1")
        again, free = await transcribed(work, ears, campaign, call, sound=sound, inputs="v1")
    assert [(u.speaker, u.channel) for u in said.utterances] == [("AI", 1), ("HUMAN", 0)]
    assert again == said
    assert cost > 0
    assert free == 0
    assert {s for s in steps if count("ledger", "unit_id = %s and step = %s", unit, s)} == steps
    assert count("ledger", "unit_id = %s", unit) == len(steps)
    assert count("usage", "unit_id = %s", unit) == len(steps)
