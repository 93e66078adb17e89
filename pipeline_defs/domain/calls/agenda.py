"""What is to be done next for a campaign, and when: pure functions of a `Campaign` and the time.

A campaign is driven from outside: most of the time nothing can be done but wait for the telephone.
What will never be heard is looked for: a lost answer, a call that fell silent, a recording.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Literal

from pipeline_defs import policies
from pipeline_defs.domain.calls import gates, recipe
from pipeline_defs.domain.calls.campaigns import Call, Campaign, Hypothesis
from pipeline_defs.domain.errors import ErrorRecord
from pipeline_defs.domain.kinds import CAMPAIGNS
from pipeline_defs.domain.work import Rest, Work

Step = Literal["place", "give_up", "find", "look", "settle", "seek_recording", "read", "extract"]
ASSET_OF: dict[Step, str] = {
    "place": recipe.CALL,
    "give_up": recipe.CALL,
    "find": recipe.CALL,
    "look": recipe.CALL,
    "settle": recipe.CALL,
    "seek_recording": recipe.CALL,
    "read": recipe.TRANSCRIPT,
    "extract": recipe.CLAIMS,
}
Due = tuple[Step, datetime]
# A conversation in which nothing was said is an outcome, too.
NOTHING_SAID = frozenset(
    {"TRANSCRIPT_TOO_SHORT", "RECORDING_SILENT", "RECORDING_TOO_SHORT", "RECORDING_ABSENT"}
)


def next_work(campaign: Campaign, now: datetime) -> Work | Rest | None:
    """What has to run next, a rest until then, or None when the campaign is as complete as it
    will be."""
    calls = [call for call in campaign.calls if is_due(step_of(campaign, call, now), now)]
    if calls:
        return _conduct(campaign, calls)
    judging = [at for h in campaign.hypotheses if (at := judged_at(campaign, h, now))]
    if any(at <= now for at in judging):
        keys = tuple(hypothesis.key for hypothesis in campaign.hypotheses)
        return Work("judge_hypotheses", (recipe.HYPOTHESIS_VERDICT,), "hypotheses", keys)
    if not recipe.is_heard(campaign) or _waits(campaign, now):
        return Rest(_until([*judging, *_later(campaign, now)], now))
    if campaign.report is None or _is_outdated(campaign) or campaign.has_unreported:
        return Work("report_campaign", (recipe.CAMPAIGN_REPORT,), CAMPAIGNS.name, (campaign.id,))
    return None


def step_of(campaign: Campaign, call: Call, now: datetime) -> Due | None:
    """What a call needs next and when; None while that is up to others, or nothing ever."""
    if call.status == "queued" and call.sid is None:
        return _placing(campaign, call, now)
    if not call.is_over:
        return "look", (call.heard_at or now) + _seconds(policies.CALL_SILENT)
    if not call.settled:
        return "settle", now
    if not recipe.awaits_reading(call):
        return None
    if call.recording_state == "awaited":
        heard = max(filter(None, (call.ended_at, call.heard_at)), default=now)
        return "seek_recording", heard + _seconds(policies.RECORDING_LATE)
    return ("read", now) if call.transcript is None else ("extract", now)


def is_due(due: Due | None, now: datetime) -> bool:
    """Whether it is time."""
    return due is not None and due[1] <= now


def slots(campaign: Campaign, now: datetime) -> int:
    """How many calls may be placed right now within the campaign's rate."""
    minute = timedelta(minutes=1)
    recent = [c for c in campaign.calls if c.dialled_at and now - c.dialled_at < minute]
    return max(0, campaign.calls_per_minute - len(recent))


def judged_at(campaign: Campaign, hypothesis: Hypothesis, now: datetime) -> datetime | None:
    """When a hypothesis is to be judged; None where its verdict stands or too little was said.

    While calls go on it takes enough claims of enough calls, and a moment in which none came.
    """
    made = campaign.version(recipe.HYPOTHESIS_VERDICT, hypothesis.key)
    if made is not None and made.input_hash == recipe.verdict_inputs(campaign, hypothesis):
        return None
    if recipe.is_heard(campaign):
        return now
    said = [
        call.order
        for call, claim in recipe.claims_on(campaign, hypothesis)
        if claim.stance != "neutral"
    ]
    enough = (
        len(said) >= policies.VERDICT_CLAIMS_LEAST
        and len(set(said)) >= policies.VERDICT_RESPONDENTS_LEAST
    )
    if not enough or hypothesis.evidence_at is None:
        return None
    return hypothesis.evidence_at + _seconds(policies.VERDICT_DEBOUNCE)


