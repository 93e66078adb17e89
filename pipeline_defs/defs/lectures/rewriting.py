"""Asks a text model to say something in other words; not being able to is an answer too."""

from __future__ import annotations

from typing import TypeVar

from pydantic import BaseModel

from pipeline_defs import policies
from pipeline_defs.defs.lectures.making import STOPPING, InputLost, Making
from pipeline_defs.domain.articles.prompts import as_prompt
from pipeline_defs.domain.errors import Permanent, PipelineError
from pipeline_defs.domain.versions import version_of
from pipeline_defs.gateways.text.port import TextRequest
from pipeline_defs.policies import StepPolicy
from pipeline_defs.runtime.paid_calls import Outcome, Paid, Try

A = TypeVar("A", bound=BaseModel)


async def rewritten(
    making: Making,
    step: tuple[str, str],
    inputs: str,
    policy: StepPolicy,
    *,
    instructions: str,
    task: BaseModel,
    answer: type[A],
) -> tuple[A, Paid] | None:
    """What the model answers to a task, and the paid step; None where it cannot.

    `step` is the partition and the name of the step in the ledger.
    """

    async def call(this: Try) -> Outcome:
        given = await making.job.resources.gateways.text.generate(
            TextRequest(
                instructions=instructions,
                prompt=as_prompt(task, this.complaint),
                answer=answer,
                purpose="writing",
                max_output_tokens=policies.REWRITE_MAX_OUTPUT_TOKENS,
                timeout=policy.timeout,
                idempotency_key=this.idempotency_key,
                final_try=this.final,
            )
        )
        return Outcome({"answer": given.value.model_dump(mode="json")}, given.usage)

    try:
        paid = await making.work.paid(*step, version_of(inputs, task), policy, call)
    except PipelineError as error:
        cannot = isinstance(error, Permanent) and not isinstance(error, InputLost)
        if not cannot or error.code in STOPPING:
            raise
        return None
    return answer.model_validate(paid.result["answer"]), paid
