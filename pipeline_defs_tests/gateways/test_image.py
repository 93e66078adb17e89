"""Image adapters: what is asked, what is read, what it costs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from pipeline_defs.domain.errors import PipelineError
from pipeline_defs.gateways.catalog import Catalog
from pipeline_defs.gateways.failures import spent
from pipeline_defs.gateways.image.answers import size_of
from pipeline_defs.gateways.image.chained import ChainedImages
from pipeline_defs.gateways.image.port import ImageAnswer
from pipeline_defs.settings import Settings
from pipeline_defs_tests.gateways.conftest import SECRET
from pipeline_defs_tests.gateways.media_cases import drawn, image_request, only
from pipeline_defs_tests.gateways.media_samples import picture, wav
from pipeline_defs_tests.gateways.scripted_server import Answer, ScriptedServer

Make = Callable[..., Settings]
MODELS = ["openai:gpt-image-2", "openrouter:openai/gpt-image-2"]


@pytest.fixture(params=MODELS)
def model(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture
def images(
    model: str, server: ScriptedServer, settings_with: Make, catalog: Catalog
) -> ChainedImages:
    provider = model.partition(":")[0]
    values = {f"{provider}_api_key": SECRET, f"{provider}_base_url": server.url}
    return ChainedImages(settings_with(**values), only(catalog, "image", model))


async def answered(images: ChainedImages) -> ImageAnswer:
    async with images:
        return await images.draw(image_request())


async def failure(images: ChainedImages) -> PipelineError:
    with pytest.raises(PipelineError) as caught:
        await answered(images)
    return caught.value


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
async def test_the_picture_comes_as_it_was_sent_with_its_type(
    kind: str, server: ScriptedServer, images: ChainedImages
) -> None:
    server.script(Answer(drawn(picture(kind))))
    answer = await answered(images)
    assert (answer.data, answer.media_type) == (picture(kind), f"image/{kind.lower()}")


async def test_the_request_names_size_and_options_and_asks_for_no_address(
    model: str, server: ScriptedServer, images: ChainedImages
) -> None:
    server.script(Answer(drawn()))
    await answered(images)
    sent = server.requests[0].json
    assert sent["model"] == model.partition(":")[2]
    assert (sent["prompt"], sent["size"]) == ("A leaf.", "1280x720")
    assert (sent["quality"], sent["output_format"]) == ("medium", "jpeg")
    assert "response_format" not in sent


@pytest.mark.parametrize(
    ("size", "asked"), [((1280, 720), "1280x720"), ((1281, 700), "1296x704"), ((1, 16), "16x16")]
)
def test_sizes_are_rounded_up_to_what_the_apis_accept(size: tuple[int, int], asked: str) -> None:
    assert size_of(replace(image_request(), width=size[0], height=size[1])) == asked


async def test_tokens_are_billed_by_their_price_where_the_provider_names_them(
    model: str, server: ScriptedServer, images: ChainedImages
) -> None:
    server.script(Answer(drawn(input_tokens=100, output_tokens=1000)))
    (usage,) = (await answered(images)).usage
    assert (usage.input_tokens, usage.output_tokens) == (100, 1000)
    assert (usage.capability, usage.quantity, usage.unit) == ("image", 1, "images")
    expected = "0.0305" if model.startswith("openai:") else "0.05"  # no token price at the other
    assert (usage.cost_usd, usage.cost_source) == (Decimal(expected), "computed")


async def test_a_picture_without_a_bill_costs_the_price_of_a_picture(
    server: ScriptedServer, images: ChainedImages
) -> None:
    server.script(Answer(drawn()))
    (usage,) = (await answered(images)).usage
    assert (usage.cost_usd, usage.cost_source) == (Decimal("0.05"), "computed")


async def test_a_cost_the_provider_reports_is_taken(
    server: ScriptedServer, images: ChainedImages
) -> None:
    server.script(Answer({**drawn(cost=0.0412), "model": "openai/gpt-image-2-2026-04-21"}))
    answer = await answered(images)
    assert answer.usage[0].cost_usd == Decimal("0.0412")
    assert answer.usage[0].cost_source == "reported"
    assert answer.model == answer.usage[0].model == "openai/gpt-image-2-2026-04-21"


async def test_a_refusal_says_what_moderation_objected_to(
    server: ScriptedServer, images: ChainedImages
) -> None:
    error = {
        "type": "image_generation_user_error",
        "code": "moderation_blocked",
        "message": "Rejected by the safety system.",
        "moderation_details": {"moderation_stage": "input", "categories": ["violence", "hate"]},
    }
    server.script(Answer({"error": error}, 400))
    refused = await failure(images)
    assert (refused.code, refused.retryable) == ("REFUSED", False)
    assert "safety system. (violence, hate)" in refused.message


@pytest.mark.parametrize(
    "code", ["content_policy_violation", "image_content_policy_violation", "invalid_prompt"]
)
async def test_every_name_of_a_refusal_is_one(
    code: str, server: ScriptedServer, images: ChainedImages
) -> None:
    server.script(Answer({"error": {"code": code, "message": "no"}}, 400))
    assert (await failure(images)).code == "REFUSED"
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    "data",
    [
        [],
        [{}],
        [{"url": "https://example.org/picture.png"}],
        [{"b64_json": ""}],
        [{"b64_json": "not base64!"}],
        [{"b64_json": 5}],
    ],
)
async def test_an_answer_without_a_picture_in_it_is_invalid(
    data: Any, server: ScriptedServer, images: ChainedImages
) -> None:
    server.script(Answer({"data": data}))
    assert (await failure(images)).code == "INVALID_ANSWER"
    assert len(server.requests) == 1  # no address was fetched


@pytest.mark.parametrize("data", [picture("GIF"), picture()[:-40], wav(), b"<svg/>"])
async def test_another_thing_than_a_whole_picture_is_invalid_and_on_the_bill(
    data: bytes, server: ScriptedServer, images: ChainedImages
) -> None:
    server.script(Answer(drawn(data, cost=0.04)))
    error = await failure(images)
    assert (error.code, error.retryable) == ("INVALID_ANSWER", True)
    assert [usage.cost_usd for usage in spent(error)] == [Decimal("0.04")]


async def test_a_data_address_is_a_picture_too(
    server: ScriptedServer, images: ChainedImages
) -> None:
    body = drawn()
    body["data"][0]["b64_json"] = "data:image/png;base64," + body["data"][0]["b64_json"]
    server.script(Answer(body))
    assert (await answered(images)).data == picture()


async def test_the_next_model_draws_where_the_first_is_gone(
    server: ScriptedServer, settings_with: Make, catalog: Catalog
) -> None:
    settings = settings_with(openai_api_key=SECRET, openai_base_url=server.url)
    server.script(Answer({"error": {"code": "model_not_found"}}, 404), Answer(drawn()))
    async with ChainedImages(settings, catalog) as images:
        await images.draw(image_request())
    assert [request.json["model"] for request in server.requests] == [
        "gpt-image-2.5-flare",
        "gpt-image-2",
    ]


async def test_a_server_of_ones_own_can_draw(
    server: ScriptedServer, settings_with: Make, catalog: Catalog
) -> None:
    own = catalog.models["openai:gpt-image-2"].model_copy(
        update={"key": "compatible:own", "provider": "compatible", "id": "own"}
    )
    models = {**catalog.models, "compatible:own": own}
    changed = only(catalog.model_copy(update={"models": models}), "image", "compatible:own")
    server.script(Answer(drawn()))
    async with ChainedImages(settings_with(compatible_base_url=server.url), changed) as images:
        answer = await images.draw(image_request())
    assert (answer.provider, answer.media_type) == ("compatible", "image/png")