def outcome_of(campaign: Campaign) -> tuple[str, ErrorRecord | None]:
    """How a campaign ends: incomplete where a conversation could not be read, or money ran out."""
    unread = [
        c
        for c in campaign.calls
        if c.error and c.error["stage"] != "call" and c.error["code"] not in NOTHING_SAID
    ]
    stopped = [c for c in campaign.calls if c.error and c.error["code"] == "BUDGET_SPENT"]
    if unread:
        first = unread[0].error or {}
        message = f"{len(unread)} of {len(campaign.calls)} calls could not be read: "
        return "incomplete", ErrorRecord(
            "CALLS_UNREAD",
            message + f"call {unread[0].order}: {first['message']}",
            retryable=any(call.error["retryable"] for call in unread if call.error),
            advice="Look at the calls, then resume to read them again.",
        )
    if stopped:
        return "incomplete", ErrorRecord(
            "BUDGET_SPENT",
            f"{len(stopped)} of {len(campaign.calls)} contacts were not called: the budget of "
            f"{campaign.budget_usd} USD is spent",
            retryable=False,
            advice="Raise the campaign's budget, then resume.",
        )
    return "completed", None


def steps(campaign: Campaign) -> tuple[int, int]:
    """`(done, total)`: per call that it is over, transcribed, read for claims; per hypothesis that
    its final verdict is passed; the report."""
    done = 0
    for call in campaign.calls:
        read = call.is_over and not recipe.awaits_reading(call)
        done += 3 if read else call.is_over + (call.transcript is not None)
    done += sum(bool(h.verdict and h.verdict["final"]) for h in campaign.hypotheses)
    total = 3 * len(campaign.calls) + len(campaign.hypotheses) + 1
    reported = campaign.report is not None and not _is_outdated(campaign)
    return done + reported, total


def _placing(campaign: Campaign, call: Call, now: datetime) -> Due | None:
    if call.intended_at is not None:
        asked = max(call.intended_at, call.heard_at or call.intended_at)
        return "find", asked + _seconds(policies.CALL_ANSWER_LOST)
    gate = gates.may_call(campaign, call, now)
    if gate.answer == "never":
        return "give_up", now
    if not campaign.is_active:
        return None
    if gate.answer == "later":
        return "place", gate.at or now
    return "place", now if slots(campaign, now) else _next_slot(campaign)


def _next_slot(campaign: Campaign) -> datetime:
    dialled = sorted(call.dialled_at for call in campaign.calls if call.dialled_at)
    return dialled[-campaign.calls_per_minute] + timedelta(minutes=1)


def _conduct(campaign: Campaign, due: list[Call]) -> Work:
    """The first time for all calls: so their partitions stand in one order, without others in
    between, and a range from one to another never holds a foreign one."""
    untouched = all(call.dialled_at is None and not call.is_over for call in campaign.calls)
    orders = [call.order for call in (campaign.calls if untouched else due)]
    keys = tuple(call.key for call in campaign.calls[orders[0] - 1 : orders[-1]])
    return Work("conduct_interviews", recipe.CALL_ASSETS, "calls", keys)


def _waits(campaign: Campaign, now: datetime) -> bool:
    """Whether something is to be done for a call later on."""
    return any(step_of(campaign, call, now) for call in campaign.calls)


def _later(campaign: Campaign, now: datetime) -> list[datetime]:
    """When calls need something next."""
    return [due[1] for call in campaign.calls if (due := step_of(campaign, call, now))]


def _until(times: list[datetime], now: datetime) -> float:
    """Seconds to the first of these, at most so long that a change of rules is noticed."""
    seconds = min(((at - now).total_seconds() for at in times), default=policies.REST_MOST)
    return max(0.0, min(seconds, policies.REST_MOST))


def _is_outdated(campaign: Campaign) -> bool:
    return recipe.is_stale(campaign, recipe.CAMPAIGN_REPORT, campaign.id)


def _seconds(count: float) -> timedelta:
    return timedelta(seconds=count)
