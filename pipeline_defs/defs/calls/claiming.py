"""Extracts claims from a call: choose what to read for what, read, take sides.

Three steps, each paid for once: embeddings of passages, claims of a passage, the stance of a claim.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TypeVar

from pydantic import BaseModel

from pipeline_defs import policies
from pipeline_defs.domain.articles.prompts import as_prompt
from pipeline_defs.domain.calls import prompts, retrieval
from pipeline_defs.domain.calls.campaigns import Call, Campaign
from pipeline_defs.domain.calls.claims import GroundedClaim
from pipeline_defs.domain.calls.grounding import grounded, quote_of, refusal_of
from pipeline_defs.domain.calls.passages import Flagged, Passage, passages_of
from pipeline_defs.domain.calls.transcripts import Transcript
from pipeline_defs.domain.errors import Permanent
from pipeline_defs.domain.versions import version_of
from pipeline_defs.gateways.embedding.port import EmbeddingRequest
from pipeline_defs.gateways.text.port import TextRequest
from pipeline_defs.runtime.concurrency import all_ended
from pipeline_defs.runtime.driving import Assignment
from pipeline_defs.runtime.paid_calls import Outcome, Paid, Try

M = TypeVar("M", bound=BaseModel)


@dataclass
class Claims:
    """What a call says of the hypotheses; `refused` and `flagged` as people are told of them."""

    claims: tuple[GroundedClaim, ...] = ()
    refused: list[str] = field(default_factory=list[str])
    flagged: list[dict[str, object]] = field(default_factory=list[dict[str, object]])
    served_by: str = "nothing to read"
    cost_usd: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class _Reading:
    """A passage and the hypotheses it is read for; `question` of the checklist that it answers."""

    passage: Passage
    hypotheses: tuple[int, ...]
    question: int | None


async def claims_of(
    job: Assignment, campaign: Campaign, call: Call, said: Transcript, inputs: str
) -> Claims:
    """Every claim of the respondent, grounded in their words.

    Raises Permanent `TRANSCRIPT_TOO_SHORT` where hardly anything was said.
    """
    passages, flagged = passages_of(said)
    _must_say_something(said)
    found = Claims(flagged=[_shown(flag) for flag in flagged])
    readings = await _readings(job, campaign, call, passages, inputs, found)
    read = await all_ended(_read(job, campaign, call, r, inputs, found) for r in readings)
    claims = [claim for claims in read for claim in claims]
    claims.sort(key=lambda claim: (claim.start, claim.hypothesis))
    found.claims = tuple(_numbered(claims))
    return found


def _must_say_something(said: Transcript) -> None:
    text = " ".join(u.text for u in said.utterances if u.speaker == "HUMAN")
    if any(u.speaker == "UNKNOWN" for u in said.utterances) and not text:
        raise Permanent(
            "SPEAKERS_UNKNOWN",
            "it is not known which voice is the respondent's",
            advice="Record with a channel for each speaker.",
        )
    if len(text) < policies.TRANSCRIPT_CHARS_LEAST:
        raise Permanent(
            "TRANSCRIPT_TOO_SHORT",
            f"the respondent said fewer than {policies.TRANSCRIPT_CHARS_LEAST} characters",
            advice="Listen to the call; nothing can be taken from it.",
        )


async def _readings(
    job: Assignment,
    campaign: Campaign,
    call: Call,
    passages: Sequence[Passage],
    inputs: str,
    found: Claims,
) -> list[_Reading]:
    """Which passages are read for which hypotheses."""
    if not passages:
        return []
    texts = [f"{passage.question} {passage.text}" for passage in passages]
    topics = retrieval.topics_of(campaign)
    lexical = await asyncio.to_thread(retrieval.similarities, texts, topics)
    scores = retrieval.combined(lexical, await _meant(job, call, texts, topics, inputs, found))
    readings: list[_Reading] = []
    for passage, row in zip(passages, scores.tolist(), strict=True):
        question, hypothesis = retrieval.asked_about(passage, campaign)
        numbers = retrieval.candidates(row, hypothesis)
        if numbers:
            readings.append(_Reading(passage, tuple(numbers), question))
    return readings[: policies.PASSAGES_PER_CALL]


async def _meant(
    job: Assignment,
    call: Call,
    texts: Sequence[str],
    topics: Sequence[str],
    inputs: str,
    found: Claims,
):
    """Cosine of the embeddings: a row per text, a column per topic."""
    import numpy as np

    async def ask(this: Try) -> Outcome:
        answer = await job.resources.gateways.embedding.embed(
            EmbeddingRequest(
                texts=(*texts, *topics),
                timeout=policies.RETRIEVAL.timeout,
                idempotency_key=this.idempotency_key,
                final_try=this.final,
            )
        )
        vectors = np.array(answer.vectors)
        vectors /= np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)
        meant = vectors[: len(texts)] @ vectors[len(texts) :].T
        return Outcome({"similarities": meant.round(4).tolist()}, answer.usage)

    key = version_of(inputs, texts, topics)
    paid = await job.work.paid(call.key, "retrieval", key, policies.RETRIEVAL, ask)
    found.cost_usd += paid.cost_usd
    return np.array(paid.result["similarities"])


async def _read(
    job: Assignment, campaign: Campaign, call: Call, reading: _Reading, inputs: str, found: Claims
) -> list[GroundedClaim]:
    """The claims of one passage."""
    passage = reading.passage
    task = prompts.ExtractionTask(
        question=passage.question,
        words=tuple(word.text for word in passage.words),
        hypotheses=tuple(
            prompts.HypothesisText(number=n, text=campaign.hypotheses[n - 1].text)
            for n in reading.hypotheses
        ),
    )
    step = f"claims/{passage.name}"
    instructions = prompts.EXTRACTION_INSTRUCTIONS
    paid = await _asked(
        job, call, step, task, instructions, prompts.ExtractionDraft, version_of(inputs, task)
    )
    found.cost_usd += paid.cost_usd
    found.served_by = str(paid.result["model"])
    claims: list[GroundedClaim] = []
    for claim in prompts.ExtractionDraft.model_validate(paid.result["answer"]).claims:
        refused = refusal_of(claim, passage, reading.hypotheses)
        if refused is not None:
            found.refused.append(f"utterance {passage.utterance.order}: {refused}")
            continue
        claims.append(await _with_stance(job, campaign, call, reading, claim, inputs, found))
    return claims


async def _with_stance(
    job: Assignment,
    campaign: Campaign,
    call: Call,
    reading: _Reading,
    claim: prompts.FoundClaim,
    inputs: str,
    found: Claims,
) -> GroundedClaim:
    """Its side, asked for by itself: who looks for claims does not take sides."""
    passage = reading.passage
    task = prompts.StanceTask(
        question=passage.question,
        statement=quote_of(claim, passage),
        hypothesis=campaign.hypotheses[claim.hypothesis - 1].text,
    )
    step = f"stance/{passage.name}/{claim.hypothesis}"
    instructions = prompts.STANCE_INSTRUCTIONS
    paid = await _asked(
        job, call, step, task, instructions, prompts.StanceDraft, version_of(inputs, task)
    )
    found.cost_usd += paid.cost_usd
    taken = prompts.StanceDraft.model_validate(paid.result["answer"])
    return grounded(
        claim,
        passage,
        order=0,
        stance=taken.stance,
        confidence=min(claim.confidence, taken.confidence),
        field=reading.question,
    )


async def _asked(
    job: Assignment,
    call: Call,
    step: str,
    task: BaseModel,
    instructions: str,
    answer: type[M],
    inputs: str,
) -> Paid:
    """One question to a model; an answer that does not fit the schema is asked for again."""

    async def ask(this: Try) -> Outcome:
        given = await job.resources.gateways.text.generate(
            TextRequest(
                instructions=instructions,
                prompt=as_prompt(task, this.complaint),
                answer=answer,
                purpose="extraction",
                max_output_tokens=policies.EXTRACTION_MAX_OUTPUT_TOKENS,
                timeout=policies.EXTRACTION.timeout,
                idempotency_key=this.idempotency_key,
                final_try=this.final,
            )
        )
        result = {"answer": given.value.model_dump(mode="json"), "model": given.model}
        return Outcome(result, given.usage)

    return await job.work.paid(call.key, step, inputs, policies.EXTRACTION, ask)


def _numbered(claims: Sequence[GroundedClaim]) -> list[GroundedClaim]:
    from dataclasses import replace

    return [replace(claim, order=number) for number, claim in enumerate(claims, start=1)]


def _shown(flag: Flagged) -> dict[str, object]:
    return {"utterance": flag.utterance, "text": flag.text}
