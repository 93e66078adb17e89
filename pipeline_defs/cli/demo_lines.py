"""What the demo makes: one unit of every line. A new line adds an entry to `DEMOS`.

A demo's Idempotency-Key names it and its request, so a second run finds the work of the first.
"""

from __future__ import annotations

import hashlib
import json
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib.resources import files
from typing import Any

from pipeline_defs.cli.client import Api
from pipeline_defs.cli.live import wait_for
from pipeline_defs.cli.outcome import WORDS
from pipeline_defs.cli.output import Output
from pipeline_defs.cli.unit_argument import UnitRef
from pipeline_defs.domain.states import FINAL_STATES


@dataclass(frozen=True, slots=True)
class Demo:
    """One line's demo, and what gives the body of the request that creates it."""

    name: str
    kind: str
    request: Callable[[], Mapping[str, Any]]

    def key(self, *, fresh: bool) -> str:
        """Idempotency-Key: the same for the same demo, another one each time with `fresh`."""
        text = json.dumps(self.request(), sort_keys=True)
        key = f"demo-{self.kind}-{hashlib.sha256(text.encode()).hexdigest()[:12]}"
        return f"{key}-{uuid.uuid4().hex[:8]}" if fresh else key


def _campaign() -> Mapping[str, Any]:
    """The campaign whose contacts live in the local telephone exchange."""
    import yaml

    package = files("pipeline_defs.local.providers.telephone")
    return yaml.safe_load(package.joinpath("campaign.yaml").read_text("utf-8"))


DEMOS = (
    Demo(
        "Article with six sections, published as a draft",
        "articles",
        lambda: {"topic": "How photosynthesis works", "sections": 6, "publish": "draft"},
    ),
    Demo(
        "Narrated lecture of one minute",
        "lectures",
        lambda: {"topic": "How volcanoes work", "minutes": 1},
    ),
    Demo("Campaign of twelve phone interviews", "campaigns", _campaign),
)


def make_demos(
    api: Api, output: Output, demos: Sequence[Demo], *, fresh: bool
) -> list[dict[str, Any]]:
    """Create all demos at once, then show each to its end; what became of them."""
    began = time.monotonic()
    created = [_create(api, demo, fresh=fresh) for demo in demos]
    return [
        _finish(api, output, demo, document, began)
        for demo, document in zip(demos, created, strict=True)
    ]


def _create(api: Api, demo: Demo, *, fresh: bool) -> dict[str, Any]:
    """The unit of a demo as it is at once: completed if an earlier demo has made it."""
    accepted = api.send(
        "POST", f"/v1/{demo.kind}", demo.request(), idempotency_key=demo.key(fresh=fresh)
    )
    return api.get(UnitRef(demo.kind, accepted["id"]).path)


def _finish(
    api: Api, output: Output, demo: Demo, document: dict[str, Any], began: float
) -> dict[str, Any]:
    unit = UnitRef(demo.kind, document["id"])
    reused = document["status"] == "completed"
    if not reused:
        again = document["status"] in FINAL_STATES  # an earlier demo failed or was cancelled
        if again:
            api.send("POST", f"{unit.path}/resume")
        output.say(f"{demo.name}: {unit.id}")
        document = wait_for(api, unit, output, title=document["title"], from_now=again)
    seconds = _lifetime(document) if reused else time.monotonic() - began
    return {
        "demo": demo.name,
        "id": unit.id,
        "kind": unit.kind,
        "status": document["status"],
        "reused": reused,
        "seconds": round(seconds, 1),
        "cost_usd": document["cost_usd"],
        "error": document["error"],
        "links": {name: api.absolute(link) for name, link in document["links"].items()},
        **WORDS[unit.kind].facts(document),
    }


def _lifetime(document: Mapping[str, Any]) -> float:
    """Seconds from the creation of a unit to its last change."""
    ends = (datetime.fromisoformat(document[name]) for name in ("created_at", "updated_at"))
    created, updated = ends
    return (updated - created).total_seconds()
