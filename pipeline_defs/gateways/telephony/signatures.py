"""Whether a webhook is Twilio's, and what it says.

The signature has no separators: `CallSid=CA1` and `CallSidC=A1` verify alike. So after it holds,
every name we use must be there in full, at most once, with a value of the right form, and no other
name may begin like one of those or be the beginning of one. It has no time: whoever stores what was
received must know it again for ever.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

from pipeline_defs.domain.calls.calling import STATUSES, RecordingNews, StatusNews

SIGNATURE = "X-Twilio-Signature"
SETTINGS = "X-Twilio-Webhooks-Signature-Settings"
FIELDS_MOST = 200
SID = "[0-9a-f]{32}"
NUMBER = "[0-9]{1,9}"
# The names we use and the form of their values; those marked may be empty or missing.
PATTERNS: Mapping[str, re.Pattern[str]] = {
    "AccountSid": re.compile(f"AC{SID}"),
    "CallSid": re.compile(f"CA{SID}"),
    "CallStatus": re.compile("|".join(map(re.escape, STATUSES))),
    "CallDuration": re.compile(NUMBER),
    "SequenceNumber": re.compile(NUMBER),
    "AnsweredBy": re.compile("[a-z_]{1,40}"),
    "SipResponseCode": re.compile("[0-9]{3}"),
    "ErrorCode": re.compile("[0-9]{1,6}"),
    "RecordingSid": re.compile(f"RE{SID}"),
    "RecordingStatus": re.compile("in-progress|completed|absent|failed"),
    "RecordingDuration": re.compile(NUMBER),
    "RecordingChannels": re.compile("[12]"),
}
STATUS_NEEDS = ("AccountSid", "CallSid", "CallStatus")
RECORDING_NEEDS = ("AccountSid", "CallSid", "RecordingSid", "RecordingStatus")
# Names of Twilio's that begin like one of ours and are not.
NEIGHBOURS = frozenset({"CallStatusDetails", "ErrorCodeDetails"})


class SignatureRefused(Exception):
    """A webhook is not to be believed; the text says why, without its content."""


@dataclass(frozen=True, slots=True)
class Heard:
    """A webhook that holds: which call it is about, and the news."""

    call_sid: str
    news: StatusNews | RecordingNews
    identity: str  # the same for the same news, for ever


def verified(
    url: str, headers: Mapping[str, str], body: bytes, tokens: Sequence[str]
) -> dict[str, str]:
    """The parameters of a webhook that one of the tokens has signed, each name once.

    `url` is the one it was asked to be sent to, with its query. Raises SignatureRefused.
    """
    try:
        return _verified(url, headers, body, tokens)
    except SignatureRefused:
        raise
    except Exception as error:  # the library raises many kinds for malformed input
        raise SignatureRefused(f"it is malformed ({type(error).__name__})") from error


def read_status(parameters: Mapping[str, str], account: str) -> Heard:
    """A status callback of `account`. Raises SignatureRefused."""
    found = _checked(parameters, STATUS_NEEDS, account)
    sid, sequence = found["CallSid"], found.get("SequenceNumber")
    news = StatusNews(
        status=found["CallStatus"],
        sequence=_number(sequence),
        seconds=_number(found.get("CallDuration")),
        answered_by=found.get("AnsweredBy"),
        sip_code=found.get("SipResponseCode"),
        error_code=found.get("ErrorCode"),
    )
    return Heard(sid, news, f"{account}/{sid}/status/{news.status}/{sequence or ''}")


def read_recording(parameters: Mapping[str, str], account: str) -> Heard:
    """A recording status callback of `account`. Raises SignatureRefused."""
    found = _checked(parameters, RECORDING_NEEDS, account)
    sid, recording = found["CallSid"], found["RecordingSid"]
    state: Any = found["RecordingStatus"]
    seconds = _number(found.get("RecordingDuration"))
    news = RecordingNews(
        sid=recording,
        state=state,
        channels=_number(found.get("RecordingChannels")),
        seconds=float(seconds) if seconds is not None else None,
        error_code=found.get("ErrorCode"),
    )
    return Heard(sid, news, f"{account}/{sid}/recording/{recording}/{state}")


def _verified(
    url: str, headers: Mapping[str, str], body: bytes, tokens: Sequence[str]
) -> dict[str, str]:
    from twilio.request_validator import RequestValidator, get_signature_algorithm

    signature = headers.get(SIGNATURE)
    if not signature or not signature.isascii():
        raise SignatureRefused(f"{SIGNATURE} is missing or malformed")
    if not tokens:
        raise SignatureRefused("TWILIO_AUTH_TOKEN is not set")
    algorithm = get_signature_algorithm(headers.get(SETTINGS))
    is_json = headers.get("Content-Type", "").partition(";")[0].strip() == "application/json"
    text = body.decode()
    if is_json and len(parse_qs(urlsplit(url).query).get("bodySHA256", [])) != 1:
        raise SignatureRefused("a JSON body needs bodySHA256 in the address")
    signed: Any = text if is_json else _Form(text)
    if not any(
        RequestValidator(token).validate(url, signed, signature, algorithm) for token in tokens
    ):
        raise SignatureRefused("no token of ours has signed it for this address")
    return _of_json(text) if is_json else signed.single()


class _Form(dict[str, list[str]]):
    """Form parameters with all their values, blank ones too, as Twilio's validator reads them."""

    def __init__(self, text: str) -> None:
        super().__init__()
        pairs = parse_qsl(
            text, keep_blank_values=True, strict_parsing=bool(text), max_num_fields=FIELDS_MOST
        )
        for name, value in pairs:
            self.setdefault(name, []).append(value)

    def getlist(self, name: str) -> list[str]:
        """Every value of a name."""
        return self[name]

    def single(self) -> dict[str, str]:
        """Each name with its one value; a name we use that has several is refused."""
        for name, values in self.items():
            if name in PATTERNS and len(values) != 1:
                raise SignatureRefused(f"{name} stands there {len(values)} times")
        return {name: values[0] for name, values in self.items()}


def _of_json(text: str) -> dict[str, str]:
    found = json.loads(text)
    if not isinstance(found, dict):
        raise SignatureRefused("the body is no object")
    return {str(name): str(value) for name, value in found.items()}


def _checked(parameters: Mapping[str, str], needs: Sequence[str], account: str) -> dict[str, str]:
    """The parameters we use, each of the right form; none of which could be a shifted one."""
    for name in parameters:
        if name not in PATTERNS and name not in NEIGHBOURS and _could_be_shifted(name):
            raise SignatureRefused("a parameter's name looks like a shifted one")
    found = {name: parameters[name] for name in PATTERNS if parameters.get(name)}
    for name in needs:
        if name not in found:
            raise SignatureRefused(f"{name} is missing")
    for name, value in found.items():
        if not PATTERNS[name].fullmatch(value):
            raise SignatureRefused(f"{name} is malformed")
    if found["AccountSid"] != account:
        raise SignatureRefused("it is about another account")
    return found


def _could_be_shifted(name: str) -> bool:
    """Whether a name is one of ours with characters of its value, or without its last ones."""
    return any(name.startswith(ours) or ours.startswith(name) for ours in PATTERNS)


def _number(text: str | None) -> int | None:
    return int(text) if text else None
