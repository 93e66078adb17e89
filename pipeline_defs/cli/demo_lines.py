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
from typing import Any, Protocol

from pipeline_defs.cli.batches import wait_for_batch
from pipeline_defs.cli.client import Api
from pipeline_defs.cli.live import wait_for
from pipeline_defs.cli.outcome import WORDS
from pipeline_defs.cli.output import Output
from pipeline_defs.cli.unit_argument import UnitRef
from pipeline_defs.domain.states import FINAL_STATES
from pipeline_defs.settings import get_settings

CSV = "text/csv"


class Demo(Protocol):
    """One line's demo."""

    def create(self, api: Api, *, fresh: bool) -> dict[str, Any]:
        """Ask for it; what there is at once: something finished if an earlier demo made it."""
        ...

    def finish(
        self, api: Api, output: Output, document: dict[str, Any], began: float
    ) -> dict[str, Any]:
        """Show it to its end; what became of it."""
        ...


@dataclass(frozen=True, slots=True)
class UnitDemo:
    """A unit, and what gives the body of the request that creates it."""

    name: str
    kind: str
    request: Callable[[], Mapping[str, Any]]

    def create(self, api: Api, *, fresh: bool) -> dict[str, Any]:
        """See `Demo`."""
        body = self.request()
        key = key_of(self.kind, json.dumps(body, sort_keys=True).encode(), fresh=fresh)
        accepted = api.send("POST", f"/v1/{self.kind}", body, idempotency_key=key)
        return api.get(UnitRef(self.kind, accepted["id"]).path)

    def finish(
        self, api: Api, output: Output, document: dict[str, Any], began: float
    ) -> dict[str, Any]:
        """See `Demo`."""
        unit = UnitRef(self.kind, document["id"])
        reused = document["status"] == "completed"
        if not reused:
            again = document["status"] in FINAL_STATES  # an earlier demo failed or was cancelled
            if again:
                api.send("POST", f"{unit.path}/resume")
            output.say(f"{self.name}: {unit.id}")
            document = wait_for(api, unit, output, title=document["title"], from_now=again)
        return result_of(api, self.name, self.kind, document, began, reused=reused)


@dataclass(frozen=True, slots=True)
class ShopDemo:
    """A batch of pages, with the product feed and search figures it is made from."""

    name: str

    def create(self, api: Api, *, fresh: bool) -> dict[str, Any]:
        """See `Demo`."""
        from pipeline_defs.local.shop import catalogue

        pictures = f"{get_settings().local_providers_url or 'http://localhost'}/shop/images"
        feed, rows = catalogue.products_csv(pictures), catalogue.pages_csv()
        api.upload("/v1/products", feed, CSV, {})
        api.upload("/v1/keywords", catalogue.keywords_csv(), CSV, {})
        key = key_of("batches", rows, fresh=fresh)
        name = {"name": f"{catalogue.NAME}: twelve pages"}
        accepted = api.upload("/v1/pages/batches", rows, CSV, name, idempotency_key=key)
        return api.get(accepted["links"]["self"])

    def finish(
        self, api: Api, output: Output, document: dict[str, Any], began: float
    ) -> dict[str, Any]:
        """See `Demo`."""
        reused = document["status"] == "completed"
        if not reused:
            output.say(f"{self.name}: {document['id']}")
            document = wait_for_batch(api, document["id"], output)
        return result_of(api, self.name, "batches", document, began, reused=reused)


def key_of(kind: str, request: bytes, *, fresh: bool) -> str:
    """Idempotency-Key: the same for the same demo, another one each time with `fresh`."""
    key = f"demo-{kind}-{hashlib.sha256(request).hexdigest()[:12]}"
    return f"{key}-{uuid.uuid4().hex[:8]}" if fresh else key


def _campaign() -> Mapping[str, Any]:
    """The campaign whose contacts live in the local telephone exchange: what they say is known."""
    import yaml

    from pipeline_defs.local.providers.telephone.scripts import scripted

    package = files("pipeline_defs.local.providers.telephone")
    return scripted(yaml.safe_load(package.joinpath("campaign.yaml").read_text("utf-8")))


DEMOS: tuple[Demo, ...] = (
    UnitDemo(
        "Article with six sections, published as a draft",
        "articles",
        lambda: {"topic": "How photosynthesis works", "sections": 6, "publish": "draft"},
    ),
    UnitDemo(
        "Narrated lecture of one minute",
        "lectures",
        lambda: {"topic": "How volcanoes work", "minutes": 1},
    ),
    ShopDemo("Batch of twelve pages from a shop's product feed"),
    UnitDemo("Campaign of twelve phone interviews", "campaigns", _campaign),
)


def make_demos(
    api: Api, output: Output, demos: Sequence[Demo], *, fresh: bool
) -> list[dict[str, Any]]:
    """Create all demos at once, then show each to its end; what became of them."""
    began = time.monotonic()
    created = [demo.create(api, fresh=fresh) for demo in demos]
    return [
        demo.finish(api, output, document, began)
        for demo, document in zip(demos, created, strict=True)
    ]


def result_of(
    api: Api, name: str, kind: str, document: dict[str, Any], began: float, *, reused: bool
) -> dict[str, Any]:
    """What the report tells of a finished demo."""
    seconds = _lifetime(document) if reused else time.monotonic() - began
    return {
        "demo": name,
        "id": document["id"],
        "kind": kind,
        "status": document["status"],
        "reused": reused,
        "seconds": round(seconds, 1),
        "cost_usd": document["cost_usd"] or 0.0,
        "error": document.get("error"),
        **WORDS[kind].facts(document),
        "links": {link: api.absolute(path) for link, path in document["links"].items()},
    }


def _lifetime(document: Mapping[str, Any]) -> float:
    """Seconds from the creation of a unit to its last change."""
    ended = document.get("completed_at") or document["updated_at"]
    created = datetime.fromisoformat(document["created_at"])
    return (datetime.fromisoformat(ended) - created).total_seconds()
