"""What a campaign needs next, by what is known of it and the time."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from pipeline_defs import policies
from pipeline_defs.domain.calls import agenda, recipe
from pipeline_defs.domain.calls.campaigns import Campaign, Recording
from pipeline_defs.domain.calls.conclusions import judged
from pipeline_defs.domain.versions import AssetVersion
from pipeline_defs.domain.work import Rest, Work
from pipeline_defs_tests.domain.calls.samples import NOON, QUIET, call, campaign, claim

SID = "CA" + "0" * 32
READ = {"transcript": {"words": 9}, "extraction": {"claims": 1}, "settled": True}


def over(order: int, **known: object):
    """A call that was read."""
    recording = Recording("RE" + "0" * 32, 2, 30.0)
    known = {"recording": recording, "recording_state": "ready", **READ, **known}
    return call(order, status="completed", sid=SID, dialled_at=NOON, ended_at=NOON, **known)


def test_the_first_run_is_for_all_calls_so_that_their_partitions_stand_in_a_row() -> None:
    work = agenda.next_work(campaign(call(1), call(2), call(3)), NOON)
    assert isinstance(work, Work)
    assert work.partitions == ("campaign-1/001", "campaign-1/002", "campaign-1/003")
    begun = campaign(over(1), call(2), over(3))
    later = agenda.next_work(begun, NOON)
    assert isinstance(later, Work)
    assert later.partitions == ("campaign-1/002",)


def test_the_rate_holds_over_a_minute() -> None:
    dialled = [call(n, sid=SID, status="ringing", dialled_at=NOON, heard_at=NOON) for n in (1, 2)]
    rules = campaign(*dialled, call(3), calls_per_minute=2)
    assert agenda.slots(rules, NOON) == 0
    rest = agenda.next_work(rules, NOON + timedelta(seconds=30))
    assert rest == Rest(30.0)
    assert agenda.slots(rules, NOON + timedelta(seconds=60)) == 2


def test_quiet_hours_and_pauses_are_rests() -> None:
    night = NOON + timedelta(hours=9)
    rest = agenda.next_work(campaign(quiet_hours=QUIET), night)
    assert rest == Rest(policies.REST_MOST)
    assert isinstance(agenda.next_work(campaign(paused=True), NOON), Rest)


def test_a_lost_answer_is_looked_for_and_never_repeated() -> None:
    lost = call(intended_at=NOON, dialled_at=NOON)
    step = agenda.step_of(campaign(lost), lost, NOON)
    assert step == ("find", NOON + timedelta(seconds=policies.CALL_ANSWER_LOST))


def test_a_silent_call_is_asked_about_and_a_recording_sought() -> None:
    silent = call(sid=SID, status="in_progress", heard_at=NOON)
    step = agenda.step_of(campaign(silent), silent, NOON)
    assert step == ("look", NOON + timedelta(seconds=policies.CALL_SILENT))
    ended = call(sid=SID, status="completed", ended_at=NOON, settled=True)
    step = agenda.step_of(campaign(ended), ended, NOON)
    assert step == ("seek_recording", NOON + timedelta(seconds=policies.RECORDING_LATE))


def _judged(whole: Campaign) -> Campaign:
    """The same with verdicts passed and reported."""
    hypotheses = tuple(replace(h, verdict=judged(whole, h)) for h in whole.hypotheses)
    versions = {
        (recipe.HYPOTHESIS_VERDICT, h.key): AssetVersion(
            "v", "c", recipe.verdict_inputs(whole, h), {}
        )
        for h in whole.hypotheses
    }
    return replace(whole, hypotheses=hypotheses, versions=versions)


def test_a_hypothesis_is_judged_early_once_enough_was_said_and_it_is_quiet() -> None:
    claims = {n: (claim(1, "supports"),) for n in (1, 2, 3)}
    ringing = call(4, sid=SID, status="ringing", heard_at=NOON, dialled_at=NOON)
    whole = campaign(over(1), over(2), over(3), ringing, claims=claims)
    hypothesis = replace(whole.hypotheses[0], evidence_at=NOON)
    at = agenda.judged_at(whole, hypothesis, NOON)
    assert at == NOON + timedelta(seconds=policies.VERDICT_DEBOUNCE)
    two = replace(whole, claims={n: claims[n] for n in (1, 2)})
    assert agenda.judged_at(two, hypothesis, NOON) is None


def test_at_the_end_every_hypothesis_is_judged_then_reported_then_nothing_is_left() -> None:
    whole = campaign(over(1), over(2))
    work = agenda.next_work(whole, NOON)
    assert isinstance(work, Work)
    assert work.job == "judge_hypotheses"
    judged_all = _judged(whole)
    work = agenda.next_work(judged_all, NOON)
    assert isinstance(work, Work)
    assert work.job == "report_campaign"
    reported = AssetVersion("v", "c", recipe.report_inputs(judged_all), {})
    done = replace(
        judged_all,
        report={"files": {}},
        versions={**judged_all.versions, (recipe.CAMPAIGN_REPORT, "campaign-1"): reported},
    )
    assert agenda.next_work(done, NOON) is None
    assert agenda.outcome_of(done) == ("completed", None)


def test_new_evidence_opens_a_verdict_again() -> None:
    whole = _judged(campaign(over(1), over(2)))
    more = replace(whole, claims={1: (claim(1, "opposes"),)})
    assert agenda.judged_at(more, more.hypotheses[0], NOON) == NOON


def test_a_call_that_could_not_be_read_leaves_the_campaign_incomplete() -> None:
    broken = {"code": "TIMEOUT", "message": "it", "retryable": True, "stage": "transcript"}
    status, error = agenda.outcome_of(campaign(over(1, error=broken, transcript=None)))
    assert status == "incomplete"
    assert error is not None
    assert error.retryable
    silent = {**broken, "code": "RECORDING_SILENT"}
    assert agenda.outcome_of(campaign(over(1, error=silent)))[0] == "completed"
