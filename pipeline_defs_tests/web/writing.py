"""Plays the worker in tests: writes sections, assembles articles, through the storage functions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from psycopg.types.json import Jsonb

from pipeline_defs.domain.articles import recipe
from pipeline_defs.domain.articles.rendering import SectionText, assemble, section_html
from pipeline_defs.domain.kinds import booked_on, kind_of
from pipeline_defs.runtime import control
from pipeline_defs.runtime.lines import ARTICLE_LINE
from pipeline_defs.storage import articles, units
from pipeline_defs.storage.database import Transaction
from pipeline_defs.storage.models_in_use import models_in_use


@dataclass(frozen=True)
class Text:
    """What a section is to say, and the source it cites."""

    title: str
    paragraphs: tuple[str, ...]
    sentence: str
    quote: str
    source_title: str
    url: str = "https://example.org/a-source"

    @property
    def markdown(self) -> str:
        """The text with its citation."""
        return "\n\n".join((*self.paragraphs, f"{self.sentence}[@s1]"))

    @property
    def citations(self) -> list[dict[str, str]]:
        """The citation as it is stored."""
        return [
            {
                "source": "s1",
                "url": self.url,
                "title": self.source_title,
                "sentence": self.sentence,
                "quote": self.quote,
            }
        ]


async def plan(tx: Transaction, article_id: str, title: str, texts: list[Text]) -> None:
    """Begin and store an outline."""
    await control.begin(tx, ARTICLE_LINE, article_id, "queued")
    await tx.run("articles.set_outline", id=article_id, title=title, description="In short.")
    await tx.run("units.set_title", id=article_id, title=title)
    for order, text in enumerate(texts, start=1):
        await tx.run(
            "articles.add_section",
            article_id=article_id,
            section_order=order,
            title=text.title,
            focus="What matters first",
            key_points=Jsonb([]),
        )
    article = await articles.required(tx, article_id)
    await _made(tx, article_id, "article_outline", article_id, recipe.outline_inputs(article))
    await _advance(tx, article_id, "write_article_sections", "The outline stands")


async def start_section(tx: Transaction, article_id: str, order: int) -> None:
    """Put a section in work."""
    await articles.set_section_status(tx, article_id, order, "researching")
    await _advance(tx, article_id, "write_article_sections", f"Researching section {order}")


async def write_section(tx: Transaction, article_id: str, order: int, text: Text) -> None:
    """Finish a section that was started."""
    await articles.set_section_status(tx, article_id, order, "researched")
    await articles.set_section_status(tx, article_id, order, "writing")
    key = f"{article_id}/{order:02d}"
    article = await articles.required(tx, article_id)
    research = recipe.research_inputs(article, order)
    await _made(tx, article_id, "section_research", key, research)
    draft = recipe.draft_inputs(article, order, "made")
    await _made(tx, article_id, "section_draft", key, draft)
    await tx.run(
        "articles.store_draft",
        article_id=article_id,
        section_order=order,
        markdown=text.markdown,
        html=section_html(text.markdown),
        summary="",
        citations=Jsonb(text.citations),
        word_count=sum(len(p.split()) for p in text.paragraphs),
        served_by="local extractive writer",
    )
    await articles.set_section_status(tx, article_id, order, "completed")
    await _advance(tx, article_id, "write_article_sections", f"Section {order} is written")


async def fail_section(tx: Transaction, article_id: str, order: int, error: dict[str, Any]) -> None:
    """A started section fails."""
    await articles.set_section_status(tx, article_id, order, "failed", error)


async def assemble_article(tx: Transaction, article_id: str, texts: list[Text]) -> None:
    """Assemble and complete."""
    article = await articles.required(tx, article_id)
    parts = [
        SectionText(text.title, text.markdown, {"s1": (text.url, text.source_title)})
        for text in texts
    ]
    edition = assemble(article.title or "", article.description or "", parts, article.language)
    await tx.run(
        "articles.add_edition",
        article_id=article_id,
        data_version="made",
        title=edition.title,
        markdown=edition.markdown,
        html=edition.html,
        bibliography=Jsonb(
            [{"number": r.number, "url": r.url, "title": r.title} for r in edition.bibliography]
        ),
        word_count=edition.word_count,
    )
    await _made(tx, article_id, "article", article_id, recipe.manuscript_version(article))
    await control.finish(tx, ARTICLE_LINE, article_id, "completed")


async def spend(
    tx: Transaction, unit_id: str, step: str, usd: float, part: str = "01", capability: str = "text"
) -> None:
    """A paid call."""
    kind = kind_of(unit_id)
    assert kind is not None
    await tx.each(
        "usage.add",
        unit_id=unit_id,
        kind=kind.name,
        asset=booked_on(kind.name, step),
        partition=f"{unit_id}/{part}",
        step=step,
        capability=capability,
        provider="local",
        model="a local model",
        input_tokens=1200,
        output_tokens=400,
        quantity=0,
        quantity_unit="",
        cost_usd=usd,
        cost_source="computed",
        idempotency_key=f"{unit_id}-{part}-{step}",
    )


async def _made(
    tx: Transaction, article_id: str, asset: str, partition: str, input_hash: str
) -> None:
    article = await articles.required(tx, article_id)
    await tx.each(
        "assets.put",
        unit_id=article_id,
        asset=asset,
        partition=partition,
        data_version="made",
        code_version=recipe.MAKERS[asset].version(models_in_use()),
        input_hash=input_hash,
        input_versions=recipe.sources_of(article, asset, partition),
        metadata={},
        cost_usd=0,
        run_id="0b6c6f0a-5a0e-4c57-9d5c-2f0f6a1c7e11",
    )


async def _advance(tx: Transaction, article_id: str, stage: str, message: str) -> None:
    await ARTICLE_LINE.count(tx, article_id, stage)
    units.append_progress(
        tx,
        article_id,
        stage=stage,
        outcome="started",
        message=message,
        percentage=None,
    )
