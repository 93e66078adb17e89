"""Webhooks are believed exactly where their signature holds and they cannot mean anything else."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st
from twilio.request_validator import RequestValidator

from pipeline_defs.domain.calls.calling import RecordingNews, StatusNews
from pipeline_defs.gateways.telephony.signatures import (
    SETTINGS,
    SIGNATURE,
    SignatureRefused,
    read_recording,
    read_status,
    verified,
)
from pipeline_defs.settings import PROJECT_ROOT

URL = "https://calls.example.org/webhooks/twilio/status?org=default&call=campaign-1/001"
TOKEN = "12345"
ACCOUNT = "AC" + "0" * 32
STATUS = {
    "AccountSid": ACCOUNT,
    "CallSid": "CA" + "1" * 32,
    "CallStatus": "completed",
    "CallDuration": "49",
    "SequenceNumber": "3",
    "AnsweredBy": "human",
    "ToCity": "",
}
VECTORS = PROJECT_ROOT.parent / "shared/data/webhooks/twilio_signature_vectors.json"


def signed(parameters: dict[str, str], url: str = URL, token: str = TOKEN) -> dict[str, str]:
    return {SIGNATURE: RequestValidator(token).compute_signature(url, parameters)}


def body(parameters: dict[str, str]) -> bytes:
    return urlencode(parameters).encode()


def cases() -> list[dict[str, Any]]:
    if not VECTORS.is_file():
        pytest.skip("the shared vectors are not here")
    return json.loads(VECTORS.read_text())["cases"]


def test_every_vector_of_twilios_own_is_judged_as_there() -> None:
    for case in cases():
        pairs = case.get("params_list") or list(case.get("params", {}).items())
        headers = {SIGNATURE: case["signature"]}
        sent = urlencode([tuple(pair) for pair in pairs]).encode()
        if "body" in case:
            sent, headers["Content-Type"] = case["body"].encode(), "application/json"
        if "algorithm" in case:
            headers[SETTINGS] = f"key=k,algorithm={case['algorithm']}"
        try:
            verified(case["url"], headers, sent, [TOKEN])
            held = True
        except SignatureRefused:
            held = False
        assert held == case["valid"], case["name"]


def test_a_good_status_is_read() -> None:
    heard = read_status(verified(URL, signed(STATUS), body(STATUS), ["old", TOKEN]), ACCOUNT)
    assert heard.news == StatusNews("completed", 3, 49, "human")
    assert heard.call_sid == STATUS["CallSid"]


def test_a_good_recording_is_read() -> None:
    told = {
        "AccountSid": ACCOUNT, "CallSid": STATUS["CallSid"], "RecordingSid": "RE" + "2" * 32,
        "RecordingStatus": "completed", "RecordingDuration": "15", "RecordingChannels": "2",
        "RecordingUrl": "http://169.254.169.254/latest",
    }  # fmt: skip
    heard = read_recording(verified(URL, signed(told), body(told), [TOKEN]), ACCOUNT)
    assert heard.news == RecordingNews(told["RecordingSid"], "completed", 2, 15.0)


@pytest.mark.parametrize(
    "shifted",
    [
        {"CallSidC": "A" + "1" * 32, "CallSid": ""},
        {"CallStatusc": "ompleted", "CallStatus": None},
        {"CallDuration4": "9", "CallDuration": None},
        {"CallDuratio": "n49", "CallDuration": None},
        {"AnsweredB": "yhuman", "AnsweredBy": None},
    ],
)
def test_characters_moved_between_a_name_and_its_value_are_noticed(
    shifted: dict[str, str | None],
) -> None:
    moved = {name: value for name, value in {**STATUS, **shifted}.items() if value is not None}
    try:
        parameters = verified(URL, signed(STATUS), body(moved), [TOKEN])
    except SignatureRefused:
        return
    with pytest.raises(SignatureRefused):
        read_status(parameters, ACCOUNT)


@pytest.mark.parametrize(
    "change",
    [
        {"CallSid": "CA1"},
        {"CallSid": "CA" + "1" * 31 + "\n"},
        {"CallStatus": "exploded"},
        {"CallDuration": "-1"},
        {"SequenceNumber": "9" * 40},
        {"AccountSid": "AC" + "9" * 32},
    ],
)
def test_values_of_another_form_are_refused_however_they_are_signed(change: dict[str, str]) -> None:
    told = {**STATUS, **change}
    with pytest.raises(SignatureRefused):
        read_status(verified(URL, signed(told), body(told), [TOKEN]), ACCOUNT)


def test_a_name_given_twice_is_refused() -> None:
    twice = body(STATUS) + b"&CallStatus=completed"
    with pytest.raises(SignatureRefused, match="2 times"):
        verified(URL, signed(STATUS), twice, [TOKEN])


def test_a_json_body_needs_its_hash_in_the_signed_address() -> None:
    sent = json.dumps(STATUS).encode()
    headers = {**signed({}), "Content-Type": "application/json"}
    with pytest.raises(SignatureRefused, match="bodySHA256"):
        verified(URL, headers, sent, [TOKEN])


@pytest.mark.parametrize("signature", ["", "ünïcode", "x", "=" * 500])
def test_malformed_signatures_are_refusals(signature: str) -> None:
    with pytest.raises(SignatureRefused):
        verified(URL, {SIGNATURE: signature}, body(STATUS), [TOKEN])


def test_another_address_another_token_or_none_is_refused() -> None:
    for headers, url, tokens in (
        (signed(STATUS), URL + "x", [TOKEN]),
        (signed(STATUS, token="other"), URL, [TOKEN]),
        (signed(STATUS), URL, []),
        ({}, URL, [TOKEN]),
        (signed(STATUS), "https://calls.example.org:port/", [TOKEN]),
    ):
        with pytest.raises(SignatureRefused):
            verified(url, headers, body(STATUS), tokens)


@given(
    st.binary(max_size=300),
    st.text(max_size=80),
    st.sampled_from(["application/json", "application/x-www-form-urlencoded", "", "text/x"]),
    st.sampled_from([URL, "", "http://[", "https://a:99999999/?bodySHA256=1"]),
)
def test_whatever_arrives_is_read_or_refused(
    data: bytes, signature: str, media_type: str, url: str
) -> None:
    headers = {SIGNATURE: signature, "Content-Type": media_type}
    with pytest.raises(SignatureRefused):
        verified(url, headers, data, [TOKEN])
