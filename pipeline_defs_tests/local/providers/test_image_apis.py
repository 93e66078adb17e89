"""Pictures in the shapes of OpenAI and OpenRouter."""

from __future__ import annotations

import base64
import io
from typing import Any

import pytest
from PIL import Image

from pipeline_defs_tests.local.providers.client import KEY, Providers
from pipeline_defs_tests.local.providers.media import (
    IMAGES,
    PROMPT,
    ROUTER_IMAGES,
    image_body,
)


def drawn(answer: dict[str, Any]) -> Image.Image:
    with Image.open(io.BytesIO(base64.b64decode(answer["data"][0]["b64_json"]))) as image:
        image.load()
        return image


@pytest.mark.parametrize(
    ("kind", "seen"), [("png", "PNG"), ("jpeg", "JPEG"), ("webp", "WEBP"), (None, "PNG")]
)
async def test_a_picture_comes_in_the_size_and_format_that_were_asked_for(
    kind: str | None, seen: str, providers: Providers
) -> None:
    body = image_body(**({"output_format": kind} if kind else {}))
    response = await providers.post(IMAGES, body)
    assert response.status_code == 200, response.text
    image = drawn(response.json())
    assert (image.size, image.format) == ((640, 368), seen)
    assert "url" not in response.json()["data"][0]


async def test_usage_is_in_tokens_and_the_bill_counts_pictures(providers: Providers) -> None:
    answer = (await providers.post(IMAGES, image_body(n=2))).json()
    usage = answer["usage"]
    assert len(answer["data"]) == 2
    assert usage["total_tokens"] == usage["input_tokens"] + usage["output_tokens"]
    call = (await providers.calls())[0]
    assert (call["capability"], call["quantity"], call["unit"]) == ("image", 2, "images")
    assert (call["billed"], call["cost_usd"] > 0) == (True, True)
    assert call["model"] == "local-picture-engine"


async def test_openrouter_names_the_media_type_and_the_cost(providers: Providers) -> None:
    body = {"model": "openai/gpt-image-2", "prompt": PROMPT, "aspect_ratio": "16:9"}
    answer = (await providers.post(ROUTER_IMAGES, body)).json()
    assert drawn(answer).size == (1280, 720)
    assert answer["data"][0]["media_type"] == "image/png"
    assert answer["usage"]["cost"] == (await providers.calls())[0]["cost_usd"] > 0


@pytest.mark.parametrize(
    "change",
    [
        *({"size": size} for size in ("1280", "1280x721", "4096x2048", "16x16", "1600x400")),
        {"prompt": ""},
        {"n": 11},
        {"output_format": "gif"},
    ],
)
async def test_what_cannot_be_drawn_is_a_bad_request(
    change: dict[str, Any], providers: Providers
) -> None:
    response = await providers.post(IMAGES, image_body(**change))
    assert response.status_code == 400
    assert response.json()["error"]["type"] == "invalid_request_error"
    assert not (await providers.calls())[0]["billed"]


@pytest.mark.parametrize("model", ["dall-e-3", "gpt-image-1"])
async def test_a_retired_model_is_not_found(model: str, providers: Providers) -> None:
    response = await providers.post(IMAGES, image_body(model=model))
    assert response.status_code == 404
    assert response.json()["error"]["code"] == "model_not_found"


async def test_a_refusal_reads_as_openais_moderation(providers: Providers) -> None:
    await providers.faults({"times": 1, "action": {"refusal": "Not this."}})
    response = await providers.post(IMAGES, image_body())
    error = response.json()["error"]
    assert response.status_code == 400
    assert error["type"] == "image_generation_user_error"
    assert error["code"] == "moderation_blocked"
    assert error["moderation_details"]["moderation_stage"] == "input"
    assert error["message"] == "Not this."
    assert (await providers.totals())["image"]["billed"] == 0


async def test_large_answers_are_kept_under_their_key(providers: Providers) -> None:
    body = image_body(size="1280x720")
    first = await providers.post(IMAGES, body, key="k")
    again = await providers.post(IMAGES, body, key="k")
    assert len(first.content) > 32_000
    assert again.content == first.content
    assert again.headers["idempotent-replayed"] == "true"
    assert again.headers["content-type"] == first.headers["content-type"]
    assert (await providers.totals())["image"]["billed"] == 1


@pytest.mark.parametrize("path", [IMAGES, ROUTER_IMAGES])
async def test_another_key_gives_another_arrangement_and_the_same_key_the_same(
    path: str, providers: Providers
) -> None:
    body = image_body(n=2)
    answers = [(await providers.post(path, body, key=key)).json() for key in ("a", "b", "a")]
    pictures = [[one["b64_json"] for one in answer["data"]] for answer in answers]
    assert pictures[0] == pictures[2] != pictures[1]
    assert pictures[0][0] == pictures[0][1]
    unkeyed = (await providers.post(path, body)).json()["data"][0]["b64_json"]
    assert unkeyed not in (*pictures[0], *pictures[1])


async def test_a_key_whose_answer_is_gone_gives_the_same_picture_again(
    providers: Providers,
) -> None:
    openai = await providers.post(IMAGES, image_body(), key="k")
    router = await providers.post(ROUTER_IMAGES, image_body(), key="k")  # another provider's store
    assert "idempotent-replayed" not in router.headers
    assert drawn(openai.json()).tobytes() == drawn(router.json()).tobytes()


async def test_the_real_client_of_openai_gets_a_picture(socket_providers: Providers) -> None:
    from openai import AsyncOpenAI

    base_url = str(socket_providers.http.base_url.join("/openai/v1"))
    async with AsyncOpenAI(api_key=KEY, base_url=base_url, max_retries=0) as client:
        answer = await client.images.generate(
            model="gpt-image-2", prompt=PROMPT, size="1280x720", output_format="webp"
        )
    assert answer.data is not None
    assert answer.usage is not None
    assert (answer.output_format, answer.size) == ("webp", "1280x720")
    assert base64.b64decode(answer.data[0].b64_json or "")[8:12] == b"WEBP"
