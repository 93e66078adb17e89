"""What a campaign consists of, and how each of it stands."""

from __future__ import annotations

from collections.abc import Mapping

from pipeline_defs import policies
from pipeline_defs.domain.calls import recipe
from pipeline_defs.domain.calls.agenda import NOTHING_SAID
from pipeline_defs.domain.calls.campaigns import Call, Campaign
from pipeline_defs.domain.graph import (
    AssetKind,
    Bridge,
    Graph,
    Node,
    Standing,
    UnitGraph,
    refused,
    standing_by,
)

_LIMITS = policies.CAPABILITY_LIMITS
KINDS: Mapping[str, AssetKind] = {
    recipe.CALL: AssetKind("call", "calls", _LIMITS["telephony"], by_name_only=True),
    recipe.TRANSCRIPT: AssetKind("transcript", "transcripts", _LIMITS["transcription"]),
    recipe.CLAIMS: AssetKind("set of claims", "sets of claims", _LIMITS["extraction"]),
    recipe.HYPOTHESIS_VERDICT: AssetKind("verdict", "verdicts", policies.VERDICTS_AT_ONCE),
    recipe.CAMPAIGN_REPORT: AssetKind(
        "report", "reports", policies.CAMPAIGNS_AT_ONCE_PER_RUN, whole=True
    ),
}


def graph_of(campaign: Campaign) -> Graph:
    """The graph of what a campaign consists of: each verdict rests on the claims of every call."""
    needs: dict[Node, frozenset[Node]] = {}
    for call in campaign.calls:
        placed, transcript, claims = (Node(asset, call.key) for asset in recipe.CALL_ASSETS)
        needs[placed] = frozenset()
        may_be_read = _may_be_read(call)
        if may_be_read or call.transcript is not None:
            needs[transcript] = frozenset({placed})
        if may_be_read:
            needs[claims] = frozenset({transcript})
    said = frozenset(node for node in needs if node.asset == recipe.CLAIMS)
    verdicts = [Node(recipe.HYPOTHESIS_VERDICT, h.key) for h in campaign.hypotheses]
    needs |= dict.fromkeys(verdicts, said)
    needs[Node(recipe.CAMPAIGN_REPORT, campaign.id)] = frozenset({*said, *verdicts})
    return Graph(needs, KINDS)


def standing_of(campaign: Campaign) -> UnitGraph:
    """The same, with how it stands."""
    graph = graph_of(campaign)
    calls = {call.key: call for call in campaign.calls}
    standing: dict[Node, Standing] = {
        node: _standing(campaign, calls, node) for node in graph.nodes
    }
    given_up = {c.key for c in campaign.calls if c.error and not c.error["retryable"]}
    for_good = {n for n, how in standing.items() if how == "failed" and n.partition in given_up}
    return UnitGraph(
        campaign.id,
        graph,
        standing,
        bridges_of(campaign),
        campaign.versions,
        refused(graph, standing, for_good),
    )


def bridges_of(campaign: Campaign) -> tuple[Bridge, ...]:
    """The recordings, what was said on each hypothesis, and all of it for the report."""
    recordings = [
        Bridge(Node(recipe.CALL_RECORDING, call.key), version)
        for call in campaign.calls
        if (version := recipe.recording_version(call)) is not None
    ]
    evidence = [
        Bridge(Node(recipe.HYPOTHESIS_EVIDENCE, h.key), recipe.evidence_version(campaign, h))
        for h in campaign.hypotheses
    ]
    whole = Node(recipe.CAMPAIGN_EVIDENCE, campaign.id)
    return (*recordings, *evidence, Bridge(whole, recipe.findings_version(campaign)))


def _may_be_read(call: Call) -> bool:
    """Whether there is, or may still be, anything to read: nobody having answered, or hardly a word
    having been said, is an outcome, and nothing is missing of it."""
    if call.error is not None and call.error["code"] in NOTHING_SAID:
        return False
    return not call.is_over or (call.status == "completed" and call.recording_state != "absent")


def _standing(campaign: Campaign, calls: Mapping[str, Call], node: Node) -> Standing:
    made = campaign.version(node.asset, node.partition)
    call = calls.get(node.partition) if node.asset in recipe.CALL_ASSETS else None
    if made is not None and not _is_taken_back(call, node.asset):
        return standing_by(
            made,
            recipe.code_version(campaign, node.asset),
            recipe.sources_of(campaign, node.asset, node.partition),
            recipe.inputs_of(campaign, node.asset, node.partition),
        )
    if call is None:
        return "missing"
    if call.error is not None:
        stopped_at = {"call": recipe.CALL, "claims": recipe.CLAIMS}.get(
            call.error["stage"], recipe.TRANSCRIPT
        )
        return "failed" if node.asset == stopped_at else "skipped"
    return "missing"


def _is_taken_back(call: Call | None, asset: str) -> bool:
    """Whether what was made of a call is to be made again, though a version of it is known."""
    if call is None:
        return False
    stored = {recipe.TRANSCRIPT: call.transcript, recipe.CLAIMS: call.extraction}
    return asset in stored and stored[asset] is None
