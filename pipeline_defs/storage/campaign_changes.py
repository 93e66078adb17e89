"""The changes users may ask for of a campaign: pause, go on, rebuild, resume."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime

from pipeline_defs.domain import graph
from pipeline_defs.domain.calls import recipe
from pipeline_defs.domain.calls.campaigns import Call, Campaign
from pipeline_defs.domain.calls.requests import CampaignChange, CampaignRebuild
from pipeline_defs.domain.errors import Permanent
from pipeline_defs.domain.kinds import CAMPAIGNS
from pipeline_defs.domain.states import FINAL_STATES
from pipeline_defs.storage import calls, campaigns, units
from pipeline_defs.storage.database import Transaction
from pipeline_defs.storage.unit_records import must_rest

Node = tuple[str, str]  # asset, partition


async def pause(tx: Transaction, campaign_id: str, actor: str) -> None:
    """Place no further calls; those on the line go on, and what they bring is read."""
    campaign = await campaigns.required(tx, campaign_id)
    _must_not_rest(campaign)
    if campaign.paused:
        return
    await tx.run("campaigns.pause", id=campaign_id)
    await _tell(tx, campaign, actor, "paused", "Paused: no further calls are placed")


async def unpause(tx: Transaction, campaign_id: str, actor: str) -> None:
    """Place calls again."""
    campaign = await campaigns.required(tx, campaign_id)
    if not campaign.paused:
        return
    await tx.run("campaigns.unpause", id=campaign_id)
    await _tell(tx, campaign, actor, "unpaused", "Calls are placed again")
    await tx.run("units.due_now", id=campaign_id)
    await tx.run("units.notify_dispatch")


async def change(tx: Transaction, campaign_id: str, wanted: CampaignChange, actor: str) -> None:
    """Change the rules by which calls are placed; numbers not to call are only ever added."""
    await campaigns.required(tx, campaign_id)
    changed = wanted.model_dump(exclude_unset=True)
    await tx.run(
        "campaigns.change",
        id=campaign_id,
        calls_per_minute=wanted.calls_per_minute,
        budget_given="budget_usd" in changed,
        budget_usd=wanted.budget_usd,
        do_not_call=wanted.do_not_call,
    )
    await units.audit(tx, actor, "campaigns.changed", campaign_id, fields=sorted(changed))
    await tx.run("units.due_now", id=campaign_id)
    await tx.run("units.notify_dispatch")


async def rebuild(
    tx: Transaction,
    campaign_id: str,
    request: CampaignRebuild,
    actor: str,
    broken: Mapping[graph.Node, Mapping[str, object]] | None = None,
) -> list[Node]:
    """Queue what is stale or failed, or named anew, and all that follows from it; those nodes.

    `broken`: results whose files were found missing or corrupt, with the error; what follows from
    them stays, as they come out as before. Never a call: nobody's telephone rings for a rebuild.
    Raises Permanent `BUSY` while the campaign is at work, `NOT_FOUND` for a call or hypothesis it
    has not.
    """
    campaign = await campaigns.required(tx, campaign_id)
    must_rest(CAMPAIGNS.noun, campaign.id, campaign.status)
    lost = set(_lost(campaign, broken or {}))
    todo = sorted({*to_make(campaign, request), *lost})
    if not todo:
        return []
    if request.fresh:
        for asset, partition in _named(campaign, request):
            await tx.run(
                "ledger.raise_generation",
                unit_id=campaign_id,
                asset=asset,
                partition=partition,
            )
    await _reset(tx, campaign, todo)
    if (recipe.CAMPAIGN_REPORT, campaign_id) in lost:
        await tx.run("campaigns.forget_report", id=campaign_id)
    await units.requeue(
        tx,
        campaign_id,
        campaign.status,
        actor,
        "campaigns.rebuild_requested",
        **request.model_dump(),
    )
    return todo


async def resume(tx: Transaction, campaign_id: str, actor: str) -> None:
    """Go on with a campaign that is not complete: contacts that were not reached for a reason that
    may have passed are called again, recordings that could not be read are read again.

    A completed one stays as it is.
    """
    campaign = await campaigns.required(tx, campaign_id)
    must_rest(CAMPAIGNS.noun, campaign.id, campaign.status)
    if campaign.status == "completed":
        return
    unread = [c for c in campaign.calls if c.error and c.error["stage"] != "call"]
    await tx.run(
        "calls.clear_errors", campaign_id=campaign_id, orders=[call.order for call in unread]
    )
    for call in campaign.calls:
        if _may_be_called_again(call):
            await calls.begin_attempt(tx, call, datetime.now(UTC))
    await tx.run("campaigns.unpause", id=campaign_id)
    await units.requeue(tx, campaign_id, campaign.status, actor, "campaigns.resume_requested")


def to_make(campaign: Campaign, request: CampaignRebuild) -> list[Node]:
    """What a rebuild makes: see `rebuild`."""
    named = _named(campaign, request)
    if not request.fresh:
        named = [node for node in named if _is_wanting(campaign, *node)]
    return sorted(_with_followers(campaign, named))


def _named(campaign: Campaign, request: CampaignRebuild) -> list[Node]:
    """What a request means: the named assets of the named calls and hypotheses, or everything."""
    assets = request.assets or [recipe.TRANSCRIPT, recipe.CLAIMS, recipe.HYPOTHESIS_VERDICT]
    calls_named = _chosen("call", request.parts, len(campaign.calls))
    hypotheses_named = _chosen("hypothesis", request.hypotheses, len(campaign.hypotheses))
    only_calls = request.parts is not None and request.hypotheses is None
    only_hypotheses = request.hypotheses is not None and request.parts is None
    nodes: list[Node] = []
    for call in campaign.calls:
        if call.order in calls_named and call.status == "completed" and not only_hypotheses:
            nodes += [
                (asset, call.key)
                for asset in (recipe.TRANSCRIPT, recipe.CLAIMS)
                if asset in assets and call.recording is not None
            ]
    for hypothesis in campaign.hypotheses:
        wanted = hypothesis.order in hypotheses_named and not only_calls
        if wanted and recipe.HYPOTHESIS_VERDICT in assets:
            nodes.append((recipe.HYPOTHESIS_VERDICT, hypothesis.key))
    if recipe.CAMPAIGN_REPORT in assets:
        nodes.append((recipe.CAMPAIGN_REPORT, campaign.id))
    return nodes


def _chosen(noun: str, wanted: Iterable[int] | None, count: int) -> set[int]:
    numbers = set(wanted) if wanted is not None else set(range(1, count + 1))
    unknown = sorted(number for number in numbers if number > count)
    if unknown:
        raise Permanent(
            "NOT_FOUND",
            f"there is no {noun} {unknown[0]}",
            advice=f"They are numbered 1 to {count}.",
        )
    return numbers


def _is_wanting(campaign: Campaign, asset: str, partition: str) -> bool:
    """Whether something is missing, failed, or no longer follows from what it was made from.

    What fails again for the same reason is left alone unless it is named anew.
    """
    error = campaign.call(partition).error if asset in recipe.CALL_ASSETS else None
    if error is not None and not error["retryable"]:
        return False
    if campaign.version(asset, partition) is None or recipe.is_stale(campaign, asset, partition):
        return True
    if asset == recipe.CLAIMS:
        return campaign.call(partition).extraction is None
    return False


def _with_followers(campaign: Campaign, nodes: Iterable[Node]) -> set[Node]:
    """Claims follow from the transcript; verdicts and the report find out by themselves."""
    todo = set(nodes)
    todo |= {(recipe.CLAIMS, partition) for a, partition in todo if a == recipe.TRANSCRIPT}
    return todo


async def _reset(tx: Transaction, campaign: Campaign, todo: Iterable[Node]) -> None:
    """What is to be made again is taken back; what follows notices by its inputs."""
    for asset, partition in todo:
        if asset == recipe.TRANSCRIPT:
            await tx.run("calls.forget_transcript", **_which(campaign.call(partition)))
        elif asset == recipe.CLAIMS:
            await calls.remove_claims(tx, campaign.call(partition))


def _lost(campaign: Campaign, broken: Mapping[graph.Node, Mapping[str, object]]) -> Iterator[Node]:
    """Those of the broken that still name the file that was found so."""
    for node, file in recipe.files(campaign):
        if node in broken and broken[node].get("sha256") == file["sha256"]:
            yield node.asset, node.partition


def _which(call: Call) -> dict[str, object]:
    return {"campaign_id": call.campaign_id, "order": call.order}


def _may_be_called_again(call: Call) -> bool:
    """Whether an attempt ended for a reason that may have passed, and nobody was spoken to."""
    error = call.error
    if call.status not in ("failed", "cancelled") or error is None:
        return False
    return bool(error["retryable"]) or error["code"] == "BUDGET_SPENT"


async def _tell(tx: Transaction, campaign: Campaign, actor: str, what: str, message: str) -> None:
    await units.audit(tx, actor, f"campaigns.{what}", campaign.id)
    units.append_progress(
        tx, campaign.id, stage=what, outcome="finished", message=message, paused=what == "paused"
    )


def _must_not_rest(campaign: Campaign) -> None:
    if campaign.status in FINAL_STATES:
        raise Permanent(
            "NOT_ACTIVE",
            f"campaign {campaign.id} is {campaign.status}: there is nothing to pause",
            advice="Resume it to call those who were not reached.",
        )
