"""Twilio's REST API in front of the local telephone exchange: calls and recordings."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode, urlsplit

from pydantic import Field

from pipeline_defs.gateways.endpoints import LOCAL_TWILIO_ACCOUNT
from pipeline_defs.local.providers.prices import TELEPHONE_MINUTE_USD
from pipeline_defs.local.providers.server.shapes import ApiError
from pipeline_defs.local.providers.server.work import Answer, Bill, Body, Request
from pipeline_defs.local.providers.telephone.ledger import PhoneCall, Wanted, Wishes
from pipeline_defs.local.providers.telephone.news import VERSION, rfc2822
from pipeline_defs.local.providers.telephone.people import person_of
from pipeline_defs.local.providers.telephone.switchboard import Switchboard
from pipeline_defs.local.providers.telephone.talking import BadTwiml, in_one_channel, parse

MODEL = "local-telephone-exchange"
PAGE, PAGE_MOST = 50, 1000
ACCOUNT = f"/{VERSION}/Accounts/{LOCAL_TWILIO_ACCOUNT}"
ENDED = {"completed", "canceled"}


class _Order(Body):
    """The form of a call; a list where a name stands there more than once."""

    To: str = ""
    From: str = ""
    Twiml: str = ""
    Url: str = ""
    StatusCallback: str = ""
    StatusCallbackEvent: str | list[str] = "completed"
    StatusCallbackMethod: str = "POST"
    RecordingStatusCallback: str = ""
    RecordingStatusCallbackEvent: str | list[str] = "completed"
    RecordingStatusCallbackMethod: str = "POST"
    Record: bool = False
    RecordingChannels: str = "mono"
    RecordingTrack: str = "both"
    Trim: str = "trim-silence"
    TimeLimit: int = Field(default=14_400, ge=1)
    MachineDetection: str = ""

    def wishes(self) -> Wishes:
        """What it wants besides the call."""
        return Wishes(
            record=self.Record,
            channels=2 if self.RecordingChannels == "dual" else 1,
            trim=self.Trim != "do-not-trim",
            time_limit=self.TimeLimit,
            machine_detection=bool(self.MachineDetection),
            status_events=_names(self.StatusCallbackEvent),
            recording_events=_names(self.RecordingStatusCallbackEvent),
        )


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
        _must_be_known_here(order)
        call = PhoneCall(
            sid=f"CA{secrets.token_hex(16)}",
            caller=order.From,
            callee=order.To,
            twiml=order.Twiml,
            status_callback=order.StatusCallback,
            recording_callback=order.RecordingStatusCallback,
            wishes=order.wishes(),
        )
        stored = self._board.calls.add(call)
        self._board.take(stored)
        return Answer(_call(stored), Bill(quantity=1, unit="calls"), MODEL, status=201)

    def find(self, request: Request) -> Answer:
        """`GET Calls.json`."""
        _own(request)
        query = request.query
        exact = query.get("StartTime", "")
        wanted = Wanted(
            query.get("To", ""),
            query.get("From", ""),
            query.get("Status", ""),
            _day(query.get("StartTime>", exact)),
            _day(query.get("StartTime<", exact)),
        )
        size = min(_number(query, "PageSize", PAGE, least=1), PAGE_MOST)
        page = _number(query, "Page", 0, least=0)
        found = self._board.calls.find(wanted, size + 1, page * size)
        rows = [_call(call) for call in found[:size]]
        return Answer(_page("Calls", rows, query, page, size, is_last=len(found) <= size))

    def get(self, request: Request) -> Answer:
        """`GET Calls/{sid}.json`."""
        return Answer(_call(self._call(request)))

    def update(self, request: Request) -> Answer:
        """`POST Calls/{sid}.json`: hang up; `canceled` only before somebody answers."""
        call = self._call(request)
        status = request.parse(_Change).Status
        if status not in ENDED:
            raise ApiError(400, "20001", "Status has to be completed or canceled")
        if status == "canceled" and call.status == "in-progress":
            return Answer(_call(call))
        ended = self._board.hang_up(call)
        if ended is None:
            raise ApiError(400, "21220", "Call is not in-progress. Cannot redirect.")
        return Answer(_call(ended))

    def recordings(self, request: Request) -> Answer:
        """`GET Recordings.json` of a call, and `GET Calls/{sid}/Recordings.json`."""
        _own(request)
        sid = request.query.get("CallSid", request.parts.get("sid", ""))
        if not sid:
            raise ApiError(400, "20001", "the local exchange lists the recordings of one CallSid")
        call = self._board.calls.get(sid)
        found = [_recording(call)] if call is not None and call.recording_sid else []
        return Answer(_page("Recordings", found, request.query, 0, PAGE, is_last=True))

    def recording(self, request: Request) -> Answer:
        """`GET Recordings/{sid}.json`."""
        return Answer(_recording(self._recorded(request)))

    def media(self, request: Request) -> Answer:
        """`GET Recordings/{sid}.wav`, with one channel unless two are requested."""
        call = self._recorded(request)
        data = self._board.calls.bodies.get(call.recording)
        if data is None:
            raise _not_found(request)
        wanted = _number(request.query, "RequestedChannels", 1, least=1)
        if wanted > call.channels:
            raise ApiError(400, "20001", f"The recording has no file with {wanted} channels")
        sound = data if wanted == call.channels else in_one_channel(data)
        return Answer(sound, media_type="audio/x-wav")

    def daily_usage(self, request: Request) -> Answer:
        """`GET Usage/Records/Daily.json` of a category; `calls` holds what recordings cost too."""
        _own(request)
        query = request.query
        category = query.get("Category", "")
        first, last = _date(query, "StartDate"), _date(query, "EndDate")
        if category not in ("calls", "recordings") or (last - first).days >= PAGE_MOST:
            raise ApiError(400, "20001", "calls or recordings of fewer than 1000 days are told")
        minutes = self._board.calls.minutes(first.isoformat(), last.isoformat())
        records: list[dict[str, Any]] = []
        for number in range((last - first).days + 1):
            day = (first + timedelta(days=number)).isoformat()
            count = minutes.get(day, 0) if category == "calls" else 0
            records.append(
                {
                    "category": category,
                    "start_date": day,
                    "end_date": day,
                    "usage": str(count),
                    "usage_unit": "minutes",
                    "price": str(count * TELEPHONE_MINUTE_USD),
                    "price_unit": "usd",
                }
            )
        return Answer({"usage_records": records, "next_page_uri": None})

    def _call(self, request: Request) -> PhoneCall:
        _own(request)
        call = self._board.calls.get(request.parts["sid"])
        if call is None:
            raise _not_found(request)
        return call

    def _recorded(self, request: Request) -> PhoneCall:
        _own(request)
        call = self._board.calls.by_recording(request.parts["sid"])
        if call is None:
            raise _not_found(request)
        return call


def _own(request: Request) -> None:
    if request.parts.get("account") != LOCAL_TWILIO_ACCOUNT:
        raise ApiError(401, "20003", "Authenticate")


def _must_be_callable(order: _Order) -> None:
    """What Twilio refuses of an order."""
    if not order.To:
        raise ApiError(400, "21201", "No 'To' number is specified")
    if not order.From:
        raise ApiError(400, "21213", "No 'From' number is specified")
    if not _is_number(order.To) or person_of(order.To).behaviour == "invalid":
        raise ApiError(400, "21211", f"The 'To' number {order.To} is not a valid phone number.")
    if not _is_number(order.From):
        raise ApiError(400, "21212", f"The 'From' number {order.From} is not a valid phone number.")
    for address in (order.StatusCallback, order.RecordingStatusCallback):
        if address and not _is_address(address):
            raise ApiError(400, "21205", f"Url is not a valid URL: {address[:200]}")
    if not order.Twiml and not order.Url:
        raise ApiError(400, "21205", "Url parameter is required.")


def _must_be_known_here(order: _Order) -> None:
    """What the local exchange does not do."""
    if order.Url:
        raise ApiError(400, "20001", "the local exchange takes Twiml, and fetches no Url")
    if {order.StatusCallbackMethod, order.RecordingStatusCallbackMethod} != {"POST"}:
        raise ApiError(400, "20001", "the local exchange calls back with POST only")
    if order.RecordingTrack != "both":
        raise ApiError(400, "20001", "the local exchange records both tracks only")
    try:
        parse(order.Twiml)
    except BadTwiml as error:
        raise ApiError(400, "21218", f"Invalid Twiml: {error}") from error


def _is_number(text: str) -> bool:
    import phonenumbers

    try:
        number = phonenumbers.parse(text)
    except phonenumbers.NumberParseException:
        return False
    return phonenumbers.is_possible_number(number)


def _is_address(text: str) -> bool:
    try:
        parts = urlsplit(text)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def _names(given: str | list[str]) -> tuple[str, ...]:
    """Events, in one value or several."""
    return tuple(given.split() if isinstance(given, str) else " ".join(given).split())


def _number(query: Mapping[str, str], name: str, default: int, *, least: int) -> int:
    text = query.get(name, "") or str(default)
    if not text.isascii() or not text.isdigit() or len(text) > 9 or int(text) < least:
        raise ApiError(400, "20001", f"{name} has to be a number from {least}")
    return int(text)


def _date(query: Mapping[str, str], name: str) -> date:
    try:
        return date.fromisoformat(query.get(name, ""))
    except ValueError as error:
        raise ApiError(400, "20001", f"{name} has to be like 2026-11-26") from error


def _day(text: str) -> str:
    """The day of a time; Twilio filters by days."""
    if not text:
        return ""
    try:
        return date.fromisoformat(text[:10]).isoformat()
    except ValueError as error:
        raise ApiError(400, "20001", "StartTime has to be like 2026-11-26") from error


def _not_found(request: Request) -> ApiError:
    return ApiError(404, "20404", f"The requested resource {request.path} was not found")


def _call(call: PhoneCall) -> dict[str, Any]:
    base = f"{ACCOUNT}/Calls/{call.sid}"
    return {
        "sid": call.sid,
        "account_sid": LOCAL_TWILIO_ACCOUNT,
        "to": call.callee,
        "to_formatted": call.callee,
        "from": call.caller,
        "from_formatted": call.caller,
        "status": call.status,
        "duration": str(call.seconds) if call.is_over else None,
        "answered_by": call.answered_by or None,
        "direction": "outbound-api",
        "date_created": rfc2822(call.created),
        "date_updated": rfc2822(call.ended or call.answered or call.created),
        "start_time": rfc2822(call.answered) if call.answered else None,
        "end_time": rfc2822(call.ended) if call.ended else None,
        "price": None,
        "price_unit": "USD",
        "parent_call_sid": None,
        "phone_number_sid": None,
        "forwarded_from": None,
        "caller_name": None,
        "group_sid": None,
        "trunk_sid": None,
        "annotation": None,
        "queue_time": "0",
        "api_version": VERSION,
        "uri": f"{base}.json",
        "subresource_uris": {"recordings": f"{base}/Recordings.json"},
    }


def _recording(call: PhoneCall) -> dict[str, Any]:
    status = call.recording_status
    is_made = status == "completed"
    return {
        "sid": call.recording_sid,
        "account_sid": LOCAL_TWILIO_ACCOUNT,
        "call_sid": call.sid,
        "conference_sid": None,
        "status": status,
        "channels": call.channels,
        "track": "both",
        "duration": str(round(call.recording_seconds)) if is_made else None,
        "error_code": int(call.recording_error) if call.recording_error else None,
        "source": "OutboundAPI",
        "price": None,
        "price_unit": "USD",
        "encryption_details": None,
        "start_time": rfc2822(call.answered),
        "date_created": rfc2822(call.answered),
        "date_updated": rfc2822(call.ended or call.answered),
        "api_version": VERSION,
        "uri": f"{ACCOUNT}/Recordings/{call.recording_sid}.json",
        "media_url": f"{ACCOUNT}/Recordings/{call.recording_sid}",
    }


def _page(
    name: str,
    rows: list[dict[str, Any]],
    query: Mapping[str, str],
    page: int,
    size: int,
    *,
    is_last: bool,
) -> dict[str, Any]:
    def address(number: int) -> str:
        return f"{ACCOUNT}/{name}.json?{urlencode({**query, 'PageSize': size, 'Page': number})}"

    return {
        name.lower(): rows,
        "page": page,
        "page_size": size,
        "start": page * size,
        "end": page * size + max(0, len(rows) - 1),
        "uri": address(page),
        "first_page_uri": address(0),
        "next_page_uri": None if is_last else address(page + 1),
        "previous_page_uri": address(page - 1) if page else None,
    }
