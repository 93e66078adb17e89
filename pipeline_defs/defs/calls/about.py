"""What the Dagster UI says of the assets of a campaign."""

from collections.abc import Mapping

import dagster as dg

from pipeline_defs import policies
from pipeline_defs.defs.about import About, AboutBridge
from pipeline_defs.domain.calls import recipe

ABOUT: Mapping[str, About | AboutBridge] = {
    recipe.CALL: About(
        "The interview with one contact: consent, then the checklist.",
        made_from="the campaign: whom to call, within quiet hours, rate and budget.",
        costs="telephony by the minute. It is placed at most once per attempt: materializing it "
        "again calls nobody twice.",
        if_it_fails="the others go on. Nobody reached is an outcome, not a failure; such a contact "
        "is called again as the campaign says.",
    ),
    recipe.CALL_RECORDING: AboutBridge(
        "The recording of a call at the telephone provider, a channel for each speaker.",
        reported="by the run that reads the call, once the provider has said that it is ready.",
        leads_to="the transcript of this call turns stale.",
        why="it is made by the telephone provider, not by a run of ours.",
    ),
    recipe.TRANSCRIPT: About(
        "What was said: utterances with the times of their words, each speaker apart.",
        made_from="the recording of the call, heard channel by channel; two voices on one channel "
        "are told apart by their sound. Who is the interviewer follows from what they are known "
        "to say.",
        costs="transcription by the second of each channel.",
        if_it_fails="only this call is missing. Listen to the recording in Studio; a wrong format "
        "or silence cannot be mended by trying again.",
        columns=(
            dg.TableColumn("start", "float", "second in the recording"),
            dg.TableColumn("end", "float", "second in the recording"),
            dg.TableColumn("speaker", "string", "AI, HUMAN or UNKNOWN"),
            dg.TableColumn("channel", "int", "of the recording, from 0"),
            dg.TableColumn("voice", "int", "from 1; tells people apart who are UNKNOWN"),
            dg.TableColumn("text", "string", "what was said"),
        ),
    ),
    recipe.CLAIMS: About(
        "What the respondent claims about the hypotheses, word for word.",
        made_from="the transcript: passages that may concern a hypothesis are read, each claim "
        "has to stand in them, then it takes a side.",
        costs="embeddings of the passages and a call of a text model for each one that is read.",
        if_it_fails="the verdicts are judged without this call. `TRANSCRIPT_TOO_SHORT`: hardly "
        "anything was said; listen to the call in Studio.",
        columns=(
            dg.TableColumn("hypothesis", "string", "field of the hypothesis it is about"),
            dg.TableColumn("stance", "string", "supports, opposes or neutral"),
            dg.TableColumn("confidence", "float", "from 0 to 1"),
            dg.TableColumn("quote", "string", "the respondent's words"),
            dg.TableColumn("start", "float", "second in the recording"),
        ),
    ),
    recipe.HYPOTHESIS_EVIDENCE: AboutBridge(
        "Everything respondents said on a hypothesis, over all calls.",
        reported="by the run that judges the hypothesis.",
        leads_to="its verdict turns stale and is passed anew.",
    ),
    recipe.HYPOTHESIS_VERDICT: About(
        "Validated, invalidated or inconclusive, and how much that hangs on a single call.",
        made_from=f"at least {policies.VERDICT_CLAIMS_LEAST} claims of "
        f"{policies.VERDICT_RESPONDENTS_LEAST} respondents, who count once each; pure arithmetic.",
        costs="nothing.",
        if_it_fails="the evidence stays. Materialize it again; inconclusive is a verdict and no "
        "failure.",
        columns=(
            dg.TableColumn("call", "int", "number of the call"),
            dg.TableColumn("respondent", "string", "who said it"),
            dg.TableColumn("stance", "string", "supports, opposes or neutral"),
            dg.TableColumn("confidence", "float", "from 0 to 1"),
            dg.TableColumn("quote", "string", "their words"),
        ),
    ),
    recipe.CAMPAIGN_EVIDENCE: AboutBridge(
        "How the calls went and all verdicts together.",
        reported="by the run that writes the report.",
        leads_to="the report turns stale.",
    ),
    recipe.CAMPAIGN_REPORT: About(
        "The report: verdicts with their quotes, every claim and every call, as Markdown and CSV.",
        made_from="all verdicts, claims and calls of the campaign.",
        costs="nothing; `campaign_cost_usd` is what the campaign has cost so far.",
        if_it_fails="everything it tells of is stored. Materialize it again.",
    ),
}
