"""Twilio's REST API in front of the local telephone exchange: calls and recordings."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any

from pydantic import Field

from pipeline_defs.gateways.endpoints import LOCAL_TWILIO_ACCOUNT
from pipeline_defs.local.providers.server.shapes import ApiError
from pipeline_defs.local.providers.server.work import Answer, Bill, Body, Request
from pipeline_defs.local.providers.telephone.ledger import PhoneCall
from pipeline_defs.local.providers.telephone.people import person_of
from pipeline_defs.local.providers.telephone.switchboard import Switchboard
from pipeline_defs.local.providers.telephone.talking import BadTwiml, parse

MODEL = "local-telephone-exchange"
PAGE_MOST = 1000
ENDED = {"completed", "canceled"}


class _Order(Body):
    To: str = ""
    From: str = ""
    Twiml: str = ""
    StatusCallback: str = ""
    RecordingStatusCallback: str = ""
    MachineDetection: str = ""


class _Change(Body):
    Status: str = Field(min_length=1)


class TwilioApi:
    """One account."""

    def __init__(self, switchboard: Switchboard) -> None:
        self._board = switchboard

    def create(self, request: Request) -> Answer:
        """`POST Calls.json`."""
        _own(request)
        order = request.parse(_Order)
        _must_be_callable(order)
        call = PhoneCall(
            sid=f"CA{secrets.token_hex(16)}",
            caller=order.From,
            callee=order.To,
            twiml=order.Twiml,
            status_callback=order.StatusCallback,
            recording_callback=order.RecordingStatusCallback,
            machine_detection=int(bool(order.MachineDetection)),
        )
        stored = self._board.calls.add(call)
        self._board.take(stored)
        return Answer(_call(stored), Bill(quantity=1, unit="calls"), MODEL, status=201)

    def find(self, request: Request) -> Answer:
        """`GET Calls.json`."""
        _own(request)
        query = request.query
        since = query.get("StartTime>", query.get("StartTimeAfter", ""))[:10]
        most = min(int(query.get("PageSize", "50")), PAGE_MOST)
        found = self._board.calls.find(query.get("To", ""), query.get("From", ""), since, most)
        return Answer(_page("calls", [_call(call) for call in found]))

    def get(self, request: Request) -> Answer:
        """`GET Calls/{sid}.json`."""
        return Answer(_call(self._call(request)))

    def update(self, request: Request) -> Answer:
        """`POST Calls/{sid}.json`: hang up."""
        call = self._call(request)
        change = request.parse(_Change)
        if call.is_over or change.Status not in ENDED:
            raise ApiError(400, "21220", "Call is not in-progress. Cannot redirect.")
        return Answer(_call(self._board.calls.change(call.sid, status=change.Status)))

    def recordings(self, request: Request) -> Answer:
        """`GET Recordings.json` and `GET Calls/{sid}/Recordings.json`."""
        _own(request)
        sid = request.query.get("CallSid", request.parts.get("sid", ""))
        call = self._board.calls.get(sid)
        found = [_recording(call)] if call is not None and call.recording_sid else []
        return Answer(_page("recordings", found))

    def media(self, request: Request) -> Answer:
        """`GET Recordings/{sid}.wav`."""
        _own(request)
        call = self._board.calls.by_recording(request.parts["sid"])
        data = self._board.calls.bodies.get(call.recording) if call else None
        if data is None:
            raise ApiError(404, "20404", "The requested resource was not found")
        return Answer(data, media_type="audio/x-wav")

    def _call(self, request: Request) -> PhoneCall:
        _own(request)
        call = self._board.calls.get(request.parts["sid"])
        if call is None:
            raise ApiError(404, "20404", "The requested resource was not found")
        return call


def _own(request: Request) -> None:
    if request.parts.get("account") != LOCAL_TWILIO_ACCOUNT:
        raise ApiError(401, "20003", "Authenticate")


def _must_be_callable(order: _Order) -> None:
    if not order.To:
        raise ApiError(400, "21201", "No 'To' number is specified")
    if not order.From:
        raise ApiError(400, "21213", "No 'From' number is specified")
    digits = order.To.removeprefix("+")
    if not digits.isdigit() or person_of(order.To).behaviour == "invalid":
        raise ApiError(400, "21211", f"The 'To' number {order.To} is not a valid phone number.")
    try:
        parse(order.Twiml)
    except BadTwiml as error:
        raise ApiError(400, "21218", f"Invalid Twiml: {error}") from error


def _call(call: PhoneCall) -> dict[str, Any]:
    created = datetime.fromisoformat(call.created) if call.created else datetime.now(UTC)
    return {
        "sid": call.sid,
        "account_sid": LOCAL_TWILIO_ACCOUNT,
        "to": call.callee,
        "from": call.caller,
        "status": call.status,
        "duration": str(call.seconds) if call.is_over else None,
        "answered_by": call.answered_by or None,
        "direction": "outbound-api",
        "date_created": format_datetime(created),
        "date_updated": format_datetime(datetime.now(UTC)),
        "start_time": format_datetime(created),
        "price": None,
        "price_unit": "USD",
        "api_version": "2010-04-01",
        "uri": f"/2010-04-01/Accounts/{LOCAL_TWILIO_ACCOUNT}/Calls/{call.sid}.json",
    }


def _recording(call: PhoneCall) -> dict[str, Any]:
    return {
        "sid": call.recording_sid,
        "account_sid": LOCAL_TWILIO_ACCOUNT,
        "call_sid": call.sid,
        "status": "completed",
        "channels": 2,
        "duration": str(round(call.recording_seconds)),
        "error_code": None,
        "source": "OutboundAPI",
        "date_created": format_datetime(datetime.now(UTC)),
        "uri": f"/2010-04-01/Accounts/{LOCAL_TWILIO_ACCOUNT}/Recordings/{call.recording_sid}.json",
    }


def _page(name: str, rows: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        name: rows,
        "page": 0,
        "page_size": len(rows),
        "first_page_uri": "",
        "next_page_uri": None,
        "previous_page_uri": None,
        "uri": "",
        "start": 0,
        "end": max(0, len(rows) - 1),
    }
