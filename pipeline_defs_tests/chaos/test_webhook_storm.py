"""Five hundred webhooks while the gateway dies twice and Postgres once: each call in its one state.

Fifty calls are told five things each, twice, in any order; five of a hundred are forged. Whoever
tells tries again until it is answered 2xx, as it may after an answer that got lost.
"""

from __future__ import annotations

import random
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from threading import Event

import httpx
import pytest
from twilio.request_validator import RequestValidator

from pipeline_defs.gateways.endpoints import LOCAL_TWILIO_ACCOUNT
from pipeline_defs_tests.journey import Journey
from pipeline_defs_tests.product import ProductStack

CALLS, FORGED, AT_ONCE = 50, 25, 20
KILLS = (("gateway", 0.2), ("postgres", 0.45), ("gateway", 0.7))  # after this share is told
PATIENCE = 120.0  # seconds for one webhook; a limit, no measurement
TALK: tuple[tuple[str, dict[str, str]], ...] = (
    ("status", {"CallStatus": "initiated", "SequenceNumber": "0"}),
    ("status", {"CallStatus": "ringing", "SequenceNumber": "1"}),
    ("status", {"CallStatus": "in-progress", "SequenceNumber": "2", "AnsweredBy": "human"}),
    ("status", {"CallStatus": "completed", "SequenceNumber": "3", "CallDuration": "21"}),
    ("recording", {"RecordingStatus": "completed", "RecordingChannels": "2",
                   "RecordingDuration": "20"}),
)  # fmt: skip


@dataclass(frozen=True)
class Webhook:
    """What is told of a call."""

    order: int
    kind: str
    told: dict[str, str]
    forged: bool = False


def test_a_storm_of_webhooks_leaves_each_call_in_its_one_state(product: ProductStack) -> None:
    with Journey(product) as user:
        campaign = placed(user)
        storm = webhooks()
        assert len(storm) == 10 * CALLS + FORGED
        codes = told(user, campaign, storm)
        assert {codes[n] for n, one in enumerate(storm) if one.forged} == {403}
        assert {codes[n] for n, one in enumerate(storm) if not one.forged} == {204}
        state = "select count(*) from app.calls where campaign_id = %s and status = 'completed'"
        assert user.sql(f"{state} and seconds = 21 and sid like 'CA%%'", campaign) == CALLS
        recordings = "select count(distinct recording_sid) from app.calls where campaign_id = %s"
        assert user.sql(recordings, campaign) == CALLS
        stored = "select count(*) from app.inbox where source = 'twilio' and unit_id = %s"
        assert user.sql(stored, campaign) == len(TALK) * CALLS, "once each, none forged"
        assert "refused" in httpx.get(f"{product.gateway_url}/metrics").text
        user.post(campaign, "cancel").raise_for_status()


def placed(user: Journey) -> str:
    """A campaign at night, whose calls were ordered the moment before it fell."""
    hour = datetime.now(UTC)
    quiet = {
        "start": f"{hour - timedelta(hours=1):%H:%M}",
        "end": f"{hour + timedelta(hours=2):%H:%M}",
    }
    body = {
        "title": "A storm",
        "goal": "Survive it.",
        "consent": "May I ask you a question?",
        "time_zone": "UTC",
        "quiet_hours": quiet,
        "hypotheses": [{"text": "People like bread.", "field": "bread"}],
        "checklist": [{"question": "Do you like bread?", "hypothesis": 1}],
        "contacts": [{"phone": f"+120255501{n:02d}"} for n in range(CALLS)],
    }
    answer = user.api.post("/v1/campaigns", json=body)
    assert answer.status_code == 202, answer.text
    campaign = answer.json()["id"]
    user.sql(
        "update app.calls set intended_at = now(), dialled_at = now() where campaign_id = %s",
        campaign,
    )
    return campaign


def webhooks() -> list[Webhook]:
    """All of them, in one fixed disorder."""
    true = [
        Webhook(
            order,
            kind,
            {**what, "RecordingSid": f"RE{order:032x}"} if kind == "recording" else what,
        )
        for order in range(1, CALLS + 1)
        for kind, what in TALK
    ]
    forged = [
        Webhook(order, "status", {"CallStatus": "failed", "SequenceNumber": "9"}, forged=True)
        for order in range(1, FORGED + 1)
    ]
    every = [*true, *true, *forged]
    random.Random(5).shuffle(every)
    return every


def told(user: Journey, campaign: str, storm: list[Webhook]) -> list[int]:
    """The answers to each, while processes die."""
    base, key = user.product.gateway_url, user.product.settings["LOCAL_PROVIDERS_KEY"]
    due = {int(share * len(storm)): name for name, share in KILLS}
    killed = Event()
    with ThreadPoolExecutor(AT_ONCE) as pool, httpx.Client(timeout=10) as client:

        def tell(number: int) -> int:
            if number in due:
                user.product.signal(due[number], signal.SIGKILL)
                killed.set()
            return sent(client, base, key, campaign, storm[number])

        codes = list(pool.map(tell, range(len(storm))))
    assert killed.is_set()
    return codes


def sent(client: httpx.Client, base: str, key: str, campaign: str, one: Webhook) -> int:
    """The final answer: what is told to come back, or is not answered, comes back."""
    target = f"/webhooks/twilio/{one.kind}?org=default&call={campaign}%2F{one.order:03d}&attempt=1"
    about = {"AccountSid": LOCAL_TWILIO_ACCOUNT, "CallSid": f"CA{one.order:032x}", **one.told}
    token = "somebody else's" if one.forged else key
    signature = RequestValidator(token).compute_signature(base + target, about)
    give_up = time.monotonic() + PATIENCE
    while True:
        try:
            answer = client.post(
                base + target, data=about, headers={"X-Twilio-Signature": signature}
            )
            if answer.status_code < 500:
                return answer.status_code
        except httpx.TransportError:
            pass
        if time.monotonic() > give_up:
            pytest.fail(f"nobody answers {one}")
        time.sleep(0.5)
