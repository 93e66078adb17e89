"""Campaigns in the database: reading one whole, and what the workers write of it as a whole."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from psycopg.types.json import Jsonb

from pipeline_defs.domain.calls.campaigns import Campaign, Hypothesis, Question
from pipeline_defs.domain.calls.claims import GroundedClaim
from pipeline_defs.domain.calls.requests import CampaignRequest
from pipeline_defs.domain.kinds import CAMPAIGNS
from pipeline_defs.storage import calls, units
from pipeline_defs.storage.database import Transaction
from pipeline_defs.storage.models_in_use import models_in_use
from pipeline_defs.storage.unit_records import no_such_unit, read_record

FIELD_WORDS = 6  # of a hypothesis, as its name in tables where none is given


async def create(tx: Transaction, request: CampaignRequest, actor: str) -> str:
    """Store a new campaign and return its id; it is dispatched by itself."""
    total = 3 * len(request.contacts) + len(request.hypotheses) + 1
    campaign_id = await units.create(tx, CAMPAIGNS, request.heading, actor, steps_total=total)
    quiet = request.quiet_hours
    await tx.run(
        "campaigns.create",
        id=campaign_id,
        goal=request.goal,
        language=request.language,
        consent=request.consent,
        time_zone=request.time_zone,
        quiet_start=quiet.start if quiet else None,
        quiet_end=quiet.end if quiet else None,
        do_not_call=request.do_not_call,
        calls_per_minute=request.calls_per_minute,
        budget_usd=request.budget_usd,
        retries=request.retries,
        retry_after_minutes=request.retry_after_minutes,
    )
    await _add_parts(tx, campaign_id, request)
    return campaign_id


async def read(tx: Transaction, campaign_id: str, *, lock: bool = False) -> Campaign | None:
    """The campaign with its hypotheses, calls, claims and versions, or None.

    `lock`: nobody else may change it until the transaction ends.
    """
    record = await read_record(tx, campaign_id, lock=lock)
    row = await tx.one("campaigns.get", id=campaign_id)
    if row is None or record is None:
        return None
    title = await tx.one("units.get", id=campaign_id)
    hypotheses = await tx.all("campaigns.hypotheses", campaign_id=campaign_id)
    questions = await tx.all("campaigns.questions", campaign_id=campaign_id)
    claims: defaultdict[int, list[GroundedClaim]] = defaultdict(list)
    for claim in await tx.all("campaigns.claims", campaign_id=campaign_id):
        claims[claim["call_order"]].append(calls.claim_of(claim))
    quiet = (row["quiet_start"], row["quiet_end"])
    return Campaign(
        id=campaign_id,
        status=record.status,
        title=title["title"] if title else "",
        goal=row["goal"],
        language=row["language"],
        consent=row["consent"],
        time_zone=row["time_zone"],
        quiet_hours=quiet if quiet[0] is not None else None,
        do_not_call=frozenset(row["do_not_call"]),
        calls_per_minute=row["calls_per_minute"],
        budget_usd=row["budget_usd"],
        retries=row["retries"],
        retry_after_minutes=row["retry_after_minutes"],
        paused=row["paused_at"] is not None,
        hypotheses=tuple(_hypothesis(h) for h in hypotheses),
        checklist=tuple(
            Question(q["question_order"], q["question"], q["hypothesis_order"]) for q in questions
        ),
        calls=tuple([calls.call_of(c) for c in await calls.rows(tx, campaign_id)]),
        claims={order: tuple(found) for order, found in claims.items()},
        spent_usd=row["spent_usd"],
        report=row["report"],
        versions=record.versions,
        generations=record.generations,
        models=models_in_use(),
        has_unreported=record.has_unreported,
    )


async def required(tx: Transaction, campaign_id: str) -> Campaign:
    """The campaign, locked for a change; Permanent `NOT_FOUND` when there is none."""
    campaign = await read(tx, campaign_id, lock=True)
    if campaign is None:
        raise no_such_unit(CAMPAIGNS.noun, campaign_id)
    return campaign


async def pass_verdict(tx: Transaction, hypothesis: Hypothesis, verdict: dict[str, Any]) -> int:
    """Keep a verdict as the one that stands and mark the claims it counted; its number."""
    which = {"campaign_id": hypothesis.campaign_id, "order": hypothesis.order}
    row = await tx.one("campaigns.pass_verdict", **which, verdict=Jsonb(verdict))
    number = int(row["number"]) if row else 1
    await tx.run("campaigns.mark_validated", **which, number=number)
    return number


async def store_report(tx: Transaction, campaign_id: str, report: dict[str, Any]) -> None:
    """Keep what the report says and where its files are."""
    await tx.run("campaigns.store_report", id=campaign_id, report=Jsonb(report))


async def settle(_tx: Transaction, _campaign_id: str) -> None:
    """A worker that stops leaves nothing in work: an intent to call is found again by itself."""


async def _add_parts(tx: Transaction, campaign_id: str, request: CampaignRequest) -> None:
    for order, hypothesis in enumerate(request.hypotheses, start=1):
        await tx.run(
            "campaigns.add_hypothesis",
            campaign_id=campaign_id,
            order=order,
            text=hypothesis.text,
            field=hypothesis.field or _name_of(hypothesis.text),
        )
    for order, question in enumerate(request.checklist, start=1):
        await tx.run(
            "campaigns.add_question",
            campaign_id=campaign_id,
            order=order,
            question=question.question,
            hypothesis=question.hypothesis,
        )
    for order, contact in enumerate(request.contacts, start=1):
        await tx.run(
            "calls.add",
            campaign_id=campaign_id,
            order=order,
            phone=contact.phone,
            contact=contact.name or f"Respondent {order}",
            respondent=contact.respondent or contact.phone,
            script=contact.script,
        )


def _name_of(text: str) -> str:
    words = text.split()
    head = " ".join(words[:FIELD_WORDS]).rstrip(".,;:")[:59]
    return f"{head} …" if len(words) > FIELD_WORDS else head


def _hypothesis(row: dict[str, Any]) -> Hypothesis:
    verdict = row["verdict"]
    if verdict is not None:
        passed = row["passed_at"].isoformat(timespec="seconds")
        verdict = {**verdict, "number": row["number"], "passed_at": passed}
    return Hypothesis(
        row["campaign_id"],
        row["hypothesis_order"],
        row["text"],
        row["field"],
        row["evidence_at"],
        verdict,
    )
