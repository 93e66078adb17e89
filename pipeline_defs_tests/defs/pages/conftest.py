"""Pages at work: a real database, ledger and provider server, without Dagster."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest

from pipeline_defs.defs.pages.making import Making
from pipeline_defs.domain.pages.products import Product
from pipeline_defs.domain.pages.requests import PageRequest
from pipeline_defs.gateways.competitors.web import WebCompetitors
from pipeline_defs.gateways.keywords.service import ServiceKeywords
from pipeline_defs.runtime.driving import Assignment, Run
from pipeline_defs.settings import Settings
from pipeline_defs.storage import pages, products
from pipeline_defs.storage.database import Database
from pipeline_defs_tests.gateways.local_server import LOCAL_KEY, running_local_server
from pipeline_defs_tests.paging import product
from pipeline_defs_tests.runtime.conftest import (
    ORG,
    Workers,
    admin,  # noqa: F401 # fixtures that those of this file are made of
    db,  # noqa: F401
    redis,  # noqa: F401
    workers,  # noqa: F401
)


@pytest.fixture(scope="package")
def local_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The project's local provider server, run as the stack runs it."""
    with running_local_server(tmp_path_factory.mktemp("providers")) as url:
        yield url


class Providers:
    """Makes capabilities of the local provider server fail."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self._http = http

    async def fault(self, capability: str, times: int = 10, skip: int = 0, **action: Any) -> None:
        """The next requests of a capability go wrong."""
        rule = {"match": {"capability": capability}, "times": times, "skip": skip}
        rules = {"rules": [rule | {"action": action}]}
        (await self._http.put("/_control/faults", json=rules)).raise_for_status()

    async def heal(self) -> None:
        """Everything works again."""
        (await self._http.delete("/_control/faults")).raise_for_status()


@pytest.fixture
async def providers(local_url: str) -> AsyncIterator[Providers]:
    """The control of the local provider server; what it was told is over with the test."""
    bearer = {"Authorization": f"Bearer {LOCAL_KEY}"}
    async with httpx.AsyncClient(base_url=local_url, trust_env=False, headers=bearer) as http:
        yield (found := Providers(http))
        await found.heal()


@dataclass
class Shop:
    """Imports what a shop knows, and takes pages into work."""

    db: Database
    workers: Workers
    keywords: Any
    competitors: Any
    told: list[str] = field(default_factory=list)  # assets that were made

    async def imports(self, numbers: Sequence[int], **more: Any) -> None:
        """A feed comes from the shop."""
        feed = [Product.model_validate({**product(n), **more}) for n in numbers]
        await self.db.transact(
            ORG, lambda tx: products.import_products(tx, feed, "test", replace=False)
        )

    async def page(self, page_type: str = "category", **more: Any) -> Making:
        """A page in work."""
        asked = {"page_type": page_type, "target_url": "https://shop.example/tents", **more}
        request = PageRequest.model_validate(asked)
        page_id = await self.db.transact(ORG, lambda tx: pages.create(tx, request, "test"))
        return await Making.of(await self._assigned(page_id))

    async def _assigned(self, page_id: str) -> Assignment:
        resources: Any = SimpleNamespace(
            gateways=SimpleNamespace(keywords=self.keywords, competitors=self.competitors),
            settings=SimpleNamespace(studio_url="http://studio.example"),
        )
        no_dagster: Any = None
        reporter: Any = SimpleNamespace(made=self._made)
        run = Run(no_dagster, resources, reporter, fresh=False)
        return Assignment(run, await self.workers.on(page_id), (page_id,))

    async def _made(self, _work: Any, made: Any, **_: Any) -> None:
        self.told.append(made.asset)


@pytest.fixture
async def shop(
    db: Database,  # noqa: F811
    workers: Workers,  # noqa: F811
    local_url: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncIterator[Shop]:
    """A shop whose keyword service and competitors are those of the local provider server."""
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    settings = Settings(
        pipeline_state=tmp_path, keywords_base_url=local_url, keywords_api_key=LOCAL_KEY
    )
    async with (
        ServiceKeywords(settings) as keywords,
        WebCompetitors([local_url.removeprefix("http://")]) as competitors,
    ):
        yield Shop(db, workers, keywords, competitors)
