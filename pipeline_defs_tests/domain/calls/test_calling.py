"""News of a call in any order, late and twice: the end is always the same."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline_defs.domain.calls.calling import (
    Changes,
    RecordingNews,
    Skipped,
    StatusNews,
    apply,
    billed_seconds,
    path,
    remark,
)
from pipeline_defs.domain.calls.campaigns import ENDED, Call
from pipeline_defs.domain.states import CALL
from pipeline_defs_tests.domain.calls.samples import call

SID = "RE" + "0" * 32
TALKED = [
    StatusNews("initiated", 0),
    StatusNews("ringing", 1),
    StatusNews("in-progress", 2, answered_by="human"),
    StatusNews("completed", 3, seconds=49, answered_by="human"),
    RecordingNews(SID, "in-progress"),
    RecordingNews(SID, "completed", 2, 48.0),
]


def after(start: Call, news: list[StatusNews | RecordingNews]) -> Call:
    """The call once it was told all this."""
    for told in news:
        changes = apply(start, told)
        if isinstance(changes, Skipped):
            continue
        status = changes.path[-1] if changes.path else start.status
        for before, now in zip((start.status, *changes.path), changes.path, strict=False):
            assert CALL.allows(before, now)
        start = replace(
            start,
            status=status,
            seconds=changes.seconds if changes.seconds is not None else start.seconds,
            recording=changes.recording or start.recording,
            recording_state="ready" if changes.recording else start.recording_state,
        )
    return start


def test_in_any_order_a_talk_ends_completed_and_recorded() -> None:
    for order in permutations(TALKED):
        end = after(call(), list(order))
        assert (end.status, end.seconds) == ("completed", 49)
        assert end.recording is not None
        assert end.recording.sid == SID


@given(st.lists(st.sampled_from(TALKED), max_size=20))
def test_told_twice_or_late_nothing_changes(again: list[StatusNews | RecordingNews]) -> None:
    end = after(call(), TALKED)
    assert after(end, again) == end


@pytest.mark.parametrize(
    ("told", "status"),
    [("busy", "busy"), ("no-answer", "no_answer"), ("failed", "failed"), ("canceled", "cancelled")],
)
def test_every_end_has_its_own_status(told: str, status: str) -> None:
    assert after(call(), [StatusNews("ringing"), StatusNews(told)]).status == status
    assert after(call(), [StatusNews(told), StatusNews("ringing")]).status == status


def test_a_machine_that_answers_is_a_voicemail() -> None:
    news = [StatusNews("in-progress", answered_by="machine_start"), StatusNews("completed", 3, 20)]
    assert (after(call(), news).status, after(call(), news).seconds) == ("voicemail", 20)


def test_of_a_machine_no_recording_is_missed() -> None:
    changes = apply(call(status="voicemail"), RecordingNews(SID, "absent", error_code="16101"))
    assert isinstance(changes, Changes)
    assert changes.is_absent
    assert changes.error is None


def test_whatever_answers_is_billed_from_the_first_moment() -> None:
    billed = {status: billed_seconds(call(status=status)) for status in ENDED}
    assert {status for status, seconds in billed.items() if seconds} == {"completed", "voicemail"}
    assert billed_seconds(replace(call(status="voicemail"), seconds=4)) == 4


def test_it_is_said_why_nobody_was_talked_to() -> None:
    assert "A machine answered" in (remark(call(status="voicemail"), 3) or "")
    assert remark(call(status="busy", attempt=3), 3) == (
        "In attempt 3 of 3 the line was busy. No more follow."
    )
    assert remark(call(status="completed"), 3) is None


def test_a_number_that_does_not_exist_is_not_called_again() -> None:
    gone = apply(call(), StatusNews("failed", sip_code="404"))
    assert isinstance(gone, Changes)
    assert gone.error is not None
    assert (gone.error.code, gone.error.retryable) == ("NUMBER_NOT_REACHABLE", False)
    carrier = apply(call(), StatusNews("failed", sip_code="503"))
    assert isinstance(carrier, Changes)
    assert carrier.error is not None
    assert carrier.error.retryable


@pytest.mark.parametrize(
    ("code", "named"),
    [("16101", "RECORDING_TOO_SHORT"), ("16102", "RECORDING_SILENT"), (None, "RECORDING_ABSENT")],
)
def test_a_missing_recording_says_why(code: str | None, named: str) -> None:
    changes = apply(call(status="completed"), RecordingNews(SID, "absent", error_code=code))
    assert isinstance(changes, Changes)
    assert changes.is_absent
    assert changes.error is not None
    assert changes.error.code == named


def test_a_recording_that_comes_after_it_was_given_up_is_taken() -> None:
    given_up = call(status="completed", recording_state="absent")
    assert isinstance(apply(given_up, RecordingNews(SID, "completed", 2)), Changes)
    assert isinstance(apply(given_up, RecordingNews(SID, "absent")), Skipped)


def test_a_path_never_leads_through_an_end() -> None:
    for before in CALL.states - ENDED:
        for end in ENDED:
            way = path(before, end)
            assert way[-1:] == (end,) or not way
            assert not set(way[:-1]) & ENDED
    assert path("queued", "busy") == ("ringing", "busy")
