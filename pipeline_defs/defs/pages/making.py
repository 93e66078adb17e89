"""A page on its way through the stages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from pipeline_defs.defs.pages import previews
from pipeline_defs.domain.pages import recipe
from pipeline_defs.domain.pages.document import PageDocument
from pipeline_defs.domain.pages.models import Page
from pipeline_defs.domain.pages.quality.findings import QualityReport
from pipeline_defs.domain.versions import AssetVersion
from pipeline_defs.runtime.driving import Assignment
from pipeline_defs.runtime.work import Made, Store
from pipeline_defs.storage import pages


@dataclass(slots=True)
class Making:
    """The page as it stands, what its assets cost in this run, and the document on its way."""

    job: Assignment
    page: Page
    costs: dict[str, Decimal] = field(default_factory=dict)
    document: PageDocument | None = None
    report: QualityReport | None = None

    @classmethod
    async def of(cls, job: Assignment) -> Making:
        """The page of an assignment, as it is stored."""
        return cls(job, await job.work.transact(lambda tx: pages.required(tx, job.unit_id)))

    @property
    def assembled(self) -> PageDocument:
        """The document of this run."""
        if self.document is None:
            raise LookupError("the page is not assembled in this run")
        return self.document

    def spend(self, asset: str, cost: Decimal) -> None:
        """Put a call on the bill of an asset."""
        self.costs[asset] = self.costs.get(asset, Decimal(0)) + cost

    async def report_bridges(self) -> None:
        """Report what the page follows from, where its version is new."""
        told = recipe.bridge_versions(self.page)
        about = previews.bridges(self.page)
        for asset, version in told.items():
            known = self.page.version(asset)
            await self.job.bridge(asset, self.page.id, version, known, **about[asset])
        known = {(asset, self.page.id): AssetVersion(v, "", "", {}) for asset, v in told.items()}
        self.page = replace(self.page, versions={**self.page.versions, **known})

    async def keep(
        self, asset: str, data_version: str, metadata: Mapping[str, Any], put: Store
    ) -> None:
        """Store a finished asset and tell Dagster; the page knows of it from now on."""
        made = Made(
            asset,
            self.page.id,
            data_version=data_version,
            code_version=recipe.code_version(self.page, asset),
            input_hash=recipe.inputs_of(self.page, asset),
            inputs={
                needed: version.data_version
                for needed in recipe.NEEDS[asset]
                if (version := self.page.version(needed)) is not None
            },
            cost_usd=self.costs.get(asset, Decimal(0)),
            metadata=metadata,
        )
        stored = await self.job.work.store(made, put)
        await self.job.reporter.made(self.job.work, stored)
        version = AssetVersion(
            made.data_version, made.code_version, made.input_hash, dict(made.inputs)
        )
        versions = {**self.page.versions, (asset, self.page.id): version}
        self.page = replace(self.page, versions=versions)
