"""A page with everything known about it, as read in one transaction."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from pipeline_defs.domain.pages.components import PageComponents
from pipeline_defs.domain.pages.decisions import Decision
from pipeline_defs.domain.pages.document import PageDocument
from pipeline_defs.domain.pages.facts import KeywordFigures, PageContext
from pipeline_defs.domain.pages.products import Product
from pipeline_defs.domain.pages.quality.findings import QualityReport
from pipeline_defs.domain.pages.requests import PageRequest
from pipeline_defs.domain.pages.stages import STAGE_NAMES, StageName, StageRecord
from pipeline_defs.domain.publications import Published
from pipeline_defs.domain.versions import AssetVersion
from pipeline_defs.domain.voice import Voice

KIND = "pages"
PAGE_CONTEXT = "page_context"
PAGE_COMPONENTS = "page_components"
PAGE = "page"
PAGE_PUBLICATION = "page_publication"


@dataclass(frozen=True, slots=True)
class Page:
    """`products` and `figures` are what the organization's data say today; `context` and
    `components` are what was made from what they said then. `as_of` is when the products were
    taken from the shop, today's. `draft`: what was assembled last and is not finished, with what
    the gate found in it. `published_as`: how it is out, if it is.
    """

    id: str
    status: str
    request: PageRequest
    voice: Voice
    products: tuple[Product, ...] = ()
    as_of: datetime | None = None
    figures: tuple[KeywordFigures, ...] = ()
    context: PageContext | None = None
    components: PageComponents | None = None
    document: PageDocument | None = None
    quality: QualityReport | None = None
    draft: PageDocument | None = None
    draft_quality: QualityReport | None = None
    decision: Decision | None = None
    published_as: Published | None = None
    stages: tuple[StageRecord, ...] = ()
    versions: Mapping[tuple[str, str], AssetVersion] = field(default_factory=dict)
    generations: Mapping[tuple[str, str], int] = field(default_factory=dict)
    models: Mapping[str, str] = field(default_factory=dict)  # in use: purpose to version
    has_unreported: bool = False

    def version(self, asset: str) -> AssetVersion | None:
        """The current result of an asset, if there is one."""
        return self.versions.get((asset, self.id))

    def generation(self, asset: str) -> int:
        """How often it was asked for anew."""
        return self.generations.get((asset, self.id), 0)

    def stage(self, name: StageName) -> StageRecord:
        """How a stage stands."""
        known = {record.name: record for record in self.stages}
        return known.get(name, StageRecord(name, "pending"))

    @property
    def all_stages(self) -> tuple[StageRecord, ...]:
        """All seven, in order."""
        return tuple(self.stage(name) for name in STAGE_NAMES)

    @property
    def brand_voice(self) -> str:
        """How the page is to sound: as asked for, else as the organization sounds."""
        own = self.voice
        wishes = [f"Do: {wish}" for wish in own.do] + [f"Don't: {wish}" for wish in own.dont]
        return self.request.brand_voice or " ".join([own.voice, *wishes])
