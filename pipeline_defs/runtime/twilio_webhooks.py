"""Takes Twilio's word on a call or a recording: checked, stored once for ever, applied, all in one
transaction. What cannot be applied yet is kept and tried again like any other event.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Literal

from pipeline_defs.domain.errors import Permanent
from pipeline_defs.gateways.endpoints import LOCAL_TWILIO_ACCOUNT, is_configured
from pipeline_defs.gateways.telephony import signatures
from pipeline_defs.gateways.telephony.signatures import Heard
from pipeline_defs.runtime import inbox
from pipeline_defs.runtime.arrivals import Arrival, Receipt
from pipeline_defs.runtime.call_events import ACTOR, named_call
from pipeline_defs.settings import Settings
from pipeline_defs.storage.database import Database

SOURCE = "twilio"
SIGNATURE, SETTINGS = signatures.SIGNATURE, signatures.SETTINGS  # headers
Kind = Literal["status", "recording"]


class Refused(Exception):
    """A webhook is not to be believed; the text says why."""


async def receive(
    database: Database,
    settings: Settings,
    kind: Kind,
    *,
    target: str,
    headers: Mapping[str, str],
    body: bytes,
) -> Receipt:
    """Store and apply a webhook; returns after the commit.

    `target`: path and query it was sent to; the rest of the address is the configured one. Raises
    `Refused`, Permanent `NOT_FOUND` where the address names no call, Transient
    `DATABASE_UNAVAILABLE`: then nothing is stored.
    """
    url = f"{(settings.public_base_url or settings.gateway_url).rstrip('/')}{target}"
    account, tokens = _account(settings)
    read = signatures.read_status if kind == "status" else signatures.read_recording
    try:
        parameters = signatures.verified(url, headers, body, tokens)
        heard = read(parameters, account)
    except signatures.SignatureRefused as error:
        raise Refused(str(error)) from error
    named = named_call(url)
    if named is None:
        raise Permanent("NOT_FOUND", "the address names no call")
    org_id, campaign_id, order, attempt = named
    arrival = Arrival(
        SOURCE,
        heard.identity,
        f"twilio/{kind}",
        _event(heard, f"{campaign_id}/{order:03d}", attempt, parameters),
        same=heard.identity.encode(),
    )
    return await inbox.receive(database, org_id, arrival, ACTOR)


def _event(heard: Heard, call: str, attempt: int, parameters: Mapping[str, str]) -> bytes:
    data = {
        "call": call,
        "attempt": attempt,
        "sid": heard.call_sid,
        "news": asdict(heard.news),
        "parameters": dict(parameters),
    }
    return json.dumps({"data": data}).encode()


def _account(settings: Settings) -> tuple[str, list[str]]:
    """Whose webhooks are believed, and the tokens that may have signed them."""
    if is_configured("twilio", settings):
        token, account = settings.twilio_auth_token, settings.twilio_account_sid or ""
    else:
        token, account = settings.local_providers_key, LOCAL_TWILIO_ACCOUNT
    return account, token.get_secret_value().split() if token else []
