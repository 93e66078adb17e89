"""Makes a lecture's music: one or several pieces that together are as long as the lecture.

It is needed by the film alone. Where it is due it is composed beside the media of the segments, so
that nobody waits for it then; the ledger has it when its turn comes.
"""

from __future__ import annotations

import logging
from decimal import Decimal
from typing import Any

from pipeline_defs import policies
from pipeline_defs.defs.lectures import previews
from pipeline_defs.defs.lectures.making import Making, made
from pipeline_defs.defs.lectures.media_answers import judged
from pipeline_defs.domain.errors import PipelineError
from pipeline_defs.domain.lectures import prompts, recipe
from pipeline_defs.domain.versions import version_of
from pipeline_defs.gateways.music.port import MusicRequest
from pipeline_defs.gateways.usage import total_cost
from pipeline_defs.media.sound import decode_sound
from pipeline_defs.policies import StepPolicy
from pipeline_defs.runtime.concurrency import all_ended
from pipeline_defs.runtime.paid_calls import Judgement, Outcome, Paid, Try

log = logging.getLogger(__name__)
ASSET = "lecture_music"


async def compose_ahead(making: Making) -> None:
    """Have the music composed where a run of the dispatcher comes to it next.

    A failure is not the media's: it is met again, and kept, when the music's turn comes. So it is
    tried once only.
    """
    lecture = making.lecture
    inputs = recipe.inputs_of(lecture, ASSET, lecture.id)
    due = lecture.music_tracks > 0 and lecture.asset(ASSET).status == "pending"
    if not due or inputs is None or not making.job.is_dispatched:
        return
    if not making.must_make(ASSET, lecture.id, inputs):
        return
    try:
        await _composed(making, inputs, policies.MUSIC_AHEAD)
    except PipelineError as error:
        log.warning("the music of %s is not composed ahead: %s", lecture.id, error)


async def make_music(making: Making, inputs: str) -> None:
    """Compose the tracks at once, store and materialize them."""
    lecture = making.lecture
    composed = await _composed(making, inputs, policies.MUSIC)
    result: dict[str, Any] = {
        "tracks": [{k: p.result[k] for k in ("blob", "seconds", "prompt")} for p in composed],
        "served_by": composed[0].result["served_by"],
    }
    music = made(
        ASSET,
        lecture.id,
        version_of([track["blob"]["sha256"] for track in result["tracks"]]),
        inputs,
        cost_usd=sum((Decimal(paid.result.get("cost_usd", 0)) for paid in composed), Decimal(0)),
        metadata=previews.music(making, result),
    )
    await making.keep(music, result, f"{len(composed)} composed")


async def _composed(making: Making, inputs: str, policy: StepPolicy) -> list[Paid]:
    tracks = range(1, making.lecture.music_tracks + 1)
    return await all_ended(_track(making, number, inputs, policy) for number in tracks)


async def _track(making: Making, number: int, inputs: str, policy: StepPolicy) -> Paid:
    lecture = making.lecture
    prompt = prompts.music_prompt(lecture, number)
    seconds = max(lecture.seconds / lecture.music_tracks, policies.MUSIC_SHORTEST)

    async def call(this: Try) -> Judgement:
        answer = await making.job.resources.gateways.music.compose(
            MusicRequest(
                prompt=prompt,
                seconds=min(seconds, policies.MUSIC_LONGEST),
                timeout=policy.timeout,
                idempotency_key=this.idempotency_key,
                final_try=this.final and policy is policies.MUSIC,
            )
        )

        async def judge() -> Outcome:
            with judged(answer.usage):
                sound = await decode_sound(answer.data, answer.media_type)
                blob = await making.put(answer.data, answer.media_type)
            facts = {"seconds": round(sound.seconds, 2), "prompt": prompt}
            cost = {"cost_usd": str(total_cost(answer.usage))}  # told when it is used
            return Outcome({"blob": blob, **facts, **cost, "served_by": answer.model}, answer.usage)

        return judge

    return await making.work.paid(lecture.id, "music", version_of(inputs, number), policy, call)
