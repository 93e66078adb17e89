"""Small units of every line, held in memory, and what can be changed of each."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import dagster as dg

from pipeline_defs.domain.articles.drafts import SectionPlan
from pipeline_defs.domain.articles.models import Article, Section
from pipeline_defs.domain.calls.campaigns import Call, Campaign, Hypothesis, Question, Recording
from pipeline_defs.domain.calls.claims import GroundedClaim
from pipeline_defs.domain.keys import split_part
from pipeline_defs.domain.lectures.models import AssetState, Lecture, Segment
from pipeline_defs.domain.pages.models import Page
from pipeline_defs.domain.pages.requests import PageRequest
from pipeline_defs.domain.voice import Voice
from pipeline_defs.runtime.work import Made
from pipeline_defs.storage.models_in_use import models_in_use
from pipeline_defs_tests.domain.pages import samples
from pipeline_defs_tests.staleness.histories import History

PARTS = 3
NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)


class ArticleHistory(History):
    kind = "articles"
    fields = ("title", "focus", "voice")

    def change(self, field: str, part: int, value: str) -> None:
        if field == "voice":
            self.unit = replace(self.unit, voice=Voice(voice=value))
            return
        sections = list(self.unit.sections)
        section = sections[part - 1]
        sections[part - 1] = replace(section, plan=section.plan.model_copy(update={field: value}))
        self.unit = replace(self.unit, sections=tuple(sections))

    def finish(self, made: Made) -> None:
        if made.asset == "section_draft":
            sections = list(self.unit.sections)
            order = split_part(made.partition)[1]
            sections[order - 1] = replace(sections[order - 1], status="completed")
            self.unit = replace(self.unit, sections=tuple(sections))


class LectureHistory(History):
    kind = "lectures"
    fields = ("text", "picture", "heading", "style")

    def change(self, field: str, part: int, value: str) -> None:
        if field == "style":
            self.unit = replace(self.unit, style=Voice(voice=value))
            return
        segments = list(self.unit.segments)
        segments[part - 1] = replace(segments[part - 1], **{field: value})
        self.unit = replace(self.unit, segments=tuple(segments))

    def finish(self, made: Made) -> None:
        whole = made.partition == self.unit.id
        states = self.unit.assets if whole else self.unit.segment(made.partition).assets
        states[made.asset] = AssetState("ready", {})


class PageHistory(History):
    kind = "pages"
    fields = ("keywords", "brand_voice", "skip_quality", "price", "voice")

    def change(self, field: str, part: int, value: str) -> None:
        page = self.unit
        if field == "voice":
            self.unit = replace(page, voice=Voice(voice=value))
        elif field == "price":
            dearer = page.products[0].model_copy(update={"price": Decimal(part + len(value))})
            self.unit = replace(page, products=(dearer, *page.products[1:]))
        else:
            asked: dict[str, Any] = {
                "keywords": {"keywords": [value]},
                "brand_voice": {"brand_voice": value},
                "skip_quality": {
                    "options": page.request.options.model_copy(update={"skip_quality": part > 1})
                },
            }[field]
            self.unit = replace(page, request=page.request.model_copy(update=asked))

    def finish(self, made: Made) -> None:
        """Its versions are all there is."""


class CampaignHistory(History):
    kind = "campaigns"
    fields = ("said", "recording")

    def change(self, field: str, part: int, value: str) -> None:
        if field == "recording":
            self._call(part, recording=Recording(value, 2, 20.0))
        elif self.unit.calls[part - 1].extraction is not None:
            self.unit.claims[part] = (claim(value, part % 2 + 1),)

    def finish(self, made: Made) -> None:
        if made.asset == "hypothesis_verdict":
            hypotheses = list(self.unit.hypotheses)
            order = split_part(made.partition)[1]
            verdict = {"status": made.data_version}
            hypotheses[order - 1] = replace(hypotheses[order - 1], verdict=verdict)
            self.unit = replace(self.unit, hypotheses=tuple(hypotheses))
        elif made.asset == "transcript":  # claims on another one are void
            order = split_part(made.partition)[1]
            self.unit.claims.pop(order, None)
            self._call(order, transcript={}, extraction=None)
        elif made.asset == "claims":
            order = split_part(made.partition)[1]
            self.unit.claims[order] = (claim(made.data_version, order % 2 + 1),)
            self._call(order, extraction={})

    def _call(self, order: int, **changes: Any) -> None:
        calls = list(self.unit.calls)
        calls[order - 1] = replace(calls[order - 1], **changes)
        self.unit = replace(self.unit, calls=tuple(calls))


HISTORIES = (ArticleHistory, LectureHistory, PageHistory, CampaignHistory)


def new(kind: type[History], instance: dg.DagsterInstance) -> History:
    """The history of a unit of which nothing is made yet."""
    units = {"articles": article, "lectures": lecture, "pages": page, "campaigns": campaign}
    return kind(units[kind.kind](), instance)


def article() -> Article:
    """Three sections, to be published as a draft."""
    own = "article-20261125-k7m2qx9c"
    return Article(
        id=own,
        status="completed",
        topic="Tides",
        language="en",
        sections_wanted=PARTS,
        outline_given=None,
        publish="none",
        voice=Voice(),
        title="Tides",
        sections=tuple(
            Section(own, n, SectionPlan(title=f"Part {n}"), "pending") for n in range(1, PARTS + 1)
        ),
        models=models_in_use(),
    )


def lecture() -> Lecture:
    """Three segments and music."""
    own = "lecture-20261125-k7m2qx9c"
    return Lecture(
        id=own,
        status="completed",
        topic="Tides",
        seconds=PARTS * 10,
        language="en",
        voice="warm",
        style=Voice(),
        music_tracks=1,
        images_per_segment=1,
        title="Tides",
        segments=tuple(
            Segment(own, n, f"Heading {n}", f"Sentence {n}.", f"A diagram of {n}", assets={})
            for n in range(1, PARTS + 1)
        ),
        models=models_in_use(),
    )


def page() -> Page:
    """A page of one product."""
    request = {
        "page_type": "category",
        "target_url": f"{samples.SHOP}/tents",
        "keywords": ["trekking tent"],
    }
    return Page(
        id="page-20261125-k7m2qx9c",
        status="completed",
        request=PageRequest.model_validate(request),
        voice=Voice(),
        products=(samples.tent(1),),
        models=models_in_use(),
    )


def campaign() -> Campaign:
    """Three calls that were recorded, two hypotheses."""
    own = "campaign-20261125-k7m2qx9c"
    calls = tuple(
        Call(
            *(own, n, f"+1202555013{n}", f"Person {n}", f"{n}", 1, "completed", NOW),
            settled=True,
            recording=Recording(f"RE{n}", 2, 20.0),
            recording_state="ready",
        )
        for n in range(1, PARTS + 1)
    )
    return Campaign(
        id=own,
        status="completed",
        title="Bread",
        goal="Find out.",
        language="en",
        consent="May I?",
        time_zone="UTC",
        quiet_hours=None,
        do_not_call=frozenset(),
        calls_per_minute=1,
        budget_usd=None,
        retries=0,
        retry_after_minutes=1,
        paused=False,
        hypotheses=(
            Hypothesis(own, 1, "Bread is liked.", "bread"),
            Hypothesis(own, 2, "Cake", "c"),
        ),
        checklist=(Question(1, "Do you like bread?", 1),),
        calls=calls,
        models=models_in_use(),
    )


def claim(quote: str, hypothesis: int) -> GroundedClaim:
    """Something that was said."""
    return GroundedClaim(1, quote, quote, 1.0, 2.0, 0, 2, hypothesis, None, "supports", 0.8, 0.9)
