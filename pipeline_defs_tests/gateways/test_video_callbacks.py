"""Callbacks of video jobs: only what carries our secret's signature is believed."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline_defs.gateways.video.callbacks import (
    STATUSES,
    CallbackEvent,
    CallbackRefused,
    sign,
    verify,
)

SECRET = "a-long-secret"
NOW = 1_795_000_000.0
KNOWN = "4d0e13e2b68be51da6aaec6c4ec67f5d9cafa94a1bbdd0bc4bbd7c7d4c9e3d4a"


def body(status: str = "completed", **data: Any) -> bytes:
    event = {"type": f"video.generation.{status}", "data": {"id": "job-1", **data}}
    return json.dumps(event).encode()


def signed(
    raw: bytes, secret: str = SECRET, at: float = NOW, key: str | None = None
) -> dict[str, str]:
    headers = {"X-OpenRouter-Signature": sign(secret, int(at), raw)}
    return headers if key is None else {**headers, "X-OpenRouter-Idempotency-Key": key}


@pytest.mark.parametrize("status", sorted(STATUSES))
def test_a_signed_event_tells_job_and_status(status: str) -> None:
    headers = signed(body(status), key="evt-7")
    assert verify(headers, body(status), [SECRET], NOW) == CallbackEvent("job-1", status, "evt-7")


def test_the_signature_is_the_one_that_public_implementations_compute() -> None:
    import hashlib
    import hmac

    raw = body()
    expected = hmac.new(b"a-long-secret", b"1795000000," + raw, hashlib.sha256).hexdigest()
    assert sign(SECRET, 1_795_000_000, raw) == f"t=1795000000,v1={expected}"


def test_an_event_without_a_key_has_the_same_one_every_time() -> None:
    events = {verify(signed(body()), body(), [SECRET], NOW + seconds) for seconds in (0, 60)}
    assert {event.idempotency_key for event in events} == {"job-1:completed"}


def test_headers_are_read_in_any_case_and_order_and_with_spaces() -> None:
    t, _, v1 = signed(body())["X-OpenRouter-Signature"].partition(",")
    for name in ("x-openrouter-signature", "X-OPENROUTER-SIGNATURE"):
        for value in (f"{v1}, {t}", f" {t} , v1={'0' * 64}, {v1.upper().replace('V1', 'v1')}"):
            assert verify({name: value}, body(), [SECRET], NOW).job_id == "job-1"


def test_during_a_change_over_either_secret_is_accepted() -> None:
    for secret in ("old", "new"):
        assert verify(signed(body(), secret), body(), ["old", "new"], NOW).status == "completed"
    with pytest.raises(CallbackRefused, match="no signature matches"):
        verify(signed(body(), "other"), body(), ["old", "new"], NOW)


@pytest.mark.parametrize("seconds", [-299.0, 0.0, 299.0])
def test_five_minutes_of_difference_are_accepted(seconds: float) -> None:
    assert verify(signed(body(), at=NOW + seconds), body(), [SECRET], NOW).job_id == "job-1"


@pytest.mark.parametrize("seconds", [-302.0, 302.0, -1e9, 1e9])
def test_an_old_or_future_signature_is_refused(seconds: float) -> None:
    with pytest.raises(CallbackRefused, match="too far"):
        verify(signed(body(), at=NOW + seconds), body(), [SECRET], NOW)


def test_a_changed_byte_of_the_body_is_refused() -> None:
    with pytest.raises(CallbackRefused, match="no signature matches"):
        verify(signed(body()), body() + b" ", [SECRET], NOW)


@pytest.mark.parametrize("secrets", [[], [""]])
def test_without_a_secret_nothing_is_believed(secrets: list[str]) -> None:
    with pytest.raises(CallbackRefused, match="OPENROUTER_WEBHOOK_SECRET"):
        verify(signed(body(), ""), body(), secrets, NOW)


@pytest.mark.parametrize(
    "header",
    [
        "",
        "t=1795000000",
        f"v1={KNOWN}",
        "t=1795000000,v1=",
        "t=1795000000,v1=zz",
        f"t=soon,v1={KNOWN}",
        f"t=-5,v1={KNOWN}",
        f"t=1e9,v1={KNOWN}",
        f"t={'9' * 5000},v1={KNOWN}",
        f"t=1795000000,t=1795000000,v1={KNOWN}",
        f"t=1795000000,v2={KNOWN}",
        f"t=１７９５０００００0,v1={KNOWN}",
    ],
)
def test_a_malformed_signature_is_refused(header: str) -> None:
    with pytest.raises(CallbackRefused, match="x-openrouter-signature must hold"):
        verify({"X-OpenRouter-Signature": header}, body(), [SECRET], NOW)


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"[]",
        b"null",
        b"{}",
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"type": "video.generation.completed"}',
        b'{"type": "video.generation.completed", "data": []}',
        b'{"type": "video.generation.completed", "data": {}}',
        b'{"type": "video.generation.completed", "data": {"id": ""}}',
        b'{"type": "video.generation.completed", "data": {"id": 5}}',
        b'{"type": "video.generation.completed", "data": {"id": "a b"}}',
        b'{"type": "video.generation.started", "data": {"id": "job-1"}}',
        b'{"type": "completed", "data": {"id": "job-1"}}',
        b'{"type": ["video.generation.completed"], "data": {"id": "job-1"}}',
        json.dumps({"type": "video.generation.completed", "data": {"id": "x" * 201}}).encode(),
    ],
)
def test_a_signed_body_that_is_no_event_is_refused(raw: bytes) -> None:
    with pytest.raises(CallbackRefused):
        verify(signed(raw), raw, [SECRET], NOW)


@pytest.mark.parametrize("key", ["a b", "x" * 201, "ключ", "a\nb"])
def test_a_key_that_could_not_be_stored_is_refused(key: str) -> None:
    with pytest.raises(CallbackRefused, match="idempotency-key"):
        verify(signed(body(), key=key), body(), [SECRET], NOW)


@given(
    st.dictionaries(
        st.sampled_from(["x-openrouter-signature", "X-OpenRouter-Idempotency-Key", "other"]),
        st.one_of(
            st.text(max_size=200),
            st.from_regex(r"t=[0-9]{1,12},v1=[0-9a-fA-F]{60,66}", fullmatch=True),
        ),
    ),
    st.binary(max_size=200),
    st.lists(st.text(max_size=20), max_size=3),
    st.floats(allow_nan=True, allow_infinity=True),
)
def test_no_input_raises_anything_but_a_refusal(
    headers: dict[str, str], raw: bytes, secrets: list[str], now: float
) -> None:
    with pytest.raises(CallbackRefused):
        verify(headers, raw, secrets, now)


@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(max_size=20),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.sampled_from(["type", "data", "id", "more"]), inner, max_size=4)
        ),
        max_leaves=12,
    )
)
def test_no_signed_json_raises_anything_but_a_refusal(value: Any) -> None:
    raw = json.dumps(value).encode()
    with pytest.raises(CallbackRefused):
        verify(signed(raw), raw, [SECRET], NOW)
