"""What webhooks of a call say, field by field as Twilio sends them."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import format_datetime

from pipeline_defs.gateways.endpoints import LOCAL_TWILIO_ACCOUNT
from pipeline_defs.local.providers.telephone.ledger import PhoneCall

EVENTS = {"initiated": "initiated", "ringing": "ringing", "in-progress": "answered"}  # by status
API = "https://api.twilio.com"  # where recordings are said to be: whoever fetches knows better
VERSION = "2010-04-01"
MINUTE = 60


def status_event(status: str) -> str:
    """The event by whose name a status is subscribed to; every end of a call is `completed`."""
    return EVENTS.get(status, "completed")


def of_status(call: PhoneCall, status: str, sequence: int) -> dict[str, str]:
    """A status callback."""
    fields = {
        "AccountSid": LOCAL_TWILIO_ACCOUNT,
        "ApiVersion": VERSION,
        "CallbackSource": "call-progress-events",
        "CallSid": call.sid,
        "CallStatus": status,
        "Called": call.callee,
        **_place("Called"),
        "Caller": call.caller,
        **_place("Caller"),
        "Direction": "outbound-api",
        "From": call.caller,
        **_place("From"),
        "SequenceNumber": str(sequence),
        "Timestamp": rfc2822(datetime.now(UTC).isoformat()),
        "To": call.callee,
        **_place("To"),
    }
    if call.answered_by:
        fields["AnsweredBy"] = call.answered_by
    if call.is_over:
        minutes = -(-call.seconds // MINUTE)
        fields |= {"CallDuration": str(call.seconds), "Duration": str(minutes)}
    if call.sip_code:
        fields["SipResponseCode"] = call.sip_code
    return fields


def of_recording(call: PhoneCall, status: str) -> dict[str, str]:
    """A recording status callback."""
    fields = {
        "AccountSid": LOCAL_TWILIO_ACCOUNT,
        "CallSid": call.sid,
        "RecordingSid": call.recording_sid,
        "RecordingUrl": f"{API}/{VERSION}/Accounts/{LOCAL_TWILIO_ACCOUNT}"
        f"/Recordings/{call.recording_sid}",
        "RecordingStatus": status,
        "RecordingChannels": str(call.channels),
        "RecordingStartTime": rfc2822(call.answered),
        "RecordingSource": "OutboundAPI",
        "RecordingTrack": "both",
    }
    if status == "completed":
        fields["RecordingDuration"] = str(round(call.recording_seconds))
    if call.recording_error:
        fields["ErrorCode"] = call.recording_error
    return fields


def rfc2822(moment: str) -> str:
    """A time of the table as Twilio writes it."""
    return format_datetime(datetime.fromisoformat(moment))


def _place(whose: str) -> dict[str, str]:
    """Where a number is: fields that Twilio always sends, mostly empty. It is not looked up."""
    return {f"{whose}{what}": "" for what in ("City", "State", "Zip", "Country")}
