"""What a campaign consists of: nothing is missing of a call in which nothing was said."""

from __future__ import annotations

from typing import Any

import pytest

from pipeline_defs.domain.calls.graph import standing_of
from pipeline_defs.domain.calls.recipe import CLAIMS, TRANSCRIPT
from pipeline_defs.domain.graph import requested
from pipeline_defs_tests.domain.calls.samples import NOON, call, campaign

OVER = {"sid": "CA" + "0" * 32, "dialled_at": NOON, "ended_at": NOON}


def error(code: str, *, stage: str, retryable: bool) -> dict[str, Any]:
    return {"code": code, "message": "", "stage": stage, "retryable": retryable}


def wanted_of(**known: Any) -> set[str]:
    """What of transcript and claims a rebuild would make."""
    unit = standing_of(campaign(call(status="completed", **OVER, **known)))
    return {node.asset for node in requested(unit)} & {TRANSCRIPT, CLAIMS}


@pytest.mark.parametrize("code", ["TRANSCRIPT_TOO_SHORT", "RECORDING_SILENT", "RECORDING_ABSENT"])
def test_hardly_a_word_is_an_outcome_and_not_a_failure(code: str) -> None:
    said = error(code, stage="transcript", retryable=False)
    assert wanted_of(error=said, recording_state="ready") == set()


def test_nobody_having_answered_leaves_nothing_to_be_read() -> None:
    unit = standing_of(campaign(call(status="no_answer", **OVER)))
    assert not {node.asset for node in unit.graph.nodes} & {TRANSCRIPT, CLAIMS}


def test_a_recording_that_could_not_be_read_is_wanting_with_what_follows() -> None:
    broken = error("TIMEOUT", stage="transcript", retryable=True)
    assert wanted_of(error=broken, recording_state="ready") == {TRANSCRIPT, CLAIMS}


def test_what_was_said_and_not_read_yet_is_missing() -> None:
    assert wanted_of(recording_state="ready") == {TRANSCRIPT, CLAIMS}
