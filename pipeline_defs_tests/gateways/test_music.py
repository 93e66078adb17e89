"""The music adapter."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

import pytest

from pipeline_defs.domain.errors import PipelineError
from pipeline_defs.gateways.catalog import Catalog
from pipeline_defs.gateways.failures import spent
from pipeline_defs.gateways.music.chained import ChainedMusic
from pipeline_defs.settings import Settings
from pipeline_defs_tests.gateways.conftest import SECRET
from pipeline_defs_tests.gateways.media_cases import WAV, mp3_answer, music_request
from pipeline_defs_tests.gateways.media_samples import mp3, picture
from pipeline_defs_tests.gateways.scripted_server import Answer, ScriptedServer

Make = Callable[..., Settings]


@pytest.fixture
def music(server: ScriptedServer, settings_with: Make, catalog: Catalog) -> ChainedMusic:
    values = {"elevenlabs_api_key": SECRET, "elevenlabs_base_url": server.url}
    return ChainedMusic(settings_with(**values), catalog)


async def test_an_instrumental_piece_of_the_asked_length_is_composed(
    server: ScriptedServer, music: ChainedMusic
) -> None:
    server.script(mp3_answer())
    async with music:
        answer = await music.compose(music_request())
    assert (answer.data, answer.media_type) == (mp3(), "audio/mpeg")
    request = server.requests[0]
    assert (request.path, request.query) == ("/v1/music", {"output_format": "mp3_44100_128"})
    assert request.json == {
        "prompt": "Calm piano.",
        "music_length_ms": 60_000,
        "model_id": "music_v2",
        "force_instrumental": True,
    }
    (usage,) = answer.usage
    assert (usage.capability, usage.quantity, usage.unit) == ("music", 60, "seconds")
    assert (usage.cost_usd, usage.cost_source) == (Decimal("0.300"), "computed")


@pytest.mark.parametrize(("seconds", "asked"), [(1.0, 3_000), (12.3456, 12_346), (1800, 600_000)])
async def test_the_length_is_the_nearest_the_api_accepts_and_billed_as_asked(
    seconds: float, asked: int, server: ScriptedServer, music: ChainedMusic
) -> None:
    server.script(WAV)
    async with music:
        answer = await music.compose(replace(music_request(), seconds=seconds))
    assert answer.media_type == "audio/wav"
    assert server.requests[0].json["music_length_ms"] == asked
    assert answer.usage[0].quantity == Decimal(asked) / 1000


@pytest.mark.parametrize("inner", [True, False])
async def test_a_refusal_brings_the_prompt_that_would_be_accepted(
    inner: bool, server: ScriptedServer, music: ChainedMusic
) -> None:
    suggestion = {"prompt_suggestion": "Calm piano without the name of a band."}
    detail = {"status": "bad_prompt", "message": "Names a band."}
    server.script(
        Answer(
            {"detail": {**detail, "data": suggestion} if inner else {**detail, **suggestion}}, 400
        )
    )
    async with music:
        with pytest.raises(PipelineError) as caught:
            await music.compose(music_request())
    assert (caught.value.code, caught.value.retryable) == ("REFUSED", False)
    assert "Names a band." in caught.value.message
    assert caught.value.advice.endswith("suggests: Calm piano without the name of a band.")


async def test_another_thing_than_sound_is_invalid_and_on_the_bill(
    server: ScriptedServer, music: ChainedMusic
) -> None:
    server.script(Answer(picture(), headers={"content-type": "audio/mpeg"}))
    async with music:
        with pytest.raises(PipelineError) as caught:
            await music.compose(music_request())
    assert caught.value.code == "INVALID_ANSWER"
    assert [usage.cost_usd for usage in spent(caught.value)] == [Decimal("0.3")]
