"""What people ask for in a day, while providers fail and workers die."""

from __future__ import annotations

import signal
import time
from importlib.resources import files
from typing import Any

import yaml

from pipeline_defs_tests.journey import Journey
from pipeline_defs_tests.week.looks import working_runs
from pipeline_defs_tests.week.world import World

# what a campaign hears has to be what was said, so listening is real; and so is speech, as a file
# that is damaged must be of one lecture alone: what is ready-made is the same file in all
QUICK = {"image": 0.05, "video": 0.1, "music": 0.05}
TOPICS = ("Coffee", "Black holes", "Photosynthesis", "Bees", "The Moon", "Bread", "Volcanoes")
SENTENCE = "This is segment {n} of what {who} asked for on day {day}, and it is a short one."
NEW_TEXT = "On day {day} somebody wanted other words here, and they are as short as the others."
PEOPLE = ("Ada", "Bruno", "Dmitri", "Karim")
CAMPAIGN_DAYS = (1, 4)
GATEWAY_DIES, POSTGRES_DIES = 2, 0  # of every three days
PAGES = 6
AT_REST = 6.0  # seconds without a run: nobody is about to start one
PATIENCE = 400.0  # seconds for a day's work; a limit, no measurement
FAULTS: tuple[dict[str, Any], ...] = (
    {"match": {"path_regex": "/(images|audio|videos|music|chat|responses|embeddings)"},
     "action": {"status": 503}, "probability": 0.1, "seed": 1},
    {"match": {"path_regex": "/(images|audio|videos|music|chat|responses|embeddings)"},
     "action": {"status": 429}, "probability": 0.1, "seed": 2},
    {"match": {"capability": "image"}, "action": {"refusal": True}, "times": 1},
    {"match": {"capability": "speech"}, "action": {"lost_answer": True}, "times": 1},
    {"match": {"capability": "telephony-webhook", "body_contains": "ringing"},
     "action": {"duplicate": True}},
)  # fmt: skip


def morning(world: World, user: Journey, day: int) -> None:
    """Something of every line is ordered; in the midst of it processes die."""
    user.providers.put("/_control/latency", json=QUICK).raise_for_status()
    user.faults(*FAULTS)
    user.create(TOPICS[day % len(TOPICS)], sections=2)
    for who in ("Ada", "Bruno"):
        script = [SENTENCE.format(n=n, who=who, day=day) for n in (1, 2)]
        user.lecture(script=script, minutes=2 / 6, title=f"{who}, day {day}", music_tracks=0)
    for number in range(PAGES):
        user.page(target_url=f"https://shop.example/tents-{day}-{number}")
    if day in CAMPAIGN_DAYS:
        _campaign(user)
    time.sleep(4)
    world.product.signal("worker", signal.SIGKILL)
    if day % 3 == GATEWAY_DIES:
        world.product.signal("gateway", signal.SIGKILL)
    if day % 3 == POSTGRES_DIES:
        world.postgres.kill()
        world.postgres.start()
    rest(world)
    user.faults()


def afternoon(world: World, user: Journey, day: int) -> None:
    """Somebody changes a segment and leaves it; a file is damaged; a unit is cancelled."""
    lectures = [u for u in _units(user, "lectures") if u["status"] in ("completed", "incomplete")]
    changed, damaged = lectures[0]["id"], lectures[1]["id"]
    body = {"text": NEW_TEXT.format(day=day)}
    user.api.patch(f"/v1/lectures/{changed}/segments/1", json=body).raise_for_status()
    _damage(world, user.unit(damaged))
    late = user.lecture(
        script=[SENTENCE.format(n=1, who="Karim", day=day)], minutes=1 / 6, music_tracks=0
    )
    user.post(late, "cancel").raise_for_status()
    rest(world)


def rest(world: World) -> None:
    """Wait until nothing has run for a while."""
    give_up = time.monotonic() + PATIENCE
    since: float | None = None
    while True:
        now = time.monotonic()
        working = working_runs(world)
        since = None if working else (since if since is not None else now)
        if since is not None and now - since >= AT_REST:
            return
        assert now < give_up, f"the day's work does not end: {working}"
        time.sleep(1)


def _campaign(user: Journey) -> None:
    package = files("pipeline_defs.local.providers.telephone")
    request = yaml.safe_load(package.joinpath("campaign.yaml").read_text("utf-8"))
    request["contacts"] = [c for c in request["contacts"] if c["name"] in PEOPLE]
    user.api.post("/v1/campaigns", json=request).raise_for_status()


def _units(user: Journey, kind: str) -> list[dict[str, Any]]:
    return user.api.get(f"/v1/{kind}").raise_for_status().json()["items"]


def _damage(world: World, lecture: dict[str, Any]) -> None:
    """Flip a bit of its first narration."""
    sha = lecture["segments"][0]["assets"]["segment_narration"]["url"].rsplit("/", 1)[1]
    stored = world.product.state / "blobs" / sha[:2] / sha[2:4] / sha
    whole = stored.read_bytes()
    stored.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
