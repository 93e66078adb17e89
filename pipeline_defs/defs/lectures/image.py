"""Makes a segment's image: drawn as described, else from a rewritten description, else a card.

A refusal is an outcome that is remembered, so that it is not asked for again after a crash.
"""

from __future__ import annotations

import asyncio
from decimal import Decimal
from typing import Any

from pipeline_defs import policies
from pipeline_defs.defs.lectures import checks, previews
from pipeline_defs.defs.lectures.making import Making, made
from pipeline_defs.defs.lectures.media_answers import judged
from pipeline_defs.defs.lectures.rewriting import rewritten
from pipeline_defs.defs.lectures.title_cards import card_of
from pipeline_defs.domain.lectures import prompts, recipe
from pipeline_defs.domain.lectures.models import Segment
from pipeline_defs.domain.lectures.scripts import PictureDraft
from pipeline_defs.domain.versions import version_of
from pipeline_defs.gateways.failures import Refused, spent
from pipeline_defs.gateways.image.port import ImageRequest
from pipeline_defs.media.pictures import look_at
from pipeline_defs.runtime.concurrency import all_ended
from pipeline_defs.runtime.paid_calls import Judgement, Outcome, Paid, Try

ASSET = "segment_image"


async def make_image(making: Making, segment: Segment, inputs: str) -> None:
    """Draw the segment's pictures, store and materialize them, report their checks."""
    numbers = range(1, making.lecture.images_per_segment + 1)
    drawn = await all_ended(_picture(making, segment, number, inputs) for number in numbers)
    pictures = [picture for picture, _ in drawn]
    result = {
        "images": pictures,
        "fallback": _fallback(pictures),
        "refusal": next((p["refusal"] for p in pictures if p["refusal"]), None),
    }
    image = made(
        ASSET,
        segment.key,
        version_of([picture["blob"]["sha256"] for picture in pictures]),
        inputs,
        inputs={recipe.SEGMENT_PROMPT: recipe.prompt_version(making.lecture, segment)},
        cost_usd=sum((cost for _, cost in drawn), Decimal(0)),
        metadata=await previews.image(making, segment, result),
    )
    await making.keep(image, result, previews.image_words(result))
    await checks.report_image(making, segment, result)


async def _picture(
    making: Making, segment: Segment, number: int, inputs: str
) -> tuple[dict[str, Any], Decimal]:
    """One picture and what it cost in all."""
    first = await _draw(making, segment, number, inputs, segment.picture)
    refusal = first.result.get("refusal")
    if refusal is None:
        return {**first.result, "n": number, "kind": "drawn", "refusal": None}, first.cost_usd
    cost = first.cost_usd
    other = await rewritten(
        making,
        (segment.key, "picture"),
        inputs,
        policies.PROMPT_REWRITE,
        instructions=prompts.PICTURE_INSTRUCTIONS,
        task=prompts.picture_task(segment, refusal),
        answer=PictureDraft,
    )
    if other is not None:
        draft, paid = other
        second = await _draw(making, segment, number, inputs, draft.picture)
        cost += paid.cost_usd + second.cost_usd
        if "refusal" not in second.result:
            found = {**second.result, "n": number, "kind": "rewritten", "refusal": refusal}
            return found, cost
    return {**await _card(making, segment), "n": number, "refusal": refusal}, cost


async def _draw(making: Making, segment: Segment, number: int, inputs: str, picture: str) -> Paid:
    """A drawn picture, or `{"refusal": why}`."""
    prompt = prompts.picture_prompt(making.lecture, segment, picture, number)

    async def call(this: Try) -> Outcome | Judgement:
        await making.must_still_be(segment)
        try:
            answer = await making.job.resources.gateways.image.draw(
                ImageRequest(
                    prompt=prompt,
                    width=policies.VIDEO_WIDTH,
                    height=policies.VIDEO_HEIGHT,
                    timeout=policies.IMAGE.timeout,
                    idempotency_key=this.idempotency_key,
                    final_try=this.final,
                )
            )
        except Refused as refused:
            return Outcome({"refusal": refused.message}, spent(refused))

        async def judge() -> Outcome:
            with judged(answer.usage):
                kept = await _kept(making, answer.data)
            return Outcome({**kept, "prompt": prompt, "served_by": answer.model}, answer.usage)

        return judge

    return await making.work.paid(
        segment.key, "image", version_of(inputs, prompt), policies.IMAGE, call
    )


async def _card(making: Making, segment: Segment) -> dict[str, Any]:
    """A title card of our own, free of charge and of objections."""
    kept = await _kept(making, await card_of(making, segment))
    return {**kept, "kind": "title_card", "prompt": segment.heading, "served_by": "title card"}


async def _kept(making: Making, data: bytes) -> dict[str, Any]:
    """A picture that was looked at and stored; Permanent BAD_MEDIA when it is none."""
    look = await asyncio.to_thread(look_at, data)
    facts = look.picture
    blob = await making.put(data, facts.media_type)
    making.thumbnails[blob["sha256"]] = look.thumbnail
    making.have_at_hand(blob, data)
    seen = f"{look.perceptual_hash:016x}"
    return {"blob": blob, "width": facts.width, "height": facts.height, "hash": seen}


def _fallback(pictures: list[dict[str, Any]]) -> str | None:
    """What the start frame has to do with: as drawn, else rewritten, else only title cards."""
    kinds = {picture["kind"] for picture in pictures}
    return None if "drawn" in kinds else "rewritten" if "rewritten" in kinds else "title_card"
